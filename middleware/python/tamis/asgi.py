"""ASGI: Starlette, FastAPI and others, as a middleware around the application.

    app.add_middleware(TamisASGI, app_name='my_app')
"""
from __future__ import annotations

from typing import Any, Awaitable, Callable, Dict, MutableMapping, Optional

from .analytics import get_analytics
from .visit import current
from .watch import Watch, clock

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_WANTED = {b"host": "HTTP_HOST", b"user-agent": "HTTP_USER_AGENT", b"referer": "HTTP_REFERER", b"dnt": "HTTP_DNT",
           b"sec-gpc": "HTTP_SEC_GPC", b"x-forwarded-for": "HTTP_X_FORWARDED_FOR"}


class TamisASGI:
    """Counts the HTTP requests of `app`, and sends page views; other kinds of connections pass.

    route: tells the rule of a finished request from its scope ("/orders/{id}"; None: no route took it); the default
    knows Starlette's and FastAPI's. options: see Watch.
    """

    def __init__(self, app: Callable[..., Awaitable[Any]], app_name: str = "asgi", *,
                 route: Optional[Callable[[Scope], Optional[str]]] = None, **options: Any) -> None:
        self.app = app
        self._watch = Watch(get_analytics(app_name), **options)
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._watch.excluded(scope["path"]):
            await self.app(scope, receive, send)
            return
        watch, started, root = self._watch, clock(), scope.get("root_path", "")
        visit = watch.begin(scope["path"], scope.get("query_string", b"").decode("latin-1"), _headers(scope),
                            (scope.get("client") or ("",))[0], (scope.get("server") or ("",))[0])
        token = current.set(visit)
        status, content_type = 0, ""

        async def send_watched(message: Message) -> None:
            nonlocal status, content_type
            if message["type"] == "http.response.start":
                status = message["status"]
                for name, value in message.get("headers", ()):
                    if name.lower() == b"content-type":
                        content_type = value.decode("latin-1")
            await send(message)

        try:
            await self.app(scope, receive, send_watched)
        except Exception:
            status = 500
            raise
        finally:
            current.reset(token)
            watch.end(visit, scope["method"], self._rule(scope, root), status, started, content_type)

    def _rule(self, scope: Scope, root: str) -> Optional[str]:
        try:
            return self._route(scope) if self._route is not None else _rule(scope, root)
        except Exception as error:
            self._watch.failed(error)
            return None


def _headers(scope: Scope) -> Dict[str, str]:
    return {_WANTED[name]: value.decode("latin-1") for name, value in scope["headers"] if name in _WANTED}


def _rule(scope: Scope, root: str) -> Optional[str]:
    """What the router left in the scope: FastAPI its route, Starlette the endpoint only."""
    route = scope.get("route")
    if route is None and "endpoint" in scope:
        route = _route_of(scope)
    path: Optional[str] = getattr(route, "path", None)
    return None if path is None else scope.get("root_path", "")[len(root):] + path


def _route_of(scope: Scope) -> Any:
    """Of Starlette's last router, the route with this endpoint."""
    router = scope.get("router") or getattr(scope.get("app"), "router", None)
    return next((route for route in getattr(router, "routes", ())
                 if getattr(route, "endpoint", None) is scope["endpoint"]), None)
