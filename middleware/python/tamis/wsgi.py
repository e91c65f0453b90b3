"""WSGI: any application, as a middleware around it.

    application = TamisWSGI(application, 'my_app')
"""
from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple, Type

from .analytics import get_analytics
from .sanitizer import sanitize_url
from .visit import EnvironVisit, Visit, current
from .watch import Watch, clock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ROUTE = "tamis.route"
"""Key of the environ under which an application, or its framework, may leave the rule of a request."""

_WORD = re.compile(r"[A-Za-z][A-Za-z_.-]{0,39}")


class _Codes(Dict[str, int]):
    """The number of a status line, looked up faster than read."""

    def __missing__(self, status: str) -> int:
        code = int(status[:3])
        if len(self) < 64:
            self[status] = code
        return code


_codes = _Codes()


def path_template(path: str) -> str:
    """A template for applications without rules: segments that are no plain words become {id}.

    >>> path_template('/orders/4711/items'), path_template('/who/joe@example.com')
    ('/orders/{id}/items', '/who/{id}')
    """
    segments = sanitize_url(path).split("/")[:9]
    return "/".join(s if not s or _WORD.fullmatch(s) else "{id}" for s in segments)


class TamisWSGI:
    """Counts the requests of `app`, and sends page views.

    route: tells the rule of a request from its environ ("/orders/{id}"; None: no route takes it). Without it the
    rule is what the application leaves in environ["tamis.route"], else made of the path. options: see Watch.
    """

    def __init__(self, app: "WSGIApplication", app_name: str = "wsgi", *,
                 route: "Optional[Callable[[WSGIEnvironment], Optional[str]]]" = None, **options: Any) -> None:
        self.app = app
        self._watch = Watch(get_analytics(app_name), **options)
        self.route = route

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        watch = self._watch
        if watch.excludes and watch.excluded(_path(environ)):
            return self.app(environ, start_response)
        request = request_type()  # filled here: a call of __init__() takes longer than all it would do
        request.middleware, request.watch, request.environ, request.respond = self, watch, environ, start_response
        request.outer = current.get()
        request.started = clock()
        current.set(request)
        app = self.app  # called as an attribute, it would be looked up as a method first
        try:
            request.parts = app(environ, request.start_response)
        except BaseException:
            request.end(500)
            raise
        return request

    def rule(self, environ: "WSGIEnvironment", status: int) -> Optional[str]:
        """What this request counts under; None: no route takes it."""
        route = self.route
        if route is not None:
            return route(environ)
        if ROUTE in environ:
            return environ[ROUTE]  # type: ignore[no-any-return]
        return None if status == 404 else path_template(_path(environ))


def _path(environ: "WSGIEnvironment") -> str:
    path: str = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "") or "/"
    return path if path.isascii() else path.encode("latin-1").decode("utf-8", "replace")


class Request(EnvironVisit):
    """A request under way, and the parts of its answer: it ends with the last one, or with an exception on the way.

    It is `current` until then, but where a server turns to another meanwhile; the next part brings it back.
    """

    middleware: TamisWSGI
    respond: "StartResponse"
    outer: Optional[Visit]
    started: float
    parts: Iterable[bytes]
    status = 0
    content_type = ""
    rule: Optional[str] = None

    def start_response(self, status: str, headers: List[Tuple[str, str]], exc_info: Any = None) -> Any:
        """The rule is noted now, since a framework forgets the request when it returns the parts of its answer."""
        try:
            code = self.status = _codes[status]
            for name, value in headers:
                if name == "Content-Type" or len(name) == 12 and name.lower() == "content-type":
                    self.content_type = value
                    break
            self.rule = self.middleware.rule(self.environ, code)
        except Exception as error:
            self.watch.failed(error)
        respond = self.respond
        return respond(status, headers, exc_info) if exc_info else respond(status, headers)

    def end(self, status: int) -> None:
        """Once, whoever calls first."""
        if self.ended:
            return
        self.ended = True
        if current.get() is self:
            outer = self.outer
            current.set(None if outer is None or outer.ended else outer)
        if self.status == 0:
            self._find_rule(status)
        self.watch.end(self, self.environ["REQUEST_METHOD"], self.rule, status, self.started, self.content_type)

    def _find_rule(self, status: int) -> None:
        """Where no answer was begun."""
        try:
            self.rule = self.middleware.rule(self.environ, status)
        except Exception as error:
            self.watch.failed(error)

    def __iter__(self) -> Iterator[bytes]:
        if current.get() is not self:
            current.set(self)
        try:
            for part in self.parts:
                yield part
                if current.get() is not self:
                    current.set(self)
        except Exception:
            self.end(500)
            raise
        self.end(self.status)

    def close(self) -> None:
        try:
            close = getattr(self.parts, "close", None)
            if close is not None:
                close()
        finally:
            if not self.ended:
                self.end(self.status)


request_type: Type[Request] = Request
"""Another one in tests."""
