"""Declared counts on their way to a responder: summed here until they are brought."""
from __future__ import annotations

import re
import time
from typing import Any, Dict, List, NamedTuple, Optional

from .errors import EventError

SERIES_MAX = 2000
BATCH_MAX = 1000
"""Increments that /api/counts takes at once."""
COUNT_MAX = 1000000

_NAME = re.compile(r"[a-z][a-z0-9_]{0,49}(\.[a-z][a-z0-9_]{0,49})?")
_ID = re.compile(r"[0-9]{1,19}|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_SOURCE = re.compile(r"[a-z][a-z0-9_]{0,31}")


class Cell(NamedTuple):
    """What is counted, and on which day (UTC)."""

    event_name: str
    event_id: Optional[str]
    source: Optional[str]
    event_date: str


class NoRoom(RuntimeError):
    """More different counts wait for the responder than there is room for."""


def cell(event_name: str, event_id: Optional[str], source: Optional[str]) -> Cell:
    """Today's; only what the responder could take leaves the application. Raises EventError, without the value."""
    for field, value, shape in (("event_name", event_name, _NAME), ("event_id", event_id, _ID), ("source", source, _SOURCE)):
        if value is None and field != "event_name":
            continue
        if not isinstance(value, str) or not shape.fullmatch(value):
            raise EventError(f"{field} is none that a registry could declare")
    return Cell(event_name, event_id, source, time.strftime("%Y-%m-%d", time.gmtime()))


class WaitingCounts:
    """Sums by cell. Its owner lets one thread at a time in."""

    def __init__(self) -> None:
        self._sums: Dict[Cell, int] = {}

    def __len__(self) -> int:
        return len(self._sums)

    def add(self, where: Cell, number: int) -> None:
        if where not in self._sums and len(self._sums) >= SERIES_MAX:
            raise NoRoom("more different counts wait for the responder than there is room for")
        self._sums[where] = self._sums.get(where, 0) + number

    def take(self) -> Dict[Cell, int]:
        """The first ones, no more of each than one increment may be; they wait no longer."""
        taken = {}
        for where in list(self._sums)[:BATCH_MAX]:
            taken[where] = min(self._sums[where], COUNT_MAX)
            self._sums[where] -= taken[where]
            if not self._sums[where]:
                del self._sums[where]
        return taken

    def give_back(self, sums: Dict[Cell, int]) -> None:
        """What did not arrive, whatever room there is."""
        for where, number in sums.items():
            self._sums[where] = self._sums.get(where, 0) + number


def increments(sums: Dict[Cell, int]) -> List[Dict[str, Any]]:
    """As /api/counts has them, in the order of sums."""
    return [{**{field: value for field, value in where._asdict().items() if value is not None}, "count": number}
            for where, number in sums.items()]
