"""Personal data stays out of the logs of the standard logging module.

    handler.addFilter(SanitizingFilter())

Put it on handlers: a logger's filter does not see what comes from the loggers below it.
"""
from __future__ import annotations

import logging
from typing import Optional

from ._lenient import LenientSanitizer
from .sanitizer import Sanitizer

_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class SanitizingFilter(logging.Filter):
    """Cleans message with arguments, `extra`, exception and stack of each record; drops none.

    Arguments are put into the message first, since ``token=%s`` tells what its argument is. Values of
    `extra` that cannot be looked into become their text. Network addresses are cut to /24 and /48;
    `sanitizer` has other rules. Never raises: what cannot be cleaned is withheld, and says so.
    """

    def __init__(self, name: str = "", sanitizer: Optional[Sanitizer] = None) -> None:
        super().__init__(name)
        self._sanitizer = LenientSanitizer(sanitizer)

    def filter(self, record: logging.LogRecord) -> bool:
        clean = self._sanitizer
        record.msg, record.args = clean.told(logging.LogRecord.getMessage, record), None
        if record.exc_text:
            record.exc_text, record.exc_info = clean.told(str, record.exc_text), None
        elif record.exc_info:
            record.exc_text, record.exc_info = clean.exception(record.exc_info), None
        if record.stack_info:
            record.stack_info = clean.told(str, record.stack_info)
        for name in record.__dict__.keys() - _OF_EVERY_RECORD:
            record.__dict__[name] = clean.value(name, record.__dict__[name])
        return True
