"""libtamis by ctypes: one handle over the pipeline that tamis.fcgi runs, in this process.

The functions that requests and events call have no argtypes: declared to ctypes, their arguments take longer
to convert than libtamis needs for all the rest. Those are bytes, None, references, and numbers of an int's range.

The handle is thread safe, and fork safe without help: a child opens its own part at its first call.
"""
from __future__ import annotations

import contextlib
import ctypes
import logging
import threading
from typing import TYPE_CHECKING, Any, Iterable, Iterator, List, Optional, Tuple

from . import _library

if TYPE_CHECKING:
    from .visit import Visit

logger = logging.getLogger("tamis")

FORWARD, SETTINGS, REMOTE = 1, 2, 4
EINVALID, ETOOLARGE, ELIMITED, ETIME = -1, -2, -3, -10

_LEVELS = (logging.ERROR, logging.WARNING, logging.INFO, logging.DEBUG)
_LogFn = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p)


class GatewayError(RuntimeError):
    """libtamis did not do it; `number` is one of TAMIS_E. The text never has a piece of an event."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(text)
        self.number = number


class _Options(ctypes.Structure):
    """struct tamis_options"""

    _fields_ = [("size", ctypes.c_size_t), ("app_name", ctypes.c_char_p), ("config_path", ctypes.c_char_p),
                ("settings", ctypes.POINTER(ctypes.c_char_p)), ("flags", ctypes.c_uint)]


class Visitor(ctypes.Structure):
    """struct tamis_visitor"""

    _fields_ = [("size", ctypes.c_size_t), ("address", ctypes.c_char_p), ("user_agent", ctypes.c_char_p),
                ("do_not_track", ctypes.c_int)]


_INT_MAX = 2**31 - 1
_VISITOR_BYTES = ctypes.sizeof(Visitor)


class _Voice(threading.local):
    """What a thread does with the library's lines."""

    held: Optional[List[Tuple[int, str]]] = None
    """Not None: they are kept here."""
    speaks = False
    """A handler is at a line: what the library says of what that does, such as to track an event, would have no end."""


_voice = _Voice()


def say(level: int, text: str) -> None:
    """Log a line of the library, unless a handler of such a line led to it."""
    if _voice.speaks:
        return
    _voice.speaks = True
    try:
        logger.log(level, "%s", text)
    finally:
        _voice.speaks = False


@contextlib.contextmanager
def lines_held() -> Iterator[List[Tuple[int, str]]]:
    """Within it, this thread's lines of the library are put into the list, for say() later."""
    lines = _voice.held = []
    try:
        yield lines
    finally:
        _voice.held = None


def _write_log(_context: Any, level: int, line: bytes) -> None:
    row = _LEVELS[min(level, 3)], line.decode("utf-8", "replace")
    if _voice.held is not None:
        _voice.held.append(row)
    else:
        say(*row)


_log = _LogFn(_write_log)  # has to live as long as the library


def _library_ready() -> _library.Library:
    _library.sanitizer()  # libtamis calls it, and finds it loaded
    library = _library.load("libtamis", "libtamis.so.1", "tamis_version")
    tamis, pointer, text, size = library.calls, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t
    tamis.tamis_start.argtypes = [ctypes.POINTER(pointer), ctypes.POINTER(_Options), text, size]
    tamis.tamis_flush.argtypes = [pointer, ctypes.c_int]
    tamis.tamis_stop.argtypes = [pointer]
    tamis.tamis_metrics.argtypes = [pointer, text, size]
    tamis.tamis_setting.argtypes = [pointer, text, text, size]
    tamis.tamis_strerror.restype = text
    tamis.tamis_count.argtypes = [pointer, text, text, text, ctypes.c_uint64, text, size]
    tamis.tamis_increment.argtypes = [pointer, text, ctypes.POINTER(text), ctypes.POINTER(Visitor), text, size]
    tamis.tamis_budget.argtypes = [pointer, ctypes.POINTER(Visitor), text, size]
    tamis.tamis_log(_log, None)
    return library


def silence() -> None:
    """No line of the library comes to Python any more: it is about to end."""
    for library in _library.loaded("libtamis"):
        library.calls.tamis_log(None, None)


