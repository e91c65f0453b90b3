"""Tests of applications: see what would be sent, and send nothing.

    with tamis.testing.capture() as sent:
        client.post('/signup')
    assert sent.events == [Event('signup', {'plan': 'pro'}, '/signup', 'localhost')]
    assert sent.requests == [Request('POST', '/signup', 200)]

A streamed answer, one that does not tell its length, is counted when the test has read or closed it.
"""
from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple

from . import process as _process, wsgi as _wsgi
from .sanitizer import sanitize_data, sanitize_url
from .transport import Budget, Visitor

if TYPE_CHECKING:
    from .visit import Visit


class Event(NamedTuple):
    """One event, strained; a page view has the name ""."""

    name: str
    data: Dict[str, Any]
    url: str
    hostname: str


class Request(NamedTuple):
    """One counted request."""

    method: str
    route: str
    status: int


class Count(NamedTuple):
    """One call of count()."""

    event_name: str
    event_id: Optional[str]
    source: Optional[str]
    number: int


class Increment(NamedTuple):
    """One call of increment()."""

    metric: str
    dimensions: Dict[str, str]


class Capture:
    """A transport that keeps everything in lists. Visitors that ask not to be tracked are left out."""

    def __init__(self) -> None:
        self.events: List[Event] = []
        self.requests: List[Request] = []
        self.counts: List[Count] = []
        self.increments: List[Increment] = []

    def send(self, event: Dict[str, Any], visitor: Visitor) -> bool:
        payload = event["payload"]
        if visitor[2]:
            return False
        self.events.append(Event(*sanitize_data((payload.get("name", ""), payload.get("data", {}))),
                                 sanitize_url(payload["url"]), payload["hostname"]))
        return True

    def route(self, method: bytes, route: bytes, status: int, duration_us: int) -> None:
        self.requests.append(Request(method.decode(), route.decode(), status))

    def page(self, visit: "Visit", route: bytes, status: int, duration_us: int) -> bool:
        return False

    def count(self, event_name: str, event_id: Optional[str], source: Optional[str], number: int) -> None:
        self.counts.append(Count(event_name, event_id, source, number))

    def increment(self, metric: str, dimensions: Mapping[str, str], visitor: Visitor) -> bool:
        if visitor[2]:
            return False
        self.increments.append(Increment(metric, dict(dimensions)))
        return True

    def budget(self, visitor: Visitor) -> Dict[str, Budget]:
        """Nothing: what is captured is not bounded."""
        return {}

    def flush(self, timeout_s: float) -> bool:
        return True

    def stop(self) -> None:
        pass

    def metrics(self) -> str:
        return ""


class _WholeRequest(_wsgi.Request):
    """Its answer is read at once: test clients leave that to the test, which may not care."""

    tells_length = False

    def start_response(self, status: str, headers: List[Tuple[str, str]], exc_info: Any = None) -> Any:
        self.tells_length = status[:3] in ("204", "304") or "content-length" in {name.lower() for name, _ in headers}
        return super().start_response(status, headers, exc_info)

    def __iter__(self) -> Iterator[bytes]:
        parts = super().__iter__()
        return iter(list(parts)) if self.tells_length else parts


@contextlib.contextmanager
def capture(**settings: str) -> Iterator[Capture]:
    """Within it, whatever this process tracks is captured; wrong calls raise, as in debug mode.

    settings: as configure() takes them.
    """
    captured, before = Capture(), _wsgi.request_type
    _wsgi.request_type = _WholeRequest
    try:
        with _process.replaced(captured, settings):
            yield captured
    finally:
        _wsgi.request_type = before
