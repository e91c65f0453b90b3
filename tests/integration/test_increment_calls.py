"""increment() in process, from Python by way of libtamis: bounded, answered at random, kept; nothing of the client."""
import ipaddress
import json
import math
import secrets

import pytest

from conftest import files
from test_count_calls import python
from test_releases import database

REGISTRY = """\
version: 1
metrics:
  template_view:
    {question: q, description: d, owner: o, subject: template, review: 2099-01-31, read: released,
     mechanism: laplace, epsilon: 1, cells_per_client: 2,
     dimensions: {template_id: [a, b], jurisdiction: {builtin: us_states}}}
  opinion:
    {question: q, description: d, owner: o, subject: template, review: 2099-01-31, read: released,
     mechanism: krr, epsilon: 1, client_epsilon: 2, cells_per_client: 1, dimensions: {x: [a, b, c], y: [p, q, r, s]}}
  apart:
    {question: q, description: d, owner: o, subject: template, review: 2099-01-31, read: released,
     mechanism: krr, epsilon: 1, client_epsilon: 2, domain: split, dimensions: {x: [a], y: [p]}}
"""
CHERNOFF = 21.416


@pytest.fixture
def counting(tamis):
    path = tamis.directory / "registry.yaml"
    path.write_text(REGISTRY)
    tamis.set(TAMIS_COUNTS_REGISTRY=path)
    return tamis


def stored(tamis):
    done = tamis.command("rollup", "--once")
    assert done.returncode == 0, done.stderr
    with database(tamis) as db:
        return {(m, int(c)): n for m, c, n in db.execute("SELECT metric, cell, SUM(count) FROM reports GROUP BY 1, 2")}


def test_bounded_where_no_key_directory_is_named(counting):
    counting.set(TAMIS_IDENTITY_KEY_DIR=None)
    client = ipaddress.IPv6Address(0x20010db8 << 96 | secrets.randbits(90))  # the day's bounds there outlive the test
    out = python(counting, f"""
from tamis import increment, budget
print(increment('template_view', {{'template_id': 'a', 'jurisdiction': 'CA'}}, '{client}'), budget('{client}') != {{}})
""")
    assert out.split() == ["True", "True"]
    assert sum(stored(counting).values()) == 1


def kl(seen, told):
    part = lambda a, b: a * math.log(a / b) if a else 0  # noqa: E731
    return part(seen, told) + part(1 - seen, 1 - told)


def test_bounded_for_each_client(counting):
    out = python(counting, """
from tamis import increment
import json
view = lambda t, j, a: increment('template_view', {'template_id': t, 'jurisdiction': j}, a)
print(json.dumps([view('a', 'us-ca-12', '192.0.2.1'), view('a', 'CA', '192.0.2.1'), view('zz', 'Paris', '192.0.2.1'),
                  view('b', 'NY', '192.0.2.1'), view('a', 'CA', '192.0.2.2'), increment('template_view', {}, '192.0.2.3'),
                  increment('nosuch', {}, '192.0.2.3'), view('a', 'CA', None)]))
""")
    # Once a cell, two cells a client; a wrong call, and nobody's, counts nothing.
    assert json.loads(out) == [True, False, True, False, True, False, False, False]
    counts = stored(counting)
    assert sum(counts.values()) == 3 and 2 in counts.values()
    assert counts[("template_view", 2 * 57 + 56)] == 1  # __other__, __other__
    leak = b"".join(data for _, data in files(counting.state))
    assert b"192.0.2" not in leak and b"Paris" not in leak and b"us-ca" not in leak


def test_budget(counting):
    """What counts today of a client, as numbers; asking changes nothing."""
    out = python(counting, """
from tamis import budget, increment
import json
for state in ('CA', 'NY', 'TX'):
    increment('template_view', {'template_id': 'a', 'jurisdiction': state}, '192.0.2.1')
increment('apart', {'x': 'a', 'y': 'p'}, '192.0.2.1')
first = budget('192.0.2.1')
print(json.dumps([first, first == budget('192.0.2.1'), budget('192.0.2.2'), budget('nobody')]))
""")
    one, same, other, nobody = json.loads(out)
    assert one == {"template_view": [2, 2, 0.0], "opinion": [0, 1, 0.0], "apart": [1, 10, 2.0]} and same
    assert other["template_view"] == [0, 2, 0.0] and nobody == {}


def test_answers_at_random(counting):
    n = 6000
    python(counting, f"""
from tamis import increment
for i in range({n}):
    a = f'10.0.{{i // 250}}.{{i % 250}}'
    assert increment('opinion', {{'y': 'r', 'x': 'b'}}, a) and increment('apart', {{'x': 'a', 'y': 'no such'}}, a)
""")
    counts = stored(counting)
    e = math.exp(2)
    assert sum(v for (m, _), v in counts.items() if m == "opinion") == n
    for cell in range(20):  # (b, r) is 1 * 5 + 2
        p = (e if cell == 7 else 1) / (e + 19)
        assert n * kl(counts[("opinion", cell)] / n, p) < CHERNOFF, cell
    e = math.exp(1)
    for cell, p in ((0, e / (e + 1)), (1, 1 / (e + 1)), (2, 1 / (e + 1)), (3, e / (e + 1))):
        assert n * kl(counts[("apart", cell)] / n, p) < CHERNOFF, cell


def test_children_keep_the_bound(counting):
    """After fork() the child is bounded by the same table."""
    out = python(counting, """
import os
from tamis import increment
one = lambda: increment('template_view', {'template_id': 'a', 'jurisdiction': 'CA'}, '192.0.2.9')
first = one()
if os.fork() == 0:
    os._exit(10 + one())
print(first, os.waitstatus_to_exitcode(os.wait()[1]), one())
""")
    assert out.split() == ["True", "10", "False"]


def test_captured(counting):
    out = python(counting, """
import tamis, tamis.testing
with tamis.testing.capture() as captured:
    tamis.increment('template_view', {'template_id': 'a'})
print(captured.increments[0].metric)
""")
    assert out == "template_view\n"
