"""The transport "http": to a tamis responder, for containers and other hosts.

Events are strained here, wait in memory, at most umami.async.queue_size of them, and a thread brings them to
/api/batch; requests and declared counts are summed here and reported to /api/tamis/routes and /api/counts. What the
responder has answered for is on its disk; what still waits here goes with the process, and what a full queue does not
take is lost and counted.
"""
from __future__ import annotations

import bisect
import collections
import json
import logging
import os
import random
import signal
import threading
import time
from typing import TYPE_CHECKING, Any, Callable, Deque, Dict, List, Mapping, NamedTuple, Optional, Tuple

from . import releases
from ._native import Gateway
from .responder import Outcome, Responder, Waiting
from .sanitizer import sanitize_json
from .settings import Settings
from .transport import Budget, Visitor
from .waiting_counts import Cell, WaitingCounts, cell, increments

if TYPE_CHECKING:
    from .visit import Visit

logger = logging.getLogger("tamis")

BUCKETS_US = (5_000, 10_000, 25_000, 50_000, 75_000, 100_000, 250_000, 500_000, 750_000, 1_000_000, 2_500_000,
              5_000_000, 7_500_000, 10_000_000)
"""Bounds of the histogram; its last bucket has none."""
SERIES_MAX = 2000
WAIT_MIN_S, WAIT_MAX_S = 0.25, 60.0
STOP_S = 0.9

NIL_WEBSITE = "00000000-0000-0000-0000-000000000000"
"""Umami's schema wants a website; of one's own where none is set it is this."""

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode

Route = Tuple[bytes, bytes, int]


class QueueFull(RuntimeError):
    """More waits for the responder than umami.async.queue_size."""


class Refused(RuntimeError):
    """The responder does not take it."""


class Late(RuntimeError):
    """The process ended before the responder had answered for it."""


class Load(NamedTuple):
    """What the thread brings at once; empty: there is no more."""

    events: List[Waiting]
    routes: Dict[Route, List[int]]
    counts: Dict[Cell, int]


NOTHING = Load([], {}, {})


