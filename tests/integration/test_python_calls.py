"""Python: calls that are wrong raise in debug mode and are counted otherwise; nothing of them goes out."""
import math

import middleware  # noqa: I001 - before tamis
import pytest
from conftest import WEBSITE
from test_python_frameworks import events, series
from test_python_spool import local, output  # noqa: F401 - a fixture
from upstream import Upstream

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


# requests

REQUESTS = [("GET", "/x", "200", .1), ("GET", "/x", 200, -.1), ("GET", "/x", 200, math.nan), ("GET", "/x", 200, math.inf),
            ("GET", "/x", 200, "1"), ("GET", "/x", None, .1), ("GET", "/x", True, .1), ("GET", "/x", 42, .1),
            ("GET", "/x", 1000, .1), ("GET", "/x", 200.0, .1), (None, "/x", 200, .1), (["GET"], "/x", 200, .1),
            ("GET", None, 200, .1), ("GET", b"/x", 200, .1), ("GET", ["/x"], 200, .1)]


@pytest.mark.parametrize("wrong", REQUESTS, ids=repr)
def test_requests_that_are_none(wrong):
    with tamis.testing.capture() as sent, pytest.raises(tamis.EventError, match=" request "):
        tamis.get_analytics("my_app").count_request(*wrong)
    assert sent.requests == []


def test_they_are_counted_as_lost_and_not_as_requests(local):
    assert output(local, f"""
import http
from math import inf, nan
for wrong in {REQUESTS}:
    a.count_request(*wrong)
a.count_request('GET', '/x', 200, 0)
a.count_request('PURGE', '/x', http.HTTPStatus.OK, .5)
a.count_request('GET', '/x', 0, .5)
print(a.lost())
""") == f"{{'EventError': {len(REQUESTS)}}}\n"
    metrics = local.metrics()
    name = "http_server_request_duration_seconds_"
    assert series(metrics) == {("GET", "/x", 200): 1, ("_OTHER", "/x", 200): 1}
    assert sum(value for key, value in metrics.items() if key.startswith(name + "sum")) == 1.0
    assert sum(value for key, value in metrics.items() if key.startswith(name + "count")) == 3


@pytest.mark.parametrize("call", ["count(7)", "count('x', 1, source=7)", "increment(7)", "increment('x', ['a'])",
                                  "flush('1')", "flush(float('nan'))"])
def test_other_calls_that_are_wrong(call):
    analytics = tamis.get_analytics("my_app")
    with tamis.testing.capture() as sent, pytest.raises(tamis.EventError):
        eval("analytics." + call, {"analytics": analytics})
    assert sent.counts == sent.increments == []


# flush

def test_flush_with_any_time(local):
    """The upstream is dead; without a website nothing is to be waited for."""
    assert output(local, """
a.track_event('x')
print(a.flush(0), a.flush(0.001), a.flush(-1), a.flush(0.2), a.lost())
""") == "False False False False {}\n"
    assert output(local, """
a.track_event('x')
print(a.flush(0), a.flush(3e6), a.flush(float('inf')), a.flush(10**400), a.lost())
""", UMAMI_WEBSITE_ID=None) == "True True True True {}\n"


@pytest.mark.parametrize("long", ["3e6", "float('inf')"])
def test_flush_waits_as_long_as_it_takes(local, long):
    with Upstream(websites=[WEBSITE]) as upstream:
        assert output(local, f"a.track_event('x')\nprint(a.flush({long}), a.lost())",
                      UMAMI_API_URL=upstream.url) == "True {}\n"
        assert len(upstream.events) == 1
