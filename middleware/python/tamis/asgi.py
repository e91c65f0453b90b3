"""ASGI: Starlette, FastAPI and others, as a middleware around the application.

    app.add_middleware(TamisASGI, app_name='my_app')
"""
from __future__ import annotations

from typing import Any, Awaitable, Callable, Dict, MutableMapping, Optional, Tuple

from .analytics import get_analytics
from .proxies import CHAINS
from .routers import Scope, Tree
from .transport import Visitor
from .visit import DNT, QUERY, Told, Visit, current, is_one
from .watch import Watch, clock
from .wsgi import path_template

TREES_MAX = 64

_CHAINS = tuple(name.encode() for name in CHAINS)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class TamisASGI:
    """Counts the HTTP requests of `app`, and sends page views; other kinds of connections pass.

    A request ends with the last part of its answer: what the application does afterwards is no part of it.
    route: tells the rule of a request from its scope ("/orders/{id}"; None: no route took it). Without it the rule is
    what Starlette and FastAPI have found, else made of the path. options: see Watch.
    """

    def __init__(self, app: Callable[..., Awaitable[Any]], app_name: str = "asgi", *,
                 route: Optional[Callable[[Scope], Optional[str]]] = None, **options: Any) -> None:
        self.app = app
        self._watch = Watch(get_analytics(app_name), **options)
        self._route = route
        self._trees: Dict[int, Tree] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        watch = self._watch
        if scope["type"] != "http" or watch.excludes and watch.excluded(scope["path"]):
            await self.app(scope, receive, send)
            return
        request = _Request()  # filled here: a call of __init__() takes longer than all it would do
        request.middleware, request.watch, request.scope, request.respond = self, watch, scope, send
        request.local, request.root = scope["path"], scope.get("root_path", "")  # mounts change both
        request.started = clock()
        token = current.set(request)
        app = self.app  # called as an attribute, it would be looked up as a method first
        try:
            await app(scope, receive, request.send)
        except Exception:
            request.end(500)
            raise
        finally:
            current.reset(token)
            request.end(request.status)

    def rule(self, request: "_Request", status: int) -> Optional[str]:
        """What a request counts under, now that it is answered; None: no route took it."""
        scope, route = request.scope, self._route
        try:
            if route is not None:
                return route(scope)
            router = scope.get("router")
            if router is not None:
                tree = self._trees.get(id(router)) or self._new_tree(router)
                if "route" in scope and "fastapi" not in scope:  # most
                    rule = tree.rules.get(id(scope["route"]))
                    if rule is not None:
                        return rule
                return tree.rule(scope, request.local, request.root) if "endpoint" in scope else None
            if status == 404 or hasattr(scope.get("app"), "router"):  # answered before that was asked
                return None
            return path_template(request.whole_path())
        except Exception as error:
            self._watch.failed(error)
            return None

    def _new_tree(self, router: Any) -> Tree:
        """As many as the application has routers that are in no other one."""
        if len(self._trees) >= TREES_MAX:
            self._trees.clear()  # it makes new ones
        tree = self._trees[id(router)] = Tree(router)
        return tree


def _is_unwanted(headers: Dict[bytes, bytes]) -> bool:
    return any(is_one(headers.get(name, b"").decode("latin-1")) for name in (b"dnt", b"sec-gpc"))


class _Request(Visit):
    """A request under way."""

    middleware: TamisASGI
    scope: Scope
    respond: Send
    local: str
    root: str
    started: float
    status = 0
    content_type = ""

    def send(self, message: Message) -> Awaitable[None]:
        kind = message["type"]
        if kind == "http.response.start":
            self.status = message["status"]
            for name, value in message.get("headers", ()):
                if name == b"content-type" or len(name) == 12 and name.lower() == b"content-type":
                    self.content_type = value.decode("latin-1")
                    break
        elif kind == "http.response.body" and not message.get("more_body"):
            self.end(self.status)  # before it is out: to wait for that takes longer than all of this
        respond = self.respond
        return respond(message)

    def end(self, status: int) -> None:
        """Once, whoever calls first."""
        if not self.ended:
            self.ended = True
            self.watch.end(self, self.scope["method"], self.middleware.rule(self, status), status, self.started,
                           self.content_type)

    def headers(self) -> Dict[bytes, bytes]:
        return dict(self.scope["headers"])

    def host(self, headers: Dict[bytes, bytes]) -> bytes:
        return headers.get(b"host") or (self.scope.get("server") or ("",))[0].encode()

    def whole_path(self) -> str:
        """With what stands before all paths of the application; some servers leave that out."""
        path, root = self.local, self.root
        return path if not root or path == root or path.startswith(root + "/") else root + path

    def path(self) -> bytes:
        return self.whole_path().encode("utf-8", "replace")

    def address(self, headers: Dict[bytes, bytes]) -> bytes:
        proxies = self.watch.proxies
        address: str = (self.scope.get("client") or ("",))[0]
        if proxies.trusted:
            address = proxies.client(address, map(self.chain, _CHAINS))
        return address.encode("latin-1", "replace")

    def chain(self, name: bytes) -> Optional[str]:
        """A header that may come more than once, as one."""
        values = [value for key, value in self.scope["headers"] if key == name]
        return b",".join(values).decode("latin-1") if values else None

    def told(self) -> Told:
        headers = self.headers()
        query = self.scope.get("query_string", b"") if self.watch.query else None
        return self.host(headers), self.path(), query, headers.get(b"referer", b"")

    def visitor(self) -> Visitor:
        headers = self.headers()
        return (self.address(headers), headers.get(b"user-agent", b""),
                _is_unwanted(headers))

    def page(self) -> Tuple[bytes, int]:
        scope, watch = self.scope, self.watch
        headers: Dict[bytes, bytes] = dict(scope["headers"])
        get, flags, query = headers.get, 0, b""
        if watch.query:
            flags, query = QUERY, scope.get("query_string", b"")
        if (b"dnt" in headers or b"sec-gpc" in headers) and _is_unwanted(headers):
            flags |= DNT
        path = self.whole_path() if self.root else self.local
        return b"\0".join((get(b"host") or self.host(headers), query, get(b"referer", b""), self.address(headers),
                           get(b"user-agent", b""), path.encode("utf-8", "replace"))), flags
