"""Clean a structure of Python objects: to JSON, through the sanitizer in one call, and back.

The sanitizer sees the whole at once, so that names and their values, pairs of a name and a value,
and JSON within strings mean what they mean elsewhere in tamis. Then the structure and what came
back are walked side by side: a value that came back as it went is the very object, any other the
cleaned text, and every container a new one, as _containers makes it.
"""
from __future__ import annotations

import datetime
import decimal
import enum
import fractions
import ipaddress
import json
import math
import pathlib
import uuid
from typing import Any, Callable, Dict, List, Mapping, Tuple, TypeVar, Union

from ._containers import LISTS, attributes, empty_dict, fields, free, list_of, rebuilt, rows
from .errors import DataError, SanitizeError

MAX_DEPTH = 64
MAX_VALUES = 100_000

T = TypeVar("T")
Plain = Any
"""None, bool, int, float, str, a list of Plain or a dict of str to Plain."""

_TOLD_BY_STR = (datetime.date, datetime.time, datetime.timedelta, decimal.Decimal, fractions.Fraction,
                uuid.UUID, pathlib.PurePath, ipaddress.IPv4Address, ipaddress.IPv6Address,
                ipaddress.IPv4Network, ipaddress.IPv6Network, complex)
_INT_BITS = 14_000
"""Python writes out 4300 digits, and no more of its own accord."""


class _Pairs(List[Tuple[str, Any]]):
    """A JSON object as it stands: in its order, and with keys that became the same placeholder."""


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_decode = json.JSONDecoder(object_pairs_hook=_Pairs).decode


def plain_scalar(value: Any) -> Union[None, bool, int, float, str]:
    """What stands for `value` in JSON, or a float that has no place there; TypeError for what nobody can look into."""
    if isinstance(value, enum.Enum):
        return plain_scalar(value.value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        if value.bit_length() > _INT_BITS:
            raise DataError("a number has more than 4000 digits")
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, _TOLD_BY_STR):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)) or hasattr(value, "read"):
        raise TypeError(f"binary values and files are not taken: {type(value).__name__}")
    raise TypeError(f"it is not known what an object of {type(value).__name__} holds: "
                    "give its text, or a dict of what matters")


class _Walk:
    """One structure on its way to JSON."""

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
        record = fields(value)
        if record is not None:
            return self.plain_record(value, record, depth)
        if isinstance(value, Mapping):
            return self.plain_mapping(value, depth)
        if isinstance(value, LISTS):
            return [self.plain(item, depth + 1) for item in value]
        scalar = plain_scalar(value)
        return self.number(scalar) if type(scalar) is float else scalar

    def plain_record(self, value: Any, record: Dict[str, Any], depth: int) -> Plain:
        return self.plain_mapping(record, depth)

    def plain_mapping(self, value: Mapping[Any, Any], depth: int) -> Plain:
        items = {}
        for key, item in rows(value):
            text = key if type(key) is str else str(plain_scalar(key))
            if text in items:
                raise DataError("two keys of a dict have the same text")
            items[text] = self.plain(item, depth + 1)
        return items

    def number(self, value: float) -> float:
        if not math.isfinite(value):
            raise DataError("a number has to be finite")
        return value


class _There(_Walk):
    """One that comes back: as it went, what is not finite is that again; all attributes belong to it."""

    def plain_record(self, value: Any, record: Dict[str, Any], depth: int) -> Plain:
        items = self.plain_mapping(record, depth)
        for name, item in attributes(value):
            if name not in record:
                try:
                    items[name] = self.plain(item, depth + 1)
                except TypeError:  # what nobody can look into and is no field is left out
                    pass
        return items

    def number(self, value: float) -> float:
        return value if math.isfinite(value) else 0.0


def _restored(value: Any, was: Plain, cleaned: Plain) -> Any:
    """`value` with what came back as `cleaned` in the place of `was`."""
    if isinstance(was, dict) and isinstance(cleaned, _Pairs) and len(was) == len(cleaned):
        record = fields(value)
        if record is None:
            return _restored_mapping(value, was, cleaned)
        record = {**dict(attributes(value)), **record}
        return rebuilt(value, {name: _restored(record[name], plain, new)
                               for (name, plain), (_, new) in zip(was.items(), cleaned)})
    if isinstance(was, list) and isinstance(cleaned, list) and len(was) == len(cleaned):
        return list_of(value, [_restored(*row) for row in zip(value, was, cleaned)])
    if isinstance(was, (dict, list)) or isinstance(cleaned, (dict, list)):
        raise SanitizeError("the cleaned data is of another shape")
    return value if cleaned == was and type(cleaned) is type(was) else cleaned


def _restored_mapping(value: Mapping[Any, Any], was: Dict[str, Plain], cleaned: _Pairs) -> Any:
    new, put = empty_dict(value)
    taken = set(was)
    for (key, item), (text, plain), (cleaned_key, cleaned_item) in zip(rows(value), was.items(), cleaned):
        name = key if cleaned_key == text else free(taken, cleaned_key)
        taken.add(name)
        put(new, name, _restored(item, plain, cleaned_item))
    return new


def plain(value: Any, max_depth: int, max_values: int) -> Plain:
    """`value` of the kinds that JSON has. Raises DataError beyond the bounds, TypeError for binary values."""
    return _Walk(max_depth, max_values).plain(value)


def walk(data: T, clean: Callable[[str], str], max_depth: int, max_values: int) -> T:
    """See Sanitizer.sanitize_data(); `clean` takes and gives a JSON document."""
    try:
        was = _There(max_depth, max_values).plain(data)
        try:
            cleaned = _decode(clean(_encode(was)))
        except ValueError as error:  # its text may quote the data
            raise SanitizeError(f"the cleaned data cannot be read ({type(error).__name__})") from None
        restored: T = _restored(data, was, cleaned)
    except RecursionError:
        raise DataError("the data is nested deeper than this thread's stack takes") from None
    return restored
