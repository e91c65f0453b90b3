"""Personal data stays out of structlog's events.

    structlog.configure(processors=[..., tamis.structlog.sanitize, structlog.processors.JSONRenderer()])
"""
from __future__ import annotations

import sys
from typing import Any, MutableMapping

from ._lenient import LenientSanitizer

_sanitizer = LenientSanitizer()


def sanitize(logger: Any, method: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor: every value clean, under its name, every name, and ``exc_info`` as the text ``exception``.

    Its place is directly before the renderer. Never raises: what cannot be cleaned is withheld, and says so.
    """
    exc_info = event_dict.pop("exc_info", None)
    if isinstance(exc_info, BaseException):
        exc_info = (type(exc_info), exc_info, exc_info.__traceback__)
    elif exc_info and not isinstance(exc_info, tuple):
        exc_info = sys.exc_info()
    if exc_info:
        event_dict["exception"] = _sanitizer.exception(exc_info)
    for name in list(event_dict):
        if name in ("event", "exception") and isinstance(event_dict[name], str):
            event_dict[name] = _sanitizer.told(str, event_dict[name])
        else:
            _sanitizer.renew(event_dict, name)
    return event_dict
