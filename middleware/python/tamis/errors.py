"""What can go wrong, as exceptions."""
from __future__ import annotations

from ._library import LibraryError


class SanitizeError(RuntimeError):
    """The text could not be cleaned; nothing of it is handed out. Texts never quote the input."""


class DataError(ValueError):
    """A structure that is too deep, too large, or of a kind that cannot be cleaned."""


class EventError(ValueError):
    """An event that Umami would not take: its name or its properties. Raised in debug mode only."""


__all__ = ["DataError", "EventError", "LibraryError", "SanitizeError"]
