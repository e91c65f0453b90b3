"""UmamiAnalytics: what an application calls."""
from __future__ import annotations

import functools
import inspect
import pathlib
import sys
import uuid
from typing import TYPE_CHECKING, Any, Callable, Dict, Mapping, Optional, TypeVar, Union, cast

from . import process as _process
from .errors import EventError
from .event import DURATION_MAX_US, check_name, check_properties, check_request, request_error
from .process import Process
from .sanitizer import sanitize_url
from .transport import NOBODY, Budget, Visitor
from .visit import Visit, current
from .watch import METHODS, OTHER

if TYPE_CHECKING:
    from flask import Flask


@functools.lru_cache(maxsize=2048)
def _clean_route(route: str) -> bytes:
    return sanitize_url(route).encode("utf-8", "replace")


FLUSH_MAX_S = 21 * 86400.0
"""An int of milliseconds holds a little more."""

F = TypeVar("F", bound=Callable[..., Any])
Payload = Dict[str, Any]
Hook = Callable[[Payload], Optional[Payload]]


def _tracked(track: Callable[[str], None], event_name: str) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        if inspect.iscoroutinefunction(function):
            @functools.wraps(function)
            async def tracked_async(*args: Any, **kwargs: Any) -> Any:
                track(event_name)
                return await function(*args, **kwargs)
            return cast(F, tracked_async)

        @functools.wraps(function)
        def tracked(*args: Any, **kwargs: Any) -> Any:
            track(event_name)
            return function(*args, **kwargs)
        return cast(F, tracked)
    return decorate


class UmamiAnalytics:
    """Private analytics of one application; threads, greenlets and forked processes may share it.

    None of its methods breaks or holds up the application: what is lost is counted, see lost().
    Only in debug mode (UMAMI_DEBUG) a wrong call raises EventError.
    """

    def __init__(self, app_name: str) -> None:
        """Use get_analytics(), which makes one per name. app_name: hostname of events outside of requests."""
        self.app_name = app_name
        self.before_send: Optional[Hook] = None
        """Called with each event's payload before it is strained; returns it, changed or not, or None to drop it."""

    @property
    def _process(self) -> Process:
        return _process.process(self.app_name)

    # events

    def track_event(self, event_name: str, properties: Optional[Mapping[str, Any]] = None) -> None:
        """Send a custom event.

        event_name: at most 50 characters. properties: a dict of texts (at most 500 characters), numbers,
        booleans, None, dates, and dicts and lists of them; binary values are refused. Within a request
        its address, agent and URL come from there; outside of one the URL is "/".
        """
        process = self._process
        try:
            fields: Payload = {"name": check_name(event_name)}
            if properties:
                fields["data"] = check_properties(properties, strict=process.settings.debug)
            visit = current.get()
            hostname, url = visit.place() if visit is not None else (self.app_name, "/")
            self._send(process, visit, {"hostname": hostname, "url": url, **fields})
        except Exception as error:
            self._failed(process, error)

    def track_page_view(self, path: str) -> None:
        """Send a page view of `path`, which may have a query: it is strained like everything."""
        process = self._process
        try:
            if not isinstance(path, str) or not path:
                raise EventError("the path of a page view is a string that is not empty")
            visit = current.get()
            hostname = visit.place()[0] if visit is not None else self.app_name
            self._send(process, visit, {"hostname": hostname, "url": path})
        except Exception as error:
            self._failed(process, error)

    def track_route(self, event_name: str) -> Callable[[F], F]:
        """A decorator: each call of the function, sync or async, sends the event `event_name`."""
        return _tracked(self.track_event, event_name)

    # requests

    def init_flask(self, app: "Flask", **options: Any) -> None:
        """Count every request of a Flask application; HTML pages send page views. See Watch for the options."""
        from .flask import init
        init(self, app, **options)

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that no middleware saw.

        route: a template, "/orders/{id}", never what was typed: it is strained, but each new one is a counter of its
        own. status: 100 to 999, or 0 for one that never came. seconds: how long it took. What is none of these raises
        EventError in debug mode, and is counted in lost() otherwise.
        """
        process = _process.running or self._process
        try:
            duration_us = int(seconds * 1e6)
            if (type(status) is not int or not 99 < status < 1000 or not 0 <= duration_us <= DURATION_MAX_US
                    or method not in METHODS):
                check_request(method, route, status, seconds)
            process.transport.route(METHODS.get(method, OTHER), _clean_route(route), status, duration_us)
        except Exception as error:  # types are asked for where it is too late, which costs nothing where they are right
            self._failed(process, request_error(error, method, route, status, seconds))

    # declared counters

    def count(self, event_name: str, event_id: "Union[int, str, uuid.UUID, None]" = None,
              source: Optional[str] = None, count: int = 1) -> None:
        """Count a thing that the registry (counts.registry) declares: one more of it today, or `count` more.

        Nothing else can be passed: a search is counted without its text. event_id: the number or UUID of a
        thing, never of a person. Safe from kill -9 on return, but for the transport http, which sums and sends
        soon; `tamis rollup` brings it into the store. What is not declared raises EventError in debug mode, and
        is counted in lost() otherwise.
        """
        process = self._process
        try:
            if not isinstance(event_name, str) or not isinstance(source, (str, type(None))):
                raise EventError("event_name and source are strings")
            if isinstance(event_id, bool) or not isinstance(event_id, (int, str, uuid.UUID, type(None))):
                raise EventError("event_id is no integer and no UUID")
            if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= 1000000:
                raise EventError("count is no integer from 1 to 1000000")
            process.transport.count(event_name, None if event_id is None else str(event_id), source, count)
        except Exception as error:
            self._failed(process, error)

    def increment(self, metric: str, dimensions: Optional[Mapping[str, str]] = None,
                  address: Optional[str] = None) -> bool:
        """Count once for releases with differential privacy what the registry declares with a mechanism.

        dimensions: the metric's own, as texts; what is in no list counts as __other__. Where the registry says
        krr the answer is replaced at random before anything is kept of it or leaves this process. Bounded for the
        client of the request in progress, or for `address`; it is hashed and kept nowhere. With the transport
        http increments leave together, in an order and at a moment that are drawn. True: counted, or on its
        way. False: not, since this client has given what counts of it today, or asks not to be tracked.
        """
        process = self._process
        try:
            if not isinstance(metric, str) or not isinstance(dimensions, (Mapping, type(None))):
                raise EventError("metric is a string, and dimensions are a dict")
            return process.transport.increment(metric, dimensions or {}, _visitor(address))
        except Exception as error:
            self._failed(process, error)
            return False

    def budget(self, address: Optional[str] = None) -> Dict[str, Budget]:
        """What counts today of the client of the request in progress, or of `address`, and what of it may, by metric.

        Of a client only these numbers are kept, for the day; with the transport http by this process.
        """
        process = self._process
        try:
            return process.transport.budget(_visitor(address))
        except Exception as error:
            self._failed(process, error)
            return {}

    # looking after it

    def flush(self, timeout: float = 1.0) -> bool:
        """Wait, at most `timeout` seconds, until all that was tracked is safe on the disk and, where this
        process forwards or the transport is http, delivered. True: it is. As long as it takes: math.inf, or
        whatever is more than three weeks."""
        process = self._process
        try:
            if not isinstance(timeout, (int, float)) or timeout != timeout:
                raise EventError("timeout is a number of seconds")
            return process.transport.flush(min(max(timeout, 0.0), FLUSH_MAX_S))
        except Exception as error:
            self._failed(process, error)
            return False

    def lost(self) -> Dict[str, int]:
        """How many events and counts this process could not keep, by the name of the error."""
        return self._process.lost()

    def metrics(self) -> str:
        """The counters of this machine in Prometheus' text format: requests, page views, events."""
        try:
            return self._process.transport.metrics()
        except Exception as error:
            self._failed(self._process, error)
            return ""

    # within

    def _send(self, process: Process, visit: Optional[Visit], payload: Payload) -> None:
        if self.before_send is not None:
            hooked = self.before_send(payload)
            if hooked is None:
                return
            if not isinstance(hooked, dict):
                raise EventError(f"before_send returns a dict or None, not {type(hooked).__name__}")
            payload = hooked
        process.transport.send({"type": "event", "payload": payload},
                               visit.visitor() if visit is not None else NOBODY)

    def _page_view(self, visit: Visit) -> None:
        process = self._process
        try:
            self._send(process, visit, visit.page_view())
        except Exception as error:
            self._failed(process, error)

    def _failed(self, process: Process, error: Exception) -> None:
        if process.settings.debug and isinstance(error, EventError):
            raise error
        process.count_lost(error)


