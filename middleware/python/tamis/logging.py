"""Personal data stays out of the logs of the standard logging module.

    handler.addFilter(SanitizingFilter())

Put it on handlers: a logger's filter does not see what comes from the loggers below it.
"""
from __future__ import annotations

import logging
import re
from typing import Any, Iterator, Mapping, Optional

from ._lenient import LenientSanitizer
from .sanitizer import Sanitizer

_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_NUMBER = re.compile(r"%%|(%\([^()]*\))[#0 +-]*[\d*]*(?:\.[\d*]*)?[hlL]?[diouxXeEfFgGc]")
_GONE = "[REDACTED]"


class _ByName(Mapping[str, Any]):
    """Arguments as a mapping: each clean under its name, when it is asked for. gunicorn has a hundred and asks for ten."""

    def __init__(self, arguments: Mapping[str, Any], clean: LenientSanitizer) -> None:
        self._arguments, self._clean = arguments, clean

    def __getitem__(self, name: str) -> Any:
        return self._clean.value(name, self._arguments[name])

    def __iter__(self) -> Iterator[str]:
        """Names that are personal data themselves are left out."""
        return (name for name in self._arguments if self._clean.told(str, name) == name)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        content = self._clean.value("arguments", self._arguments)
        return content if isinstance(content, str) else repr(content)  # a text is what str() made of it


def _put_in(record: logging.LogRecord) -> str:
    """The message; where a number is a secret's by its name, a word stands for it."""
    try:
        return record.getMessage()
    except TypeError:
        if not isinstance(record.args, _ByName):
            raise
        return str(_NUMBER.sub(lambda found: found[1] + "s" if found[1] else "%%", str(record.msg))
                   % record.args)


def _says(record: logging.LogRecord, message: str) -> bool:
    try:
        return record.getMessage() == message
    except Exception:
        return False


def _remains(argument: Any, message: str) -> Any:
    """Of a clean argument what the clean message tells, too: of two halves of an address neither."""
    try:
        if str(argument) in message:
            return argument
    except Exception:
        return _GONE
    return 0 if isinstance(argument, (int, float)) else _GONE


class SanitizingFilter(logging.Filter):
    """Cleans message with arguments, `extra` with its names, exception and stack of each record; drops none.

    The message is cleaned with its arguments in it, since ``token=%s`` tells what its argument is, and so does the
    name of ``%(token)s``. Arguments stay with the record, clean, for formatters that take them apart (uvicorn's for
    access, JSON of gunicorn's): under the format as it was where that makes the clean message, else as far as the
    clean message tells of them. Values of `extra` that cannot be looked into become their text. Network addresses
    are cut to /24 and /48; `sanitizer` has other rules. Never raises: what cannot be cleaned is withheld, and says so.
    """

    def __init__(self, name: str = "", sanitizer: Optional[Sanitizer] = None) -> None:
        super().__init__(name)
        self._sanitizer = LenientSanitizer(sanitizer)

    def filter(self, record: logging.LogRecord) -> bool:
        clean = self._sanitizer
        self._clean_message(record)
        if record.exc_text:
            record.exc_text, record.exc_info = clean.told(str, record.exc_text), None
        elif record.exc_info:
            record.exc_text, record.exc_info = clean.exception(record.exc_info), None
        if record.stack_info:
            record.stack_info = clean.told(str, record.stack_info)
        for name in record.__dict__.keys() - _OF_EVERY_RECORD:
            clean.renew(record.__dict__, name)
        return True

    def _clean_message(self, record: logging.LogRecord) -> None:
        clean = self._sanitizer
        if isinstance(record.args, Mapping):
            if not isinstance(record.args, _ByName):
                record.args = _ByName(record.args, clean)
            record.msg = clean.told(_put_in, record).replace("%", "%%")
            return
        message = clean.told(_put_in, record)
        given = record.args if isinstance(record.args, tuple) else ()
        record.args = tuple([self._argument(argument) for argument in given])
        if not given:
            record.msg = message
        elif not isinstance(record.msg, str) or not _says(record, message):
            record.args = tuple([_remains(argument, message) for argument in record.args])
            record.msg = message.replace("%", "%%") + "%.0s" * len(given)  # they are in it already

    def _argument(self, value: Any) -> Any:
        clean = self._sanitizer
        return clean.told(str, value) if isinstance(value, str) else clean.value("", value)
