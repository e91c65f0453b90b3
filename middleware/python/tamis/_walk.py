"""Clean a structure of Python objects: to JSON, through the sanitizer in one call, and back.

The sanitizer sees the whole at once, so that names and their values, pairs of a name and a value,
and JSON within strings mean what they mean elsewhere in tamis. Then the structure and what came
back are walked side by side: a value that came back as it went is the very object, any other the
cleaned text, and every container a new one of the same type.
"""
from __future__ import annotations

import copy
import dataclasses
import datetime
import decimal
import enum
import fractions
import ipaddress
import json
import math
import pathlib
import uuid
from typing import Any, Callable, Dict, List, Mapping, MutableMapping, Optional, Tuple, TypeVar, Union

from .errors import DataError, SanitizeError

MAX_DEPTH = 64
MAX_VALUES = 100_000

T = TypeVar("T")
Plain = Any
"""None, bool, int, float, str, a list of Plain or a dict of str to Plain."""

_TOLD_BY_STR = (datetime.date, datetime.time, datetime.timedelta, decimal.Decimal, fractions.Fraction,
                uuid.UUID, pathlib.PurePath, ipaddress.IPv4Address, ipaddress.IPv6Address,
                ipaddress.IPv4Network, ipaddress.IPv6Network, complex)
_LISTS = (list, tuple, set, frozenset)


class _Pairs(List[Tuple[str, Any]]):
    """A JSON object as it stands: in its order, and with keys that became the same placeholder."""


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_decode = json.JSONDecoder(object_pairs_hook=_Pairs).decode


def _fields(value: Any) -> Optional[Dict[str, Any]]:
    """The fields of a dataclass or a named tuple; None: it is neither."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return dict(zip(value._fields, value))
    return None


def plain_scalar(value: Any) -> Union[None, bool, int, float, str]:
    """What stands for `value` in JSON; TypeError for what nobody can look into."""
    if isinstance(value, enum.Enum):
        return plain_scalar(value.value)
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else 0.0
    if isinstance(value, _TOLD_BY_STR):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)) or hasattr(value, "read"):
        raise TypeError(f"binary values and files are not taken: {type(value).__name__}")
    raise TypeError(f"it is not known what an object of {type(value).__name__} holds: "
                    "give its text, or a dict of what matters")


class _Walk:
    """One structure on its way there and back."""

    def __init__(self, max_depth: int, max_values: int) -> None:
        self.max_depth, self.left, self.max_values = max_depth, max_values, max_values

    def plain(self, value: Any, depth: int = 0) -> Plain:
        """`value` of the kinds that JSON has."""
        self.left -= 1
        if self.left < 0:
            raise DataError(f"the data holds more than {self.max_values} values")
        if type(value) is str:
            return value
        if depth > self.max_depth:
            raise DataError(f"the data is nested deeper than {self.max_depth} levels, or holds itself")
        fields = _fields(value)
        if fields is not None:
            value = fields
        if isinstance(value, Mapping):
            return self.plain_mapping(value, depth)
        if isinstance(value, _LISTS):
            return [self.plain(item, depth + 1) for item in value]
        return plain_scalar(value)

    def plain_mapping(self, value: Mapping[Any, Any], depth: int) -> Plain:
        items = {}
        for key, item in value.items():
            text = key if type(key) is str else _key(key)
            if text in items:
                raise DataError("two keys of a dict have the same text")
            items[text] = self.plain(item, depth + 1)
        return items

    def restored(self, value: Any, was: Plain, cleaned: Plain) -> Any:
        """`value` with what came back as `cleaned` in the place of `was`."""
        fields = _fields(value)
        if isinstance(was, dict) and isinstance(cleaned, _Pairs) and len(was) == len(cleaned):
            if fields is None:
                return self.restored_mapping(value, was, cleaned)
            return _rebuilt(value, {name: self.restored(item, was[name], new)
                                    for (name, item), (_, new) in zip(fields.items(), cleaned)})
        if isinstance(was, list) and isinstance(cleaned, list) and len(was) == len(cleaned):
            return type(value)([self.restored(*row) for row in zip(value, was, cleaned)])
        if isinstance(was, (dict, list)) or isinstance(cleaned, (dict, list)):
            raise SanitizeError("the cleaned data is of another shape")
        return value if cleaned == was and type(cleaned) is type(was) else cleaned

    def restored_mapping(self, value: Mapping[Any, Any], was: Plain, cleaned: _Pairs) -> Any:
        new = copy.copy(value) if isinstance(value, MutableMapping) else {}
        new.clear()
        for (key, item), (text, plain), (cleaned_key, cleaned_item) in zip(value.items(), was.items(), cleaned):
            name = key if cleaned_key == text else _free(new, cleaned_key)
            new[name] = self.restored(item, plain, cleaned_item)
        return new


def _key(key: Any) -> str:
    text = plain_scalar(key)
    return text if isinstance(text, str) else str(text)


def _free(taken: Mapping[Any, Any], key: str) -> str:
    """`key`, with a number where another key became the same placeholder."""
    name, number = key, 1
    while name in taken:
        number += 1
        name = f"{key} {number}"
    return name


def _rebuilt(value: Any, fields: Dict[str, Any]) -> Any:
    if isinstance(value, tuple):
        return type(value)(*fields.values())
    new = object.__new__(type(value))
    for name, item in fields.items():
        object.__setattr__(new, name, item)
    return new


def plain(value: Any, max_depth: int, max_values: int) -> Plain:
    """`value` of the kinds that JSON has. Raises DataError beyond the bounds, TypeError for binary values."""
    return _Walk(max_depth, max_values).plain(value)


def walk(data: T, clean: Callable[[str], str], max_depth: int, max_values: int) -> T:
    """See Sanitizer.sanitize_data(); `clean` takes and gives a JSON document."""
    way = _Walk(max_depth, max_values)
    was = way.plain(data)
    try:
        cleaned = _decode(clean(_encode(was)))
    except ValueError as error:  # its text may quote the data
        raise SanitizeError(f"the cleaned data cannot be read ({type(error).__name__})") from None
    restored: T = way.restored(data, was, cleaned)
    return restored
