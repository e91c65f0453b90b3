"""What all analytics of one process share: settings and one transport, started at first need.

Nothing here raises: an application without its spool, its libraries or its settings runs on, says so
once in the log, and counts what is lost.
"""
from __future__ import annotations

import atexit
import contextlib
import logging
import os
import threading
from typing import Dict, Iterator, Optional, Tuple

from . import _native
from .proxies import Proxies
from .settings import Settings, Sources, beside as config_beside, read
from .spool import Spool
from .transport import Nowhere, Transport

logger = logging.getLogger("tamis")

NO_SETTINGS = Settings(enabled=False, debug=False, website_id="", transport="spool", responder_url="",
                       token_file="", page_views=False, query=False, exclude_paths=(), trusted_proxies=(),
                       queue_size=1, batch_size=1, flush_interval_s=1)


def _nobody_else(record: logging.LogRecord) -> bool:
    """Has the application no handler of its own for what we log, now?"""
    return len(logger.handlers) < 2 and not (logger.propagate and logging.getLogger().handlers)


def _show_events() -> None:
    """Have the events of umami.debug printed, once each."""
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.addFilter(_nobody_else)
        logger.addHandler(handler)
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.DEBUG)


class Process:
    """Settings and transport of a process and of what it forks."""

    def __init__(self, app_name: str, sources: Sources, transport: Optional[Transport] = None) -> None:
        """transport: instead of the one that the settings name."""
        self._lost: Dict[str, int] = {}
        self._lock = threading.Lock()
        self._stands_in = transport is not None
        with _native.lines_held() as self._lines:
            self.settings, self.transport = self._start(app_name, sources, transport)
        self.proxies = Proxies(self.settings.trusted_proxies)

    def _start(self, app_name: str, sources: Sources, transport: Optional[Transport]) -> Tuple[Settings, Transport]:
        settings = NO_SETTINGS
        try:
            settings = read(app_name, sources)
            return settings, self._open(app_name, sources, settings) if transport is None else transport
        except Exception as error:
            return settings, Nowhere(error)

    def say(self) -> None:
        """What there is to say of the start. Hold no lock: a handler of the log may track events."""
        settings, lines = self.settings, self._lines
        self._lines = []
        if settings.debug and not self._stands_in:
            _show_events()
        for line in lines:
            _native.say(*line)
        if isinstance(self.transport, Nowhere) and self.transport.why is not None:
            logger.warning("analytics is off, the application runs on: %s", self.transport.why)
        elif settings.enabled and not settings.website_id and not self._stands_in:
            logger.warning("UMAMI_WEBSITE_ID is not set: events are kept and counted here, and none is forwarded")

    def _open(self, app_name: str, sources: Sources, settings: Settings) -> Transport:
        if not settings.enabled:
            return Nowhere()
        if settings.transport == "http":
            from .http import Http  # its standard modules only for those who want it
            return Http(settings, lambda: _native.Gateway(app_name, sources.file, sources.lines(), _native.REMOTE),
                        self.count_lost)
        return Spool(app_name, sources.file, sources.lines(), explain=settings.debug)

    def forked(self) -> None:
        """In the child: a lock may have been held by a thread that is not here, and its counts are its own."""
        self._lock, self._lost = threading.Lock(), {}

    def count_lost(self, error: Exception) -> None:
        """Count it under the error's name, and say it in the log the first time."""
        reason = type(error).__name__
        with self._lock:
            self._lost[reason] = self._lost.get(reason, 0) + 1
            first = self._lost[reason] == 1
        if first and not isinstance(self.transport, Nowhere):
            logger.warning("an event is not kept; others like it are only counted: %s", error)

    def lost(self) -> Dict[str, int]:
        """What this process lost of events and counts, by the name of the error."""
        with self._lock:
            return dict(self._lost)

    def stop(self) -> None:
        """Bring out what is held, within a second; what comes later goes nowhere."""
        transport, self.transport = self.transport, Nowhere()
        transport.stop()


_sources = Sources()
running: Optional[Process] = None
"""The one of this process, once it was asked for; see process()."""
_started: Optional[Process] = None
"""The one that has read the settings; others may stand in for it, see replaced()."""
_lock = threading.Lock()


def configure(file: Optional[str] = None, *, beside: Optional[str] = None, **settings: str) -> None:
    """Say where settings come from; call it before the first get_analytics(), which reads them for good.

    file: a YAML file, see tamis.yaml(5). beside: take config.yaml in the directory of this Python file,
    ``configure(beside=__file__)``. settings: with "__" for dots, ``state__dir='/srv/app/analytics'``; these win
    over environment and file. A call that comes too late changes nothing and says so: as a warning in the log
    "tamis", in debug mode as a RuntimeError. To say the same again is no mistake.
    """
    given = Sources(config_beside(beside) if beside else file,
                    {key.replace("__", "."): value for key, value in settings.items()})
    if given == _sources:
        return
    if _started is not None:
        _too_late(_started)
        return
    _sources.file, _sources.overrides = given.file, given.overrides


def _too_late(started: Process) -> None:
    text = ("configure() changes nothing any more: the settings were read by the first get_analytics() or event; "
            "call it before, where the application starts")
    if started.settings.debug:
        raise RuntimeError(text)
    logger.warning(text)


def process(app_name: str) -> Process:
    """The one of this process; app_name is of the application that asks first."""
    return running or _start(app_name)


def _start(app_name: str) -> Process:
    global running, _started
    with _lock:
        if running is not None:
            return running
        started = running = _started = Process(app_name, _sources)
    started.say()
    return started


@contextlib.contextmanager
def replaced(transport: Transport, settings: Dict[str, str]) -> Iterator[None]:
    """Another transport for a while, and debug mode; for tests."""
    global running
    before = running
    keys = {"umami.debug": "true", **{key.replace("__", "."): value for key, value in settings.items()}}
    running = Process("test", Sources(_sources.file, {**_sources.overrides, **keys}), transport)
    try:
        running.say()
        yield
    finally:
        running = before


def _forked() -> None:
    global _lock
    _lock = threading.Lock()
    if running is not None:
        running.forked()


def _at_exit() -> None:
    if running is not None:
        running.stop()
    _native.silence()


os.register_at_fork(after_in_child=_forked)
atexit.register(_at_exit)
