"""What Umami takes as an event's name and properties."""
from __future__ import annotations

import math
from typing import Any, Dict, Mapping, Optional

from ._walk import plain
from .errors import DataError, EventError

NAME_MAX = 50
TEXT_MAX = 500
"""UTF-16 units, as Umami counts; longer text makes its database refuse the event."""
DURATION_MAX_US = 10**15
DEPTH_MAX = 16
VALUES_MAX = 1000

_SIMPLE = frozenset([str, int, bool, type(None)])


def units(text: str) -> int:
    """Length as JavaScript counts it.

    >>> units('é'), units('😀')
    (1, 2)
    """
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_name(name: Any) -> str:
    """`name`; EventError when Umami would not take it."""
    if not isinstance(name, str) or not name:
        raise EventError("the name of an event is a string that is not empty")
    if len(name) > NAME_MAX or units(name) > NAME_MAX:
        raise EventError(f"the name of an event has at most {NAME_MAX} characters")
    return name


def check_request(method: Any, route: Any, status: Any, seconds: Any) -> None:
    """EventError for what is no request."""
    if not isinstance(method, str) or not isinstance(route, str):
        raise EventError("method and route of a request are strings")
    if not isinstance(status, int) or isinstance(status, bool) or not (status == 0 or 100 <= status <= 999):
        raise EventError("the status of a request is an integer from 100 to 999, or 0 where it never came")
    if not isinstance(seconds, (int, float)) or not 0 <= seconds <= DURATION_MAX_US / 1e6:
        raise EventError("the seconds of a request are a number that is not negative")


def request_error(error: Exception, *request: Any) -> Exception:
    """What is wrong with the request, else `error`."""
    try:
        check_request(*request)
    except EventError as wrong:
        return wrong
    return error


def check_properties(properties: Optional[Mapping[str, Any]], strict: bool) -> Dict[str, Any]:
    """The properties as JSON has them; EventError for what Umami would not take.

    strict: too long keys and texts are errors, too. Otherwise they go out as they are, for the gateway to
    strain first and to cut then.
    """
    if type(properties) is not dict and not isinstance(properties, Mapping):
        raise EventError(f"properties are a dict, not {type(properties).__name__}")
    if strict:
        return {_check_key(key): _check_value(value) for key, value in properties.items()}
    fields = {}
    for key, value in properties.items():
        if type(key) is not str:
            _check_name(key)
        kind = type(value)
        fields[key] = value if kind in _SIMPLE or kind is float and math.isfinite(value) else _plain(value)
    return fields


def _check_name(key: Any) -> None:
    if not isinstance(key, str):
        raise EventError(f"names of properties are strings, not {type(key).__name__}")


def _check_key(key: Any) -> str:
    _check_name(key)
    if units(key) > TEXT_MAX:
        raise EventError(f"the name of a property has at most {TEXT_MAX} characters")
    return str(key)


def _check_value(value: Any) -> Any:
    if isinstance(value, str) and units(value) > TEXT_MAX:
        raise EventError(f"the text of a property has at most {TEXT_MAX} characters")
    return _plain(value)


def _plain(value: Any) -> Any:
    try:
        return plain(value, DEPTH_MAX, VALUES_MAX)
    except (DataError, TypeError) as error:
        raise EventError(str(error)) from None
