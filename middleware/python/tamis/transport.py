"""How events leave the application: what every transport does."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Mapping, NamedTuple, Optional, Protocol, Tuple

if TYPE_CHECKING:
    from .visit import Visit

Visitor = Tuple[bytes, bytes, bool]
"""Address, user agent, and whether not to be tracked; raw."""

NOBODY: Visitor = (b"", b"", False)


class Budget(NamedTuple):
    """What counts of a client today of one metric, and what may: numbers and no more."""

    used: int
    allowed: int
    epsilon: float
    """What its answers, replaced at random, have told at most; 0 where the metric has none."""


class Transport(Protocol):
    """Any thread may call; none of these waits for the network but flush() and stop()."""

    def send(self, event: Dict[str, Any], visitor: Visitor) -> bool:
        """Take one event as POST /api/send has it; False: counted and not to be kept. Raises when it is lost."""

    def route(self, method: bytes, route: bytes, status: int, duration_us: int) -> None:
        """Count a request of the application's own, in UTF-8. Raises when it is lost."""

    def page(self, visit: "Visit", route: bytes, status: int, duration_us: int) -> bool:
        """route() of a GET and its page view at once; False: nothing is done, this transport wants them apart."""

    def count(self, event_name: str, event_id: Optional[str], source: Optional[str], number: int) -> None:
        """Count a thing that the registry declares. Raises when it is not one, or lost."""

    def increment(self, metric: str, dimensions: Mapping[str, str], visitor: Visitor) -> bool:
        """Count for releases; False: nothing more of this client counts. Raises when it is lost."""

    def budget(self, visitor: Visitor) -> Dict[str, Budget]:
        """Of this visitor's client, by metric."""

    def flush(self, timeout_s: float) -> bool:
        """Is everything safe that was taken, or delivered where that is to be waited for?"""

    def stop(self) -> None:
        """Flush and end, within a second."""

    def metrics(self) -> str:
        """What was counted, in Prometheus' text format; "" where others hold the counters."""


class Nowhere:
    """Takes everything and keeps nothing: where analytics is switched off, or cannot start."""

    def __init__(self, why: Optional[Exception] = None) -> None:
        self.why = why

    def send(self, event: Dict[str, Any], visitor: Visitor) -> bool:
        if self.why is not None:
            raise self.why
        return False

    def route(self, method: bytes, route: bytes, status: int, duration_us: int) -> None:
        if self.why is not None:
            raise self.why

    def page(self, visit: "Visit", route: bytes, status: int, duration_us: int) -> bool:
        return False

    def count(self, event_name: str, event_id: Optional[str], source: Optional[str], number: int) -> None:
        if self.why is not None:
            raise self.why

    def increment(self, metric: str, dimensions: Mapping[str, str], visitor: Visitor) -> bool:
        if self.why is not None:
            raise self.why
        return False

    def budget(self, visitor: Visitor) -> Dict[str, Budget]:
        if self.why is not None:
            raise self.why
        return {}

    def flush(self, timeout_s: float) -> bool:
        return self.why is None

    def stop(self) -> None:
        pass

    def metrics(self) -> str:
        return ""
