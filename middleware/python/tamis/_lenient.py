"""Cleaning that never raises, for logs: what cannot be cleaned is withheld, with a word in its place."""
from __future__ import annotations

import traceback
from types import TracebackType
from typing import Any, Callable, Tuple, Type, TypeVar, Union

from .sanitizer import Sanitizer

A = TypeVar("A")
ExcInfo = Union[Tuple[Type[BaseException], BaseException, "TracebackType | None"], Tuple[None, None, None]]


class LenientSanitizer:
    """A Sanitizer for log lines. Addresses are cut to /24 and /48, as the command sanitize does."""

    def __init__(self, sanitizer: "Sanitizer | None" = None) -> None:
        self._sanitizer = sanitizer or Sanitizer({"ip": "truncate"})

    def told(self, tell: Callable[[A], str], value: A) -> str:
        """What `tell` says of `value`, clean."""
        try:
            return self._sanitizer.sanitize_text(tell(value))
        except Exception as error:
            return f"[withheld: it could not be cleaned ({type(error).__name__})]"

    def value(self, name: str, value: Any) -> Any:
        """`value` clean, under its name, which may say that it is a secret; of strange objects their text."""
        try:
            return self._sanitizer.sanitize_data({name: value})[name]
        except Exception:
            text = self.told(lambda it: f"{name}={it}", value)
            return text.partition("=")[2] or text

    def exception(self, exc_info: ExcInfo) -> str:
        """A traceback's text, clean."""
        return self.told(lambda it: "".join(traceback.format_exception(*it)).rstrip("\n"), exc_info)