class Gateway:
    """One handle. Raises LibraryError without libtamis, GatewayError for a wrong configuration."""

    def __init__(self, app_name: str, config_path: Optional[str], settings: Iterable[str], flags: int) -> None:
        library = _library_ready()
        self._tamis = library.calls
        self._send, self._page = library.calls.tamis_send, library.calls.tamis_page
        self._route = library.quick.tamis_route
        lines = [line.encode() for line in settings]
        options = _Options(ctypes.sizeof(_Options), app_name.encode(), config_path and config_path.encode(),
                           (ctypes.c_char_p * (len(lines) + 1))(*lines, None), flags)
        handle, why = ctypes.c_void_p(), ctypes.create_string_buffer(512)
        result = self._tamis.tamis_start(ctypes.byref(handle), ctypes.byref(options), why, len(why))
        if result < 0:
            raise GatewayError(result, why.value.decode("utf-8", "replace"))
        self._handle = handle
        self._it = ctypes.c_void_p.from_param(handle.value)  # as an argument, it needs no conversion any more

    def send(self, event: bytes, address: Optional[bytes] = None, user_agent: Optional[bytes] = None,
             do_not_track: bool = False, *, explain: bool = False) -> bool:
        """One event as POST /api/send takes it; True when it was kept, safe from kill -9.

        False: it was counted, and is not to be kept (a bot, Do Not Track, shut out). Raises GatewayError;
        with `explain` it says which field is wrong. Takes a few µs; may wait for the disk to take a write.
        """
        known = address or user_agent or do_not_track
        visitor = ctypes.byref(Visitor(_VISITOR_BYTES, address, user_agent, do_not_track)) if known else None
        why = ctypes.create_string_buffer(256) if explain else None
        tamis_send = self._send
        result: int = tamis_send(self._it, event, len(event), visitor, why, 256 if explain else 0)
        if result < 0:
            raise self._error(result, why.value if why is not None else b"")
        return result > 0

    def route(self, method: bytes, route: bytes, status: int, duration_us: int) -> None:
        """Count a request; 0 for a status that never came."""
        tamis_route = self._route  # called as an attribute, it is looked up as a method first
        result = tamis_route(self._it, method, route, status,
                             duration_us if duration_us <= _INT_MAX else ctypes.c_uint64(duration_us))
        if result < 0:
            raise self._error(result)

    def page(self, visit: "Visit", route: bytes, status: int, duration_us: int) -> bool:
        """Count a GET, and take the page view that it was; False: it cannot be told so, and nothing is done."""
        told, flags = visit.page()
        if told.count(b"\0") != 5:  # a %00 in the path: no C string holds it
            return False
        tamis_page = self._page
        result = tamis_page(self._it, route, status,
                            duration_us if duration_us <= _INT_MAX else _INT_MAX, told, flags)
        if result < 0:
            raise self._error(result)
        return True

    def count(self, event_name: str, event_id: Optional[str], source: Optional[str], number: int) -> None:
        """Count a thing that the registry declares; safe from kill -9. Raises GatewayError, naming the field."""
        why = ctypes.create_string_buffer(256)
        result = self._tamis.tamis_count(self._handle, event_name.encode(), event_id and event_id.encode(),
                                         source and source.encode(), number, why, len(why))
        if result < 0:
            raise self._error(result, why.value)

    def increment(self, metric: str, dimensions: Iterable[str], address: bytes, do_not_track: bool) -> bool:
        """Count for releases; False: not of who asks not to be tracked. Raises GatewayError, naming the field."""
        pairs = [pair.encode() for pair in dimensions]
        visitor = Visitor(_VISITOR_BYTES, address or None, None, do_not_track)
        why = ctypes.create_string_buffer(256)
        result: int = self._tamis.tamis_increment(
            self._handle, metric.encode(), (ctypes.c_char_p * (len(pairs) + 1))(*pairs, None),
            ctypes.byref(visitor), why, len(why))
        if result < 0:
            raise self._error(result, why.value)
        return result > 0

    def budget(self, address: bytes) -> str:
        """What counts of this client today and may, by metric, as JSON."""
        visitor = Visitor(_VISITOR_BYTES, address or None, None, False)
        return self._text(self._tamis.tamis_budget, self._handle, ctypes.byref(visitor))

    def flush(self, timeout_ms: int) -> bool:
        """Is all that was accepted on the disk and, where this process forwards, delivered? Waits for it."""
        result = self._tamis.tamis_flush(self._handle, timeout_ms)
        if result < 0 and result != ETIME:
            raise self._error(result)
        return bool(result >= 0)

    def stop(self) -> None:
        """Flush and end, within a second; no other call may follow."""
        self._tamis.tamis_stop(self._handle)

    def metrics(self) -> str:
        """All counters of this state directory, in Prometheus' text format."""
        return self._text(self._tamis.tamis_metrics, self._handle)

    def setting(self, key: str) -> str:
        """A setting in force, such as "umami.website_id"; a list by lines."""
        return self._text(self._tamis.tamis_setting, self._handle, key.encode())

    def _text(self, function: Any, *arguments: Any) -> str:
        size = 4096
        while True:
            text = ctypes.create_string_buffer(size)
            length = function(*arguments, text, size)
            if length < 0:
                raise self._error(length)
            if length < size:
                return text.value.decode("utf-8", "replace")
            size = 2 * length

    def _error(self, number: int, why: bytes = b"") -> GatewayError:
        return GatewayError(number, (why or self._tamis.tamis_strerror(number)).decode("utf-8", "replace"))
