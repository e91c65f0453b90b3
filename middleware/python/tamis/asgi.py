"""ASGI: Starlette, FastAPI and others, as a middleware around the application.

    app.add_middleware(TamisASGI, app_name='my_app')
"""
from __future__ import annotations

from typing import Any, Awaitable, Callable, Dict, MutableMapping, Optional, Tuple

from .analytics import get_analytics
from .transport import Visitor
from .visit import DNT, QUERY, Told, Visit, current
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
        request = _Request()  # filled here: a call of __init__() takes longer than all it would do
        request.watch, request.scope, request.respond = watch, scope, send
        request.root = scope.get("root_path", "")  # routers make it longer
        request.started = clock()
        token = current.set(request)
        app = self.app  # called as an attribute, it would be looked up as a method first
        try:
            await app(scope, receive, request.send)
        except Exception:
            request.status = 500
            raise
        finally:
            current.reset(token)
            watch.end(request, scope["method"], self._rule(scope, request.root), request.status, request.started,
                      request.content_type)

    def _rule(self, scope: Scope, root: str) -> Optional[str]:
        route = self._route
        try:
            return _rule(scope, root) if route is None else route(scope)
        except Exception as error:
            self._watch.failed(error)
            return None


class _Request(Visit):
    """A request under way."""

    scope: Scope
    respond: Send
    root: str
    started: float
    status = 0
    content_type = ""

    def send(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            for name, value in message.get("headers", ()):
                if name == b"content-type" or len(name) == 12 and name.lower() == b"content-type":
                    self.content_type = value.decode("latin-1")
                    break
        respond = self.respond
        return respond(message)

    def headers(self) -> Dict[bytes, bytes]:
        return dict(self.scope["headers"])

    def host(self, headers: Dict[bytes, bytes]) -> bytes:
        return headers.get(b"host") or (self.scope.get("server") or ("",))[0].encode()

    def path(self) -> bytes:
        return self.scope["path"].encode("utf-8", "replace")  # type: ignore[no-any-return]

    def address(self, headers: Dict[bytes, bytes]) -> bytes:
        proxies = self.watch.proxies
        address: str = (self.scope.get("client") or ("",))[0]
        if proxies.trusted:
            address = proxies.client(address, headers.get(b"x-forwarded-for", b"").decode("latin-1"))
        return address.encode("latin-1", "replace")

    def told(self) -> Told:
        headers = self.headers()
        query = self.scope.get("query_string", b"") if self.watch.query else None
        return self.host(headers), self.path(), query, headers.get(b"referer", b"")

    def visitor(self) -> Visitor:
        headers = self.headers()
        return (self.address(headers), headers.get(b"user-agent", b""),
                headers.get(b"dnt") == b"1" or headers.get(b"sec-gpc") == b"1")

    def page(self) -> Tuple[bytes, int]:
        scope, watch = self.scope, self.watch
        headers: Dict[bytes, bytes] = dict(scope["headers"])
        get, flags, query = headers.get, 0, b""
        if watch.query:
            flags, query = QUERY, scope.get("query_string", b"")
        if (b"dnt" in headers or b"sec-gpc" in headers) and b"1" in (get(b"dnt"), get(b"sec-gpc")):
            flags |= DNT
        return b"\0".join((get(b"host") or self.host(headers), query, get(b"referer", b""), self.address(headers),
                           get(b"user-agent", b""), scope["path"].encode("utf-8", "replace"))), flags


def _rule(scope: Scope, root: str) -> Optional[str]:
    """What the router left in the scope: FastAPI its route, Starlette the endpoint only."""
    route = scope.get("route")
    if route is None and "endpoint" in scope:
        route = _route_of(scope)
    path: Optional[str] = getattr(route, "path", None)
    longer: str = scope.get("root_path", "")
    return path if path is None or longer == root else longer[len(root):] + path


def _route_of(scope: Scope) -> Any:
    """Of Starlette's last router, the route with this endpoint."""
    router = scope.get("router") or getattr(scope.get("app"), "router", None)
    return next((route for route in getattr(router, "routes", ())
                 if getattr(route, "endpoint", None) is scope["endpoint"]), None)