def _visitor(address: Optional[str]) -> Visitor:
    """Of the request in progress; `address` stands in its place."""
    visit = current.get()
    visitor = visit.visitor() if visit is not None else NOBODY
    return visitor if address is None else (address.encode(), visitor[1], visitor[2])


_instances: Dict[str, UmamiAnalytics] = {}


def get_analytics(app_name: str) -> UmamiAnalytics:
    """The analytics of the application `app_name`: the same object for the same name."""
    analytics = _instances.setdefault(app_name, UmamiAnalytics(app_name))
    _process.process(app_name)
    return analytics


def _here() -> UmamiAnalytics:
    """Of the request in progress, else of the application that came first, else of the program's name."""
    visit = current.get()
    if visit is not None:
        return visit.watch.analytics
    for analytics in list(_instances.values())[:1]:
        return analytics
    return get_analytics(pathlib.Path(sys.argv[0]).stem or "python")


def track_event(event_name: str, properties: Optional[Mapping[str, Any]] = None) -> None:
    """UmamiAnalytics.track_event of the application that the request in progress belongs to, else of the first."""
    _here().track_event(event_name, properties)


def count(event_name: str, event_id: "Union[int, str, uuid.UUID, None]" = None, source: Optional[str] = None,
          count: int = 1) -> None:
    """UmamiAnalytics.count, likewise: ``count('directory_view', event_id=42, source='web')``."""
    _here().count(event_name, event_id, source, count)


def increment(metric: str, dimensions: Optional[Mapping[str, str]] = None, address: Optional[str] = None) -> bool:
    """UmamiAnalytics.increment, likewise: ``increment('template_view', {'template_id': 'a'})``."""
    return _here().increment(metric, dimensions, address)


def budget(address: Optional[str] = None) -> Dict[str, Budget]:
    """UmamiAnalytics.budget, likewise: ``budget()['opinion'].used``."""
    return _here().budget(address)


def track_page_view(path: str) -> None:
    """UmamiAnalytics.track_page_view, likewise."""
    _here().track_page_view(path)


def track_route(event_name: str) -> Callable[[F], F]:
    """A decorator: each call of the function, sync or async, sends the event `event_name`."""
    return _tracked(track_event, event_name)
