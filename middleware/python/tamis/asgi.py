"""ASGI: Starlette, FastAPI and others, as a middleware around the application.

    app.add_middleware(TamisASGI, app_name='my_app')
"""
from __future__ import annotations

from typing import Any, Awaitable, Callable, MutableMapping, Optional

from .analytics import get_analytics
from .transport import Visitor
from .visit import Told, Visit, current
from .watch import Watch, clock

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

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
        watch = self._watch
        if scope["type"] != "http" or watch.excludes and watch.excluded(scope["path"]):
            await self.app(scope, receive, send)
            return
        request = _Request(watch, scope, send)
        token = current.set(request)
        try:
            await self.app(scope, receive, request.send)
        except Exception:
            request.status = 500
            raise
        finally:
            current.reset(token)
            watch.end(request, scope["method"], self._rule(scope, request.root), request.status, request.started,
                      request.content_type)

    def _rule(self, scope: Scope, root: str) -> Optional[str]:
        try:
            return self._route(scope) if self._route is not None else _rule(scope, root)
        except Exception as error:
            self._watch.failed(error)
            return None


class _Request(Visit):
    """A request under way."""

    __slots__ = ("scope", "respond", "root", "started", "status", "content_type")

    def __init__(self, watch: Watch, scope: Scope, respond: Send) -> None:
        self.watch, self.scope, self.respond = watch, scope, respond
        self.root: str = scope.get("root_path", "")  # routers make it longer
        self.status, self.content_type = 0, ""
        self.started = clock()

    def send(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            for name, value in message.get("headers", ()):
                if len(name) == 12 and name.lower() == b"content-type":
                    self.content_type = value.decode("latin-1")
        return self.respond(message)

    def told(self) -> Told:
        scope, headers = self.scope, dict(self.scope["headers"])
        host = headers.get(b"host") or (scope.get("server") or ("",))[0].encode()
        return (host, scope["path"].encode("utf-8", "replace"),
                scope.get("query_string", b"") if self.watch.query else None, headers.get(b"referer", b""))

    def visitor(self) -> Visitor:
        headers, proxies = dict(self.scope["headers"]), self.watch.proxies
        address: str = (self.scope.get("client") or ("",))[0]
        if proxies:
            address = proxies.client(address, headers.get(b"x-forwarded-for", b"").decode("latin-1"))
        return (address.encode("latin-1", "replace"), headers.get(b"user-agent", b""),
                headers.get(b"dnt") == b"1" or headers.get(b"sec-gpc") == b"1")


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
