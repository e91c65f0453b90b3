"""Cleaning that never raises, for logs: what cannot be cleaned is withheld, with a word in its place."""
from __future__ import annotations

import traceback
from types import TracebackType
from typing import Any, Callable, MutableMapping, Tuple, Type, TypeVar, Union

from ._containers import free
from .sanitizer import Sanitizer

A = TypeVar("A")
ExcInfo = Union[Tuple[Type[BaseException], BaseException, "TracebackType | None"], Tuple[None, None, None]]


def _withheld(error: Exception) -> str:
    return f"[withheld: it could not be cleaned ({type(error).__name__})]"


class LenientSanitizer:
    """A Sanitizer for log lines. Addresses are cut to /24 and /48, as the command sanitize does."""

    def __init__(self, sanitizer: "Sanitizer | None" = None) -> None:
        self._sanitizer = sanitizer or Sanitizer({"ip": "truncate"})

    def told(self, tell: Callable[[A], str], value: A) -> str:
        """What `tell` says of `value`, clean."""
        try:
            return self._sanitizer.sanitize_text(tell(value))
        except Exception as error:
            return _withheld(error)

    def item(self, name: str, value: Any) -> Tuple[str, Any]:
        """Name and value clean; the name may say that the value is a secret. Of strange objects their text."""
        try:
            [item] = self._sanitizer.sanitize_data({name: value}).items()
            return item
        except Exception:
            text = self.told(lambda it: f"{name}={it}", value)
            return self._name(name), text.partition("=")[2] or text

    def _name(self, name: str) -> str:
        """Clean; where nothing can be cleaned an identifier is a program's own word, which formatters ask for."""
        text = str(name)
        try:
            return self._sanitizer.sanitize_text(text)
        except Exception as error:
            return text if text.isidentifier() else _withheld(error)

    def value(self, name: str, value: Any) -> Any:
        """`value` clean, under its name."""
        return self.item(name, value)[1]

    def renew(self, content: MutableMapping[str, Any], name: str) -> None:
        """Clean what is under `name` in `content`, and the name."""
        clean, value = self.item(name, content[name])
        if clean != name:
            del content[name]
            clean = free(content, clean)
        content[clean] = value

    def exception(self, exc_info: ExcInfo) -> str:
        """A traceback's text, clean."""
        return self.told(lambda it: "".join(traceback.format_exception(*it)).rstrip("\n"), exc_info)
