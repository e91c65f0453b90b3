"""What every framework's middleware does with a request; the frameworks' own modules only bring it here."""
from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Dict, Iterable, Optional, Union

from . import process as _process
from .proxies import Proxies
from .sanitizer import sanitize_url
from .visit import Visit

if TYPE_CHECKING:
    from .analytics import UmamiAnalytics

UNROUTED = b"__unrouted__"
"""The one route of all requests that no route of the application takes, such as a wrong path's 404."""

METHODS = {method: method.encode() for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE",
                                                  "PATCH")}
"""As transports take them."""
OTHER = b"_OTHER"
"""The one method of all others."""

HTML = ("text/html", "application/xhtml+xml")
"""How the content type of a page begins."""

clock = time.perf_counter
_PARAMETER = re.compile(r"<(?:[^<>:]*:)?([^<>:]+)>|\{([^{}:]+)(?::[^{}]*)?\}")


def template(rule: str) -> str:
    """A framework's rule as tamis writes templates.

    >>> template('/orders/<int:id>/items/<path:rest>'), template('/orders/{id}/items/{rest:path}')
    ('/orders/{id}/items/{rest}', '/orders/{id}/items/{rest}')
    """
    return _PARAMETER.sub(lambda found: "{" + (found[1] or found[2]) + "}", rule)


class Watch:
    """How one application's requests are counted.

    exclude: paths that are neither counted nor viewed, with all below them (["/static"]), or one of them; None:
    `app.exclude_paths`.
    page_views: send one for each GET answered with an HTML page of 2xx or 3xx; switch it off where the browser's
    tracker does that; None: `app.page_views`. query: let queries into the URLs of events, strained; None: `app.query`.
    """

    def __init__(self, analytics: "UmamiAnalytics", *, page_views: Optional[bool] = None,
                 exclude: Union[str, Iterable[str], None] = None, query: Optional[bool] = None) -> None:
        process = _process.process(analytics.app_name)
        settings = process.settings
        self.analytics = analytics
        self.proxies: Proxies = process.proxies
        self.page_views = settings.page_views if page_views is None else page_views
        self.query: bool = settings.query if query is None else query
        if isinstance(exclude, str):
            exclude = (exclude,)
        paths = settings.exclude_paths if exclude is None else tuple(exclude)
        self.excludes = bool(paths)
        self._exclude = frozenset(path.rstrip("/") or "/" for path in paths)
        self._below = tuple(path.rstrip("/") + "/" for path in paths)
        self._routes: Dict[Optional[str], bytes] = {None: UNROUTED}

    def excluded(self, path: str) -> bool:
        return path.startswith(self._below) or path in self._exclude

    def end(self, visit: Visit, method: str, rule: Optional[str], status: int, started: float,
            content_type: str) -> None:
        """Its answer is out. rule: the framework's, None: no route took it. status 0: it never came."""
        analytics = self.analytics
        process = _process.running or _process.process(analytics.app_name)
        try:
            route = self._routes.get(rule) or self._new_route(rule or "")
            duration_us = int((clock() - started) * 1e6)
            transport = process.transport
            if not (method == "GET" and self.page_views and 200 <= status < 400 and content_type.startswith(HTML)):
                count = transport.route  # called as an attribute, it is looked up as a method first
                count(METHODS.get(method, OTHER), route, status, duration_us)
                return
            page = transport.page
            if analytics.before_send or not page(visit, route, status, duration_us):
                transport.route(b"GET", route, status, duration_us)
                analytics._page_view(visit)
        except Exception as error:
            analytics._failed(process, error)

    def failed(self, error: Exception) -> None:
        """The request could not be looked at; the application does not notice."""
        self.analytics._failed(_process.process(self.analytics.app_name), error)

    def _new_route(self, rule: str) -> bytes:
        """As many as the application has rules."""
        route = self._routes[rule] = sanitize_url(template(rule)).encode("utf-8", "replace")
        return route
