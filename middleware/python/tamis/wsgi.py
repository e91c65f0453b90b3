"""WSGI: any application, as a middleware around it.

    application = TamisWSGI(application, 'my_app')
"""
from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator, List, Optional, Tuple

from .analytics import get_analytics
from .sanitizer import sanitize_url
from .visit import Visit, current
from .watch import Watch, clock

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ROUTE = "tamis.route"
"""Key of the environ under which an application, or its framework, may leave the rule of a request."""

_WORD = re.compile(r"[A-Za-z][A-Za-z_.-]{0,39}")


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
        self._route = route

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = _path(environ)
        if self._watch.excluded(path):
            return self.app(environ, start_response)
        request = _Request(self, environ, path, start_response)
        token = current.set(request.visit)
        try:
            return _Answer(request, self.app(environ, request.start_response))
        except Exception:
            request.end(500)
            raise
        finally:
            current.reset(token)

    def rule(self, environ: "WSGIEnvironment", status: int) -> Optional[str]:
        """What this request counts under; None: no route takes it."""
        if self._route is not None:
            return self._route(environ)
        if ROUTE in environ:
            return environ[ROUTE]  # type: ignore[no-any-return]
        return None if status == 404 else path_template(_path(environ))


def _path(environ: "WSGIEnvironment") -> str:
    path: str = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "") or "/"
    return path if path.isascii() else path.encode("latin-1").decode("utf-8", "replace")


class _Request:
    """A request under way."""

    __slots__ = ("middleware", "environ", "visit", "started", "respond", "status", "content_type", "rule")

    def __init__(self, middleware: TamisWSGI, environ: "WSGIEnvironment", path: str, respond: "StartResponse") -> None:
        self.middleware, self.environ, self.respond = middleware, environ, respond
        self.status, self.content_type = 0, ""
        self.rule: Optional[str] = None
        self.visit: Optional[Visit] = middleware._watch.begin(
            path, environ.get("QUERY_STRING", ""), environ, environ.get("REMOTE_ADDR", ""),
            environ.get("SERVER_NAME", ""))
        self.started = clock()

    def start_response(self, status: str, headers: List[Tuple[str, str]], exc_info: Any = None) -> Any:
        self._note(status, headers)
        return self.respond(status, headers, exc_info) if exc_info else self.respond(status, headers)

    def _note(self, status: str, headers: List[Tuple[str, str]]) -> None:
        """Now, since a framework forgets the request when it returns the parts of its answer."""
        try:
            self.status = int(status[:3])
            for name, value in headers:
                if len(name) == 12 and name.lower() == "content-type":
                    self.content_type = value
            self.rule = self.middleware.rule(self.environ, self.status)
        except Exception as error:
            self.middleware._watch.failed(error)

    def end(self, status: int) -> None:
        """Once, whoever calls first."""
        visit, self.visit = self.visit, None
        if self.status == 0:
            self._note(str(status), [])
        if visit is not None:
            self.middleware._watch.end(visit, self.environ["REQUEST_METHOD"], self.rule, status, self.started,
                                       self.content_type)


class _Answer:
    """The answer's parts; the request ends with the last one, or with an exception on the way.

    The request is `current` while a part is made, and not in between, when a server may be at others.
    """

    __slots__ = ("request", "parts", "iterator")

    def __init__(self, request: _Request, parts: Iterable[bytes]) -> None:
        self.request, self.parts, self.iterator = request, parts, iter(parts)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        token = current.set(self.request.visit)
        try:
            return next(self.iterator)
        except StopIteration:
            self.request.end(self.request.status)
            raise
        except Exception:
            self.request.end(500)
            raise
        finally:
            current.reset(token)

    def close(self) -> None:
        try:
            if hasattr(self.parts, "close"):
                self.parts.close()
        finally:
            self.request.end(self.request.status)
