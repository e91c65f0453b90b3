"""Python's containers: what they hold, and new ones of the same type.

Of what was given nothing is called but what reads it, and nothing is copied but what was read: a copy may share its
state with the original, as those of os.environ and of a shelf do, and who empties or writes it writes to the original.
"""
from __future__ import annotations

import collections
import dataclasses
import enum
import types
from typing import Any, Callable, Container, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple, Type

LISTS = (list, tuple, set, frozenset)
_DICTS = (collections.OrderedDict, collections.Counter, collections.defaultdict, dict)
_ADD_ALL: Dict[Any, Callable[[Any, List[Any]], None]] = {list: list.extend, set: set.update}

_TELLS_NOTHING = frozenset(vars(object)) - {"__getattribute__", "__reduce__", "__reduce_ex__"} | {
    "__class_getitem__", "__dict__", "__module__"}
"""What a class may define without another idea of how its items are kept."""
_STATIC = 1 << 9
"""Not set in the flags of a class that is written in C."""


def fields(value: Any) -> Optional[Dict[str, Any]]:
    """The fields of a dataclass, as far as they are set, or of a named tuple; None: it is neither."""
    if dataclasses.is_dataclass(value) and not isinstance(value, (type, enum.Enum)):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)
                if hasattr(value, field.name)}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return dict(zip(value._fields, value))
    return None


def attributes(value: Any) -> Iterator[Tuple[str, Any]]:
    """What an object has set of its own, fields or not; of an exception its arguments, too."""
    yield from getattr(value, "__dict__", {}).items()
    for base in type(value).__mro__:
        for name, item in vars(base).items() if "__slots__" in vars(base) else ():
            if isinstance(item, types.MemberDescriptorType) and hasattr(value, name):
                yield name, getattr(value, name)
    if isinstance(value, BaseException):
        yield "args", value.args


def rebuilt(value: Any, content: Dict[str, Any]) -> Any:
    """A new dataclass or named tuple with these fields and attributes; no constructor is asked."""
    kind = type(value)
    if isinstance(value, tuple):
        return tuple.__new__(kind, content.values())
    base: Any = next(base for base in kind.__mro__ if not base.__flags__ & _STATIC)
    if base is not object and not issubclass(base, BaseException):
        raise TypeError(f"a dataclass that is a {base.__name__}, too, is not taken: {kind.__name__}")
    new = base.__new__(kind)
    for name, item in content.items():
        base.__setattr__(new, name, item)
    return new


def _keeps(value: Any, base: Type[Any]) -> bool:
    """Is it one of `base`, be it of a subclass, and no more: without attributes, its items kept as those of `base`?"""
    kind = type(value)
    if kind is base:
        return True
    own = kind.__mro__[:kind.__mro__.index(base)]
    changed = any(hasattr(base, name) for each in own for name in vars(each).keys() - _TELLS_NOTHING)
    return not changed and next(attributes(value), None) is None


def list_of(value: Iterable[Any], items: List[Any]) -> Any:
    """A new list, tuple or set as `value` is."""
    base: Any = next(base for base in LISTS if isinstance(value, base))
    kind = type(value) if _keeps(value, base) else base
    if base not in _ADD_ALL:
        return base.__new__(kind, items)
    new = base.__new__(kind)
    _ADD_ALL[base](new, items)
    return new


def empty_dict(value: Mapping[Any, Any]) -> Tuple[Any, Callable[[Any, Any, Any], None]]:
    """A new mapping for what `value` held, a dict unless `value` is one of the standard library's or little more; and
    what puts an item into it."""
    base: Any = next((base for base in _DICTS if isinstance(value, base)), None)
    if base is None or not _keeps(value, base):
        return {}, dict.__setitem__
    new = base.__new__(type(value))
    if isinstance(value, collections.defaultdict):
        new.default_factory = value.default_factory
    return new, base.__setitem__


def rows(value: Mapping[Any, Any]) -> Iterable[Tuple[Any, Any]]:
    """Keys and what is under them; the list of all values where a key has several, as in queries, forms and headers."""
    kind = type(value)
    if kind is dict:
        return value.items()
    if callable(getattr(kind, "lists", None)):  # Django, Werkzeug
        return [(key, list(items)) for key, items in value.lists()]  # type: ignore[attr-defined]
    for name in ("getlist", "getall"):  # Starlette, multidict
        if callable(getattr(kind, name, None)):
            return [(key, list(getattr(value, name)(key))) for key in dict.fromkeys(value.keys())]
    return value.items()


def free(taken: Container[Any], key: str) -> str:
    """`key`, with a number where it is taken, as by another key that became the same placeholder."""
    name, number = key, 1
    while name in taken:
        number += 1
        name = f"{key} {number}"
    return name
