"""Python: what comes back of containers that are more than dict and list, and that the given ones stay as they are."""
import collections
import dataclasses
import math
import os
import shelve
import time
import types
import typing

import middleware  # noqa: I001 - before tamis
import pytest
from django.http import QueryDict
from python_apps import configure_django
from starlette.datastructures import Headers, QueryParams
from werkzeug.datastructures import CombinedMultiDict, ImmutableMultiDict, MultiDict

from tamis import DataError, find_pii, sanitize_data

EMAIL = middleware.CANARIES["email"]
CLEAN = "[REDACTED_EMAIL]"


class Folded(collections.abc.MutableMapping):
    """As the headers of requests are: a copy shares the store of the original."""

    def __init__(self, **items):
        self._store = {name.lower(): (name, value) for name, value in items.items()}

    def __getitem__(self, name):
        return self._store[name.lower()][1]

    def __setitem__(self, name, value):
        self._store[name.lower()] = (name, value)

    def __delitem__(self, name):
        del self._store[name.lower()]

    def __iter__(self):
        return (name for name, _ in self._store.values())

    def __len__(self):
        return len(self._store)


class Through(dict):
    """Writes to the store behind it, which a copy shares."""

    def __init__(self, store):
        super().__init__(store)
        self.store = store

    def __setitem__(self, name, value):
        self.store[name] = value
        super().__setitem__(name, value)

    def clear(self):
        self.store.clear()
        super().clear()


# the original is not changed

def test_the_environment_stays(monkeypatch):
    monkeypatch.setenv("CANARY", EMAIL)
    before = dict(os.environ)
    clean = sanitize_data(os.environ)
    assert dict(os.environ) == before and os.environ["CANARY"] == EMAIL
    assert type(clean) is dict and clean.keys() == before.keys() and clean["CANARY"] == CLEAN


def test_a_shelf_stays(tmp_path):
    with shelve.open(str(tmp_path / "shelf")) as shelf:
        shelf["who"], shelf["n"] = EMAIL, [1]
        assert sanitize_data(shelf) == {"who": CLEAN, "n": [1]}
    with shelve.open(str(tmp_path / "shelf")) as shelf:
        assert dict(shelf) == {"who": EMAIL, "n": [1]}


@pytest.mark.parametrize("given", [
    Folded(Who=EMAIL, N=1), Through({"Who": EMAIL, "N": 1}), types.MappingProxyType({"Who": EMAIL, "N": 1}),
    collections.ChainMap({"Who": EMAIL}, {"N": 1})], ids=lambda given: type(given).__name__)
def test_what_shares_its_state_comes_back_as_a_dict(given):
    before = dict(given)
    clean = sanitize_data([given])[0]
    assert type(clean) is dict and clean == {"Who": CLEAN, "N": 1}
    assert dict(given) == before and getattr(given, "store", before) == before


# types

class Names(list):
    pass


class Numbers(typing.List[int]):
    pass


class Pair(list):
    def __init__(self, one, other):
        super().__init__([one, other])


class Row(tuple):
    def __new__(cls, one, other):
        return super().__new__(cls, (one, other))


class Place(dict):
    def __init__(self, x, y):
        super().__init__(x=x, y=y)


class Ordered(collections.OrderedDict):
    pass


class Text(str):
    """As Django's SafeString."""

    def __str__(self):
        return self


@pytest.mark.parametrize("given", [Names([1]), Numbers([1]), Pair(1, 2), Row(1, 2), Place(1, 2), Ordered(b=1, a=2),
                                   collections.Counter("aab"), {"a": {1}, "b": frozenset([2])}], ids=repr)
def test_subclasses_stay(given):
    clean = sanitize_data(given)
    assert clean == given and clean is not given and type(clean) is type(given)


def test_what_has_attributes_comes_back_as_what_it_derives_from():
    names = Names([EMAIL])
    names.owner = EMAIL
    clean = sanitize_data([names, time.gmtime(0)])
    assert clean == [[CLEAN], tuple(time.gmtime(0))] and [type(item) for item in clean] == [list, tuple]


