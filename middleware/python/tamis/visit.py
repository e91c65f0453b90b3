"""The request in progress: whose events those are that come from within it.

A framework's middleware makes a Visit of each request; whatever runs for that request, in its thread,
its greenlet or its tasks, finds it in `current`. Nothing is computed before somebody asks.
"""
from __future__ import annotations

import contextvars
from typing import TYPE_CHECKING, Any, Dict, Optional, Tuple
from urllib.parse import quote

from .proxies import CHAINS
from .transport import Visitor

if TYPE_CHECKING:
    from .watch import Watch

current: "contextvars.ContextVar[Optional[Visit]]" = contextvars.ContextVar("tamis_visit", default=None)

Told = Tuple[bytes, bytes, Optional[bytes], bytes]
"""Host as the client named it, decoded path, query and referrer; the query is None where none may get into URLs."""

QUERY, DNT = 1, 2
"""Flags of tamis_page()."""

_CHAINS = tuple("HTTP_" + name.upper().replace("-", "_") for name in CHAINS)

_IN_A_PATH = "/:@!$&'()*+,;=~"


def is_one(header: Optional[str]) -> bool:
    """"1", or of a header that came twice "1, 1": one wish is enough, as for the responder."""
    text = (header or "").lstrip(" \t")
    return text[:1] == "1" and text[1:2] in ("", ",", " ", "\t")


class Visit:
    """What an event needs to know of a request; raw, so it is never kept or logged."""

    __slots__ = ("watch",)
    watch: "Watch"
    ended = False

    def told(self) -> Told:
        """What the request says of its page."""
        raise NotImplementedError

    def visitor(self) -> Visitor:
        """Who it is from."""
        raise NotImplementedError

    def page(self) -> Tuple[bytes, int]:
        """All of it as tamis_page() takes it: host, query, referrer, address, agent and path; QUERY and DNT."""
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

    def path(self) -> str:
        """As Latin-1."""
        get = self.environ.get
        return get("SCRIPT_NAME", "") + get("PATH_INFO", "") or "/"

    def address(self) -> str:
        get, proxies = self.environ.get, self.watch.proxies
        address: str = get("REMOTE_ADDR", "")
        return proxies.client(address, map(get, _CHAINS)) if proxies.trusted else address

    def told(self) -> Told:
        get = self.environ.get
        host: str = get("HTTP_HOST", "") or get("SERVER_NAME", "")
        query: Optional[bytes] = None
        if self.watch.query:
            query = get("QUERY_STRING", "").encode("latin-1", "replace")
        return (host.encode("latin-1", "replace"), self.path().encode("latin-1", "replace"), query,
                get("HTTP_REFERER", "").encode("latin-1", "replace"))

    def visitor(self) -> Visitor:
        get = self.environ.get
        return (self.address().encode("latin-1", "replace"), get("HTTP_USER_AGENT", "").encode("latin-1", "replace"),
                self.is_unwanted())

    def is_unwanted(self) -> bool:
        """Does the client ask not to be tracked?"""
        get = self.environ.get
        return is_one(get("HTTP_DNT")) or is_one(get("HTTP_SEC_GPC"))

    def page(self) -> Tuple[bytes, int]:
        environ, watch = self.environ, self.watch
        get = environ.get
        flags, query = 0, ""
        if watch.query:
            flags, query = QUERY, get("QUERY_STRING", "")
        if ("HTTP_DNT" in environ or "HTTP_SEC_GPC" in environ) and self.is_unwanted():
            flags |= DNT
        address = self.address() if watch.proxies.trusted else get("REMOTE_ADDR", "")
        told = (f'{get("HTTP_HOST", "") or get("SERVER_NAME", "")}\0{query}\0{get("HTTP_REFERER", "")}\0{address}\0'
                f'{get("HTTP_USER_AGENT", "")}\0{self.path()}')
        return told.encode("latin-1", "replace"), flags
