"""`tamis publish`: what leaves the team without noise, by k-anonymity."""

import contextlib
import csv
import datetime
import html.parser
import json
import sqlite3

import pytest

REGISTRY = """\
version: 1
metrics:
  directory_view:
    question: How often is <an event's> directory looked at?
    description: One each time the page is shown.
    owner: events team
    subject: event
    review: 2099-01-31
    event_id: integer
    read: released
  signup:
    question: Where do sign-ups end?
    description: One for each step that is reached.
    owner: events team
    subject: form
    review: 2099-01-31
    steps: [opened, sent]
    read: released
  inner:
    question: For the team alone?
    description: One each.
    owner: events team
    subject: page
    review: 2099-01-31
"""


def day(ago):
    return (datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days=ago)).isoformat()


@pytest.fixture
def counting(tamis):
    path = tamis.directory / "registry.yaml"
    path.write_text(REGISTRY)
    tamis.set(TAMIS_COUNTS_REGISTRY=path)
    tamis.token = tamis.command("token", "make", "--scope=ingest").stdout.strip()
    tamis.lighttpd()
    tamis.out = tamis.directory / "public"

    def count(name, ago, n, event_id=None):
        body = {"event_name": name, "event_date": day(ago), "count": n}
        body.update({} if event_id is None else {"event_id": event_id})
        answer = tamis.request("POST", "/api/counts", json.dumps(body).encode(),
                               {"Authorization": f"Bearer {tamis.token}"})  # fmt: skip
        assert answer.status == 200, answer.body

    tamis.count = count
    return tamis


def publish(tamis):
    done = tamis.command("publish", tamis.out)
    assert done.returncode == 0, done.stderr
    with open(tamis.out / "counts.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["protection"] for row in rows} <= {"k-anonymity, no differential privacy"}
    return {(r["event_name"], r["event_date"], r["event_id"]): int(r["count"]) for r in rows}


def test_small_numbers_stay(counting):
    for event, n in ((1, 4), (2, 9), (3, 700)):
        counting.count("directory_view", 3, n, event)
    counting.count("directory_view", 4, 4, 1)
    counting.count("signup.opened", 3, 20)
    counting.count("signup.sent", 3, 2)
    counting.count("inner", 3, 1000)
    expected = {("directory_view", day(3), "*"): 713, ("directory_view", day(3), "3"): 700,
                ("signup.opened", day(3), "*"): 20}  # fmt: skip
    assert publish(counting) == expected
    page = (counting.out / "index.html").read_text()
    assert "k-anonymity, no differential privacy" in page and "&lt;an event's&gt;" in page
    assert "713" in page and "inner" not in page and "<script" not in page
    assert (counting.out / "index.html").stat().st_mode & 0o777 == 0o644
    assert sorted(p.name for p in counting.out.iterdir()) == ["counts.csv", "index.html"]

    class Parser(html.parser.HTMLParser):
        open_tags = []

        def handle_starttag(self, tag, attrs):
            if tag not in ("meta", "br"):
                self.open_tags.append(tag)

        def handle_endtag(self, tag):
            assert self.open_tags.pop() == tag

    parser = Parser()
    parser.feed(page)
    assert not parser.open_tags


def test_a_released_day_stays_as_it_was(counting):
    counting.count("directory_view", 3, 100, 1)
    counting.count("directory_view", 1, 100, 1)
    first = publish(counting)
    assert first == {("directory_view", day(3), "*"): 100, ("directory_view", day(3), "1"): 100}
    counting.count("directory_view", 3, 4, 2)  # late: the difference would tell it
    assert publish(counting) == first
    with contextlib.closing(sqlite3.connect(counting.state / "store/counts.db")) as db:
        days = db.execute("SELECT count(*) FROM released_tables WHERE event_name = 'directory_view'")
        assert days.fetchone()[0] == 179  # back to counts.retention_days, yesterday and today not


def test_wrong_calls(tamis):
    assert tamis.command("publish").returncode == 64
    assert tamis.command("publish", tamis.directory).returncode == 78
    path = tamis.directory / "registry.yaml"
    path.write_text(REGISTRY)
    tamis.set(TAMIS_COUNTS_REGISTRY=path)
    assert tamis.command("publish", "/proc/none").returncode != 0
    assert tamis.command("publish", tamis.directory / "a" / "b").returncode == 0