class Http:
    """A transport with one thread per process, started at the first event and anew in a forked child.

    open_remote: the handle for increments. lost: called for each event or count that was taken here and got lost on the way.
    """

    def __init__(self, settings: Settings, open_remote: Callable[[], Gateway],
                 lost: Callable[[Exception], None]) -> None:
        self._settings, self._open_remote, self._lost = settings, open_remote, lost
        self._increments: Optional[Gateway] = None
        self._website = settings.website_id or NIL_WEBSITE
        self._responder = Responder(settings.responder_url, settings.token_file)
        self._empty()
        os.register_at_fork(after_in_child=self._forked)
        _flush_at_sigterm(self)

    def _empty(self) -> None:
        self._changed = threading.Condition()
        self._events: Deque[Waiting] = collections.deque()
        self._routes: Dict[Route, List[int]] = {}
        self._counts = WaitingCounts()
        self._thread: Optional[threading.Thread] = None
        self._under_way, self._stopped = NOTHING, False
        self._hurry_until = self._not_before = 0.0
        self._failures = 0
        self._largest = max(self._settings.batch_size, 1)

    def _forked(self) -> None:
        """What waits is the parent's to bring, and so is its connection."""
        self._responder = Responder(self._settings.responder_url, self._settings.token_file)
        self._empty()

    # the application's side

    def send(self, event: Dict[str, Any], visitor: Visitor) -> bool:
        item = Waiting(self._strained(event, visitor), visitor[2])
        with self._changed:
            if len(self._events) >= self._settings.queue_size:
                raise QueueFull("more events wait for the responder than umami.async.queue_size")
            self._events.append(item)
            self._wake(len(self._events) >= self._settings.batch_size)
        return True

    def _strained(self, event: Dict[str, Any], visitor: Visitor) -> str:
        """Only address and agent go on as they came: the responder makes of them what identity.mode says."""
        address, agent, _ = visitor
        known = {"website": self._website, "timestamp": int(time.time()), "ip": address.decode("latin-1"),
                 "userAgent": agent.decode("latin-1")}
        payload = sanitize_json(_encode(event["payload"]))
        rest = _encode({key: value for key, value in known.items() if value})
        comma = "," if event["payload"] else ""
        return f'{{"type":"event","payload":{payload[:-1]}{comma}{rest[1:]}}}'

    def route(self, method: bytes, route: bytes, status: int, duration_us: int) -> None:
        if not self._responder.has_token:
            return
        with self._changed:
            row = self._routes.get((method, route, status))
            if row is None:
                if len(self._routes) >= SERIES_MAX:
                    raise QueueFull("more routes wait for the responder than there is room for")
                row = self._routes[method, route, status] = [0] * (len(BUCKETS_US) + 2)
            row[bisect.bisect_left(BUCKETS_US, duration_us)] += 1
            row[-1] += duration_us
            self._wake(False)

    def page(self, visit: "Visit", route: bytes, status: int, duration_us: int) -> bool:
        return False

    def count(self, event_name: str, event_id: Optional[str], source: Optional[str], number: int) -> None:
        where = cell(event_name, event_id, source)
        if not self._responder.has_token:
            raise Refused("declared counts want a token of the scope ingest in app.token_file")
        with self._changed:
            self._counts.add(where, number)
            self._wake(False)

    def increment(self, metric: str, dimensions: Mapping[str, str], visitor: Visitor) -> bool:
        return releases.increment(self._remote(), metric, dimensions, visitor)

    def budget(self, visitor: Visitor) -> Dict[str, Budget]:
        return releases.budget(self._remote(), visitor)

    def _remote(self) -> Gateway:
        """libtamis brings increments by a thread of its own, and in a child of its own."""
        with self._changed:
            if self._increments is None:
                self._increments = self._open_remote()
            return self._increments

    def _wake(self, now: bool) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="tamis", daemon=True)
            self._thread.start()
        elif now:
            self._changed.notify_all()

    def flush(self, timeout_s: float) -> bool:
        due = time.monotonic() + timeout_s
        with self._changed:
            if self._waits():
                self._hurry_until = max(self._hurry_until, due)
            self._failures, self._not_before = 0, 0.0  # somebody waits: pauses begin anew
            self._changed.notify_all()
            done = self._changed.wait_for(lambda: not self._waits(), timeout_s)
        if self._increments is None:
            return done
        return self._increments.flush(max(int((due - time.monotonic()) * 1000), 0)) and done

    def stop(self) -> None:
        self.flush(STOP_S)
        if self._increments is not None:
            self._increments.stop()
            self._increments = None
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        for _ in range(self._tell_left()):
            self._lost(Late("the process ended before the responder had answered for the event"))

    def _tell_left(self) -> int:
        """The process ends: how many events go with it."""
        with self._changed:
            left = len(self._events) + len(self._under_way.events)
        if left:
            logger.warning("%d events are lost: the responder has not answered for them in time", left)
        return left

    def metrics(self) -> str:
        return ""

    # the thread's side

    def _run(self) -> None:
        while True:
            load = self._take()
            if not any(load):
                return
            outcome = self._bring(load.events) if load.events else Outcome()
            late_routes = self._report(load.routes) if load.routes else {}
            late_counts = self._report_counts(load.counts) if load.counts else {}
            self._settle(load.events, outcome, late_routes, late_counts)

    def _waits(self) -> bool:
        """Is there anything that was not answered for?"""
        return any(self._under_way) or self._is_there()

    def _is_there(self) -> bool:
        return bool(self._events or self._routes or self._counts)

    def _take(self) -> Load:
        """Wait until there is enough, or long enough; then what is to be brought next. Nothing: the end."""
        due = time.monotonic() + self._settings.flush_interval_s
        with self._changed:
            while not self._stopped:
                now = time.monotonic()
                start = max(self._not_before, 0.0 if self._is_much(now) else due)
                if now >= start and self._is_there():
                    break
                if now >= due:
                    due = now + self._settings.flush_interval_s
                self._changed.wait(max(start, now + 0.01) - now)
            if self._stopped:
                return NOTHING
            routes, self._routes = self._routes, {}
            self._under_way = Load(self._take_events(), routes, self._counts.take())
            return self._under_way

    def _is_much(self, now: float) -> bool:
        return now < self._hurry_until or len(self._events) >= self._settings.batch_size

    def _take_events(self) -> List[Waiting]:
        """The first ones, as many as say the same of tracking."""
        batch: List[Waiting] = []
        while (self._events and len(batch) < self._largest
               and self._events[0].do_not_track == (batch or self._events)[0].do_not_track):
            batch.append(self._events.popleft())
        return batch

    def _bring(self, batch: List[Waiting]) -> Outcome:
        try:
            return self._responder.events(batch)
        except Exception as error:  # a bug of ours is no reason to stop bringing
            logger.warning("%d events are lost: %s", len(batch), error)
            return Outcome(refused=len(batch))

    def _report(self, routes: Dict[Route, List[int]]) -> Dict[Route, List[int]]:
        """Report counts; gives back what certainly did not arrive."""
        rows = [{"method": method.decode(), "route": route.decode(), "status": status,
                 "buckets": row[:-1], "duration_us": row[-1]}
                for (method, route, status), row in routes.items()]
        try:
            if not self._responder.routes(rows):
                self._lost(Refused("the responder did not count the requests: is app.token_file the same?"))
        except OSError:
            return routes
        return {}

    def _report_counts(self, sums: Dict[Cell, int]) -> Dict[Cell, int]:
        """As _report() does; what the responder refuses, such as what is not declared, is lost."""
        try:
            verdicts = self._responder.counts(increments(sums))
        except OSError:
            return sums
        for taken in verdicts:
            if taken is False:
                self._lost(Refused("the responder does not count it: is it declared there, and app.token_file the same?"))
        return {where: sums[where] for where, taken in zip(sums, verdicts) if taken is None}

    def _settle(self, events: List[Waiting], outcome: Outcome, late: Dict[Route, List[int]],
                late_counts: Dict[Cell, int]) -> None:
        for _ in range(outcome.refused):
            self._lost(Refused("the responder refuses the event"))
        with self._changed:
            self._events.extendleft(reversed(outcome.again))
            for key, row in late.items():
                there = self._routes.get(key)
                self._routes[key] = row if there is None else [a + b for a, b in zip(row, there)]
            self._counts.give_back(late_counts)
            if outcome.halve:
                self._largest = max(len(events) // 2, 1)
            failed = bool(late or late_counts) or bool(outcome.again) and not outcome.halve
            self._failures = self._failures + 1 if failed else 0
            self._not_before = time.monotonic() + self._pause(outcome.wait_s) if failed else 0.0
            self._under_way = NOTHING
            if not self._is_there():
                self._hurry_until = 0.0
            self._changed.notify_all()

    def _pause(self, wanted_s: float) -> float:
        """Twice as long each time, and not all processes at once."""
        most: float = min(WAIT_MIN_S * 2 ** min(self._failures - 1, 10), WAIT_MAX_S)
        return max(wanted_s, most * random.uniform(0.5, 1.0))


def _flush_at_sigterm(transport: Http) -> None:
    """Where nobody handles SIGTERM, which then would end the process without a word."""
    def handle(number: int, frame: Any) -> None:
        transport.flush(STOP_S)
        transport._tell_left()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, handle)
