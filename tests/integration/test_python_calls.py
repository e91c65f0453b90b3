"""Python: calls that are wrong raise in debug mode and are counted otherwise; nothing of them goes out."""
import math

import middleware  # noqa: I001 - before tamis
import pytest
from test_python_frameworks import events
from test_python_spool import local, output  # noqa: F401 - a fixture

import tamis
import tamis.testing

WRONG_NUMBERS = [math.nan, math.inf, [1, -math.inf], {"a": [math.nan]}, (math.inf,), [10 ** 5000]]


@pytest.mark.parametrize("value", WRONG_NUMBERS + [10 ** 5000], ids=lambda value: str(type(value).__name__))
def test_numbers_that_umami_would_not_take(value):
    with tamis.testing.capture() as sent, pytest.raises(tamis.EventError, match="a number has"):
        tamis.get_analytics("my_app").track_event("x", {"a": value})
    assert sent.events == []


def test_they_are_counted_and_not_sent(local):
    assert output(local, f"""
from math import inf, nan
for value in {WRONG_NUMBERS[:-1]}:
    a.track_event('x', {{'a': value}})
a.track_event('kept', {{'a': [1.5]}})
print(a.lost())
""") == "{'EventError': 5}\n"
    assert [event["name"] for event in events(local)] == ["kept"]