def test_a_text_that_is_clean_is_the_same_object():
    text = Text("plain")
    clean = sanitize_data({"a": [text, Text(EMAIL)], text: 1})
    assert clean["a"][0] is text and type(clean["a"][1]) is str and list(clean)[1] is text


def test_no_value_gets_lost_behind_a_placeholder():
    clean = sanitize_data({EMAIL: 1, CLEAN: 2, "x@y.org": 3})
    assert clean[CLEAN] == 2 and sorted(clean.values()) == [1, 2, 3]


# several values under a name

@pytest.mark.parametrize("kind", [MultiDict, ImmutableMultiDict, lambda items: CombinedMultiDict([MultiDict(items)]),
                                  QueryParams])
def test_all_values_of_a_name_are_kept(kind):
    given = kind([("a", "1"), ("a", EMAIL), ("b", "2"), ("password", "hunter2")])
    assert sanitize_data({"args": given}) == {
        "args": {"a": ["1", CLEAN], "b": ["2"], "password": ["[REDACTED]"]}}
    assert given.getlist("a") == ["1", EMAIL]


def test_all_values_of_django_and_of_headers_are_kept():
    configure_django()
    given = QueryDict(f"a=1&a={EMAIL}")
    assert sanitize_data(given) == {"a": ["1", CLEAN]} and given.getlist("a") == ["1", EMAIL]
    headers = Headers(raw=[(b"accept", b"a"), (b"accept", b"b"), (b"from", EMAIL.encode())])
    assert sanitize_data(headers) == {"accept": ["a", "b"], "from": [CLEAN]}


# dataclasses

@dataclasses.dataclass
class Failure(Exception):
    who: str
    code: int = 0


@dataclasses.dataclass
class Visit:
    who: str
    later: int = dataclasses.field(init=False)

    def __post_init__(self):
        self.label = f"visit of {self.who}"
        self.handle = object()


@dataclasses.dataclass
class Both(dict):
    who: str


class Slotted:
    __slots__ = ("label",)


@dataclasses.dataclass
class Narrow(Slotted):
    __slots__ = ("who",)
    who: str


def test_a_dataclass_that_is_an_exception():
    failure = Failure(EMAIL, 7)
    clean = sanitize_data([failure])[0]
    assert type(clean) is Failure and clean == Failure(CLEAN, 7) and clean.args == (CLEAN, 7)
    assert failure.who == EMAIL and EMAIL not in str(clean)


def test_fields_that_were_never_set_and_attributes_that_are_none():
    clean = sanitize_data(Visit(EMAIL))
    assert vars(clean) == {"who": CLEAN, "label": f"visit of {CLEAN}"}
    narrow = Narrow(EMAIL)
    narrow.label = EMAIL
    clean = sanitize_data(narrow)
    assert (clean.who, clean.label) == (CLEAN, CLEAN)


def test_a_dataclass_that_is_a_dict_is_refused():
    with pytest.raises(TypeError, match="a dataclass that is a dict, too, is not taken: Both"):
        sanitize_data(Both("x"))


# numbers and bounds

def test_numbers_that_json_has_not():
    clean = sanitize_data([math.nan, {"a": -math.inf, "password": math.nan}])
    assert math.isnan(clean[0]) and clean[1] == {"a": -math.inf, "password": "[REDACTED]"}
    assert sanitize_data([10 ** 4000]) == [10 ** 4000]
    with pytest.raises(DataError, match="more than 4000 digits"):
        sanitize_data({"n": [10 ** 5000]})


def test_deeper_than_the_stack():
    deep = leaf = []
    for _ in range(5000):
        leaf.append([])
        leaf = leaf[0]
    with pytest.raises(DataError, match="deeper than this thread's stack"):
        sanitize_data(deep, max_depth=100_000)


def test_findings_in_much_text_that_is_not_ascii():
    text = "é " + f"{EMAIL} ü " * 20_000
    started = time.process_time()
    found = find_pii(text)
    assert time.process_time() - started < 2
    assert len(found) == 20_000 and {text[at.start:at.end] for at in found} == {EMAIL}
