"""What every framework's middleware does with a request; the frameworks' own modules only bring it here."""
from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any, Dict, Iterable, Mapping, Optional

from .visit import Visit

if TYPE_CHECKING:
    from .analytics import UmamiAnalytics

UNROUTED = "__unrouted__"
"""The one route of all requests that no route of the application takes, such as a wrong path's 404."""

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

    exclude: paths that are neither counted nor viewed, with all below them ("/static"); None: `app.exclude_paths`.
    page_views: send one for each GET answered with an HTML page of 2xx or 3xx; switch it off where the browser's
    tracker does that; None: `app.page_views`. query: let queries into the URLs of events, strained; None: `app.query`.
    """

    def __init__(self, analytics: "UmamiAnalytics", *, page_views: Optional[bool] = None,
                 exclude: Optional[Iterable[str]] = None, query: Optional[bool] = None) -> None:
        settings = analytics._process.settings
        self.analytics = analytics
        self.page_views = settings.page_views if page_views is None else page_views
        self.query = settings.query if query is None else query
        paths = settings.exclude_paths if exclude is None else tuple(exclude)
        self._exclude = frozenset(path.rstrip("/") or "/" for path in paths)
        self._below = tuple(path.rstrip("/") + "/" for path in paths)
        self._templates: Dict[str, str] = {}

    def excluded(self, path: str) -> bool:
        return bool(self._below) and (path.startswith(self._below) or path in self._exclude)

    def begin(self, path: str, query: str, headers: Mapping[str, Any], peer: str, server_name: str = "") -> Visit:
        """A request comes in; it is `current` while the application works for it."""
        return Visit(self.analytics, path, query if self.query else "", headers, peer,
                     self.analytics._process.proxies, server_name)

    def end(self, visit: Visit, method: str, rule: Optional[str], status: int, started: float,
            content_type: str) -> None:
        """Its answer is out. rule: the framework's, None: no route took it. status 0: it never came."""
        self.analytics.count_request(method, self.route(rule), status, clock() - started)
        if self.page_views and method == "GET" and 200 <= status < 400 and is_html(content_type):
            self.analytics._page_view(visit)

    def failed(self, error: Exception) -> None:
        """The request could not be looked at; the application does not notice."""
        self.analytics._failed(self.analytics._process, error)

    def route(self, rule: Optional[str]) -> str:
        if rule is None:
            return UNROUTED
        route = self._templates.get(rule)
        if route is None:
            route = self._templates[rule] = template(rule)  # as many as the application has rules
        return route


def is_html(content_type: str) -> bool:
    return content_type.startswith(("text/html", "application/xhtml+xml"))
