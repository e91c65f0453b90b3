"""The request in progress: whose events those are that come from within it.

A framework's middleware makes a Visit of each request; whatever runs for that request, in its thread,
its greenlet or its tasks, finds it in `current`. Nothing is computed before somebody asks.
"""
from __future__ import annotations

import contextvars
import re
from typing import Any, Mapping, Optional, Tuple
from urllib.parse import quote

from .proxies import Proxies

current: "contextvars.ContextVar[Optional[Visit]]" = contextvars.ContextVar("tamis_visit", default=None)

_IN_A_PATH = "/:@!$&'()*+,;=~"
_is_quoted = re.compile(r"[\w.~/:@!$&'()*+,;=-]*", re.ASCII).fullmatch  # nearly every path; quote() takes longer


class Visit:
    """What an event needs to know of a request; raw, so it is never kept or logged.

    path: percent-decoded, without query. Names of headers are those of WSGI, "HTTP_USER_AGENT".
    """

    __slots__ = ("analytics", "path", "query", "headers", "peer", "proxies", "server_name")

    def __init__(self, analytics: Any, path: str, query: str, headers: Mapping[str, Any], peer: str,
                 proxies: Proxies, server_name: str = "") -> None:
        self.analytics, self.path, self.query, self.headers = analytics, path, query, headers
        self.peer, self.proxies, self.server_name = peer, proxies, server_name

    @property
    def url(self) -> str:
        """Path and, where the middleware was allowed to take it, the query."""
        path = self.path if _is_quoted(self.path) else quote(self.path, _IN_A_PATH)
        return f"{path}?{self.query}" if self.query else path

    @property
    def hostname(self) -> str:
        """As the client named it, without port."""
        host: str = self.headers.get("HTTP_HOST") or self.server_name
        if host.startswith("["):
            return host.partition("]")[0] + "]"
        return host.partition(":")[0]

    @property
    def referrer(self) -> str:
        """Without query, unless queries are allowed."""
        referrer: str = self.headers.get("HTTP_REFERER", "")
        return referrer if self.query else referrer.partition("#")[0].partition("?")[0]

    @property
    def visitor(self) -> Tuple[bytes, bytes, bool]:
        """Address, user agent, and whether the visitor asks not to be tracked."""
        get = self.headers.get
        address = self.proxies.client(self.peer, get("HTTP_X_FORWARDED_FOR")) if self.proxies else self.peer
        return (address.encode("latin-1", "replace"), get("HTTP_USER_AGENT", "").encode("latin-1", "replace"),
                get("HTTP_DNT") == "1" or get("HTTP_SEC_GPC") == "1")
