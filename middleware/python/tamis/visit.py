"""The request in progress: whose events those are that come from within it.

A framework's middleware makes a Visit of each request; whatever runs for that request, in its thread,
its greenlet or its tasks, finds it in `current`. Nothing is computed before somebody asks.
"""
from __future__ import annotations

import contextvars
from typing import TYPE_CHECKING, Any, Dict, Optional, Tuple
from urllib.parse import quote

from .transport import Visitor

if TYPE_CHECKING:
    from .watch import Watch

current: "contextvars.ContextVar[Optional[Visit]]" = contextvars.ContextVar("tamis_visit", default=None)

Told = Tuple[bytes, bytes, Optional[bytes], bytes]
"""Host as the client named it, decoded path, query and referrer; the query is None where none may get into URLs."""

_IN_A_PATH = "/:@!$&'()*+,;=~"


class Visit:
    """What an event needs to know of a request; raw, so it is never kept or logged."""

    __slots__ = ("watch",)
    watch: "Watch"

    def told(self) -> Told:
        """What the request says of its page."""
        raise NotImplementedError

    def visitor(self) -> Visitor:
        """Who it is from."""
        raise NotImplementedError

    def place(self) -> Tuple[str, str]:
        """Hostname without port; path and, where it may be told, the query."""
        host, path, query, _ = self.told()
        url = quote(path, _IN_A_PATH)
        name = host.partition(b"]")[0] + b"]" if host.startswith(b"[") else host.partition(b":")[0]
        return name.decode("latin-1"), f"{url}?{query.decode('latin-1')}" if query else url

    def page_view(self) -> Dict[str, Any]:
        """The payload of its page view."""
        hostname, url = self.place()
        _, _, query, referrer = self.told()
        if query is None:
            referrer = referrer.partition(b"#")[0].partition(b"?")[0]
        payload = {"hostname": hostname, "url": url}
        if referrer:
            payload["referrer"] = referrer.decode("latin-1")
        return payload


class EnvironVisit(Visit):
    """By the environ of WSGI, whose strings are bytes read as Latin-1."""

    __slots__ = ("environ",)
    environ: Dict[str, Any]

    def path(self) -> bytes:
        get = self.environ.get
        path: str = get("SCRIPT_NAME", "") + get("PATH_INFO", "") or "/"
        return path.encode("latin-1", "replace")

    def told(self) -> Told:
        get = self.environ.get
        host: str = get("HTTP_HOST", "") or get("SERVER_NAME", "")
        query: Optional[bytes] = None
        if self.watch.query:
            query = get("QUERY_STRING", "").encode("latin-1", "replace")
        return (host.encode("latin-1", "replace"), self.path(), query,
                get("HTTP_REFERER", "").encode("latin-1", "replace"))

    def visitor(self) -> Visitor:
        get, proxies = self.environ.get, self.watch.proxies
        address: str = get("REMOTE_ADDR", "")
        if proxies:
            address = proxies.client(address, get("HTTP_X_FORWARDED_FOR"))
        return (address.encode("latin-1", "replace"), get("HTTP_USER_AGENT", "").encode("latin-1", "replace"),
                get("HTTP_DNT") == "1" or get("HTTP_SEC_GPC") == "1")
