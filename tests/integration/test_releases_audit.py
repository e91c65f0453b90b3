"""The promise audited end to end: ingest over HTTP, snapshot, read; on both databases.

Clients at their maximum, each in a cell of its own, against cells that nobody was in: what is
released tells them apart no better than epsilon. TAMIS_DP_SCALE multiplies the days.
"""
import contextlib
import datetime
import http.client
import json
import math
import os
import sqlite3
import subprocess
import tempfile
import threading

import pytest

import postgres
from conftest import BROWSER, BUILD, need, wait_for

CLIENTS = 1000
CELLS = 2 * CLIENTS
EPSILON = 1
ALPHA = 5e-10
DAYS = 2 * int(os.environ.get("TAMIS_DP_SCALE", "1"))
METRIC = """\
  visit%d:
    {question: q, description: d, owner: o, subject: page, review: 2099-01-31, read: released,
     mechanism: laplace, epsilon: 1, cells_per_client: 1, dimensions: {cell: {file: cells}}}
"""


@pytest.fixture(scope="module", name="server")
def one_postgres():
    if not postgres.programs():
        pytest.skip("needs PostgreSQL's server")
    with tempfile.TemporaryDirectory(prefix="tamis-pg-") as directory:
        os.chmod(directory, 0o755)
        running = postgres.Postgres(os.path.join(directory, "pg"))
        yield running
        running.stop()


class Lite:
    """The store as a file."""

    def __init__(self, tamis):
        self.path = tamis.state / "store" / "counts.db"

    def run(self, sql):
        with contextlib.closing(sqlite3.connect(self.path)) as db:
            rows = db.execute(sql).fetchall()
            db.commit()
        return rows


class Postgres:
    """The store in a server."""

    def __init__(self, server, name):
        self.server, self.name = server, name

    def run(self, sql):
        text = self.server.psql(sql, self.name)
        return [tuple(line.split("|")) for line in text.splitlines()]


@pytest.fixture(params=["sqlite", "postgres"])
def site(request, tamis):
    (tamis.directory / "cells").write_text("".join(f"c{i}\n" for i in range(CELLS)))
    path = tamis.directory / "registry.yaml"
    path.write_text("version: 1\nmetrics:\n" + "".join(METRIC % i for i in range(DAYS)))
    tamis.set(TAMIS_COUNTS_REGISTRY=path, TAMIS_RELEASES_PUBLIC="true")
    if request.param == "postgres":
        server = request.getfixturevalue("server")
        name = f"dp{os.getpid()}_{request.node.originalname[5:20]}"
        tamis.set(DATABASE_URL=server.database(name))
        tamis.store = Postgres(server, name)
    else:
        tamis.store = Lite(tamis)
    tamis.token = tamis.command("token", "make", "--scope=ingest").stdout.strip()
    return tamis


def yesterday(back=1):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now.date() - datetime.timedelta(days=back)).isoformat()


def post(connection, tamis, bucket, increments):
    connection.request("POST", "/api/analytics/increment", json.dumps({"increments": increments, "bucket": bucket}),
                       {"Authorization": f"Bearer {tamis.token}", "User-Agent": BROWSER})
    return json.loads(connection.getresponse().read())


def tell(tamis, metric, first, step):
    """Each client three times into its cell and twice into another: one of it counts."""
    connection = http.client.HTTPConnection("127.0.0.1", tamis.port, timeout=20)
    for i in range(first, CLIENTS, step):
        increments = [{"metric": metric, "domain_version": 1, "dimensions": {"cell": f"c{cell}"}}
                      for cell in (i, i, i, i + CLIENTS, i + CLIENTS)]
        assert post(connection, tamis, str(i), increments)["accepted"] == 1
    connection.close()


def a_day_passes(tamis):
    done = tamis.command("rollup", "--once")
    assert done.returncode == 0, done.stderr
    tamis.store.run(f"UPDATE reports SET day = '{yesterday()}'")


def tail(hits, n, p):
    """P(at least `hits` of n), for hits above n p."""
    log = (math.lgamma(n + 1) - math.lgamma(hits + 1) - math.lgamma(n - hits + 1)
           + hits * math.log(p) + (n - hits) * math.log1p(-p))
    term = total = 1.0
    for i in range(hits, n):
        term *= (n - i) / (i + 1) * p / (1 - p)
        total += term
        if term < total * 1e-12:
            break
    return math.exp(log) * total


def lower(hits, n):
    """Clopper and Pearson's lower bound of a probability."""
    low, high = 0.0, hits / n
    for _ in range(60 if hits else 0):
        middle = (low + high) / 2
        low, high = (middle, high) if tail(hits, n, middle) < ALPHA else (low, middle)
    return low


def test_audited(site):
    site.lighttpd()
    for day in range(DAYS):
        threads = [threading.Thread(target=tell, args=(site, f"visit{day}", i, 4)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert site.command("rollup", "--once").returncode == 0
    assert [int(n) for (n,) in site.store.run("SELECT sum(count) FROM reports")] == [CLIENTS * DAYS]
    a_day_passes(site)
    assert f"released {DAYS}," in site.command("snapshot").stdout
    values = {"with": [], "without": []}
    for day in range(DAYS):
        table = site.request("GET", f"/api/analytics/aggregate?metric=visit{day}&group_by=cell", None, {})
        for cell in json.loads(table.body)["cells"]:
            number = cell["cell"][1:]
            if number.isdigit():
                values["with" if int(number) < CLIENTS else "without"].append(cell["value"] or 0)
    n = CLIENTS * DAYS
    assert len(values["with"]) == len(values["without"]) == n
    for threshold in (5, 6, 7):  # below 5 all is hidden, and that is no more than post-processing
        hits = [sum(v >= threshold for v in values[side]) for side in ("with", "without")]
        if hits[0]:
            bound = lower(hits[0], n) / (1 - lower(n - hits[1], n))
            assert bound <= math.exp(EPSILON), (threshold, hits)
    # The cells as they lie in the store, hidden ones included: the same for every threshold.
    cells = [[int(v) for v in row.split(",")][:CELLS] for (row,) in site.store.run("SELECT cell_values FROM releases")]
    for threshold in range(-3, 5):
        there = sum(v >= threshold for row in cells for v in row[:CLIENTS])
        not_there = sum(v >= threshold for row in cells for v in row[CLIENTS:])
        bound = lower(there, n) / (1 - lower(n - not_there, n))
        back = lower(n - not_there, n) / (1 - lower(there, n))
        assert max(bound, back) <= math.exp(EPSILON), (threshold, there, not_there)
        assert threshold != 1 or bound > 1  # and the audit sees that they were there


def snapshot(site, **more):
    return subprocess.Popen([BUILD / "tamis", "snapshot", *more.get("arguments", [])], env=site.environment,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def everything(site):
    return (site.store.run("SELECT metric, day, release_id, cell_values FROM releases ORDER BY metric, day"),
            site.store.run("SELECT metric, day, epsilon_micro, release_id FROM ledger ORDER BY metric, day"))


def test_killed_at_random_and_two_at_once(site):
    """Fifty kills: what was once released stays as it was, and the ledger has it once."""
    site.command("rollup", "--once")
    seen = {}
    for kill in range(50):
        arguments = [f"--date={yesterday(1 + kill // 10)}"]
        running = [snapshot(site, arguments=arguments) for _ in range(2)]
        with contextlib.suppress(subprocess.TimeoutExpired):
            running[0].wait(int.from_bytes(os.urandom(2), "big") / 65536 * 0.04)
        for process in running:
            process.kill()
            process.wait()
        releases, ledger = everything(site)
        assert [(r[0], r[1], r[2]) for r in releases] == [(c[0], c[1], c[3]) for c in ledger]
        now = {(r[0], r[1]): r[2:] for r in releases}
        assert all(now[key] == value for key, value in seen.items())
        seen = now
    for back in range(1, 6):
        assert site.command("snapshot", f"--date={yesterday(back)}").returncode == 0
    releases, ledger = everything(site)
    assert len(releases) == len(ledger) == 5 * DAYS
    assert all(tuple(r[2:]) == tuple(seen[(r[0], r[1])]) for r in releases if (r[0], r[1]) in seen)
    assert {int(c[2]) for c in ledger} == {EPSILON * 1000000}


def test_the_database_is_gone_half_way(site):
    """Half of the metrics are released, then the store refuses: no charge without a release."""
    site.command("rollup", "--once")
    if isinstance(site.store, Lite):
        site.store.run("CREATE TRIGGER gone BEFORE INSERT ON releases WHEN NEW.metric = 'visit1' "
                       "BEGIN SELECT RAISE(ABORT, 'gone'); END")
    else:
        site.store.run("CREATE FUNCTION gone() RETURNS trigger AS 'BEGIN IF NEW.metric = ''visit1'' THEN "
                       "PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END' LANGUAGE plpgsql")
        site.store.run("CREATE TRIGGER gone BEFORE INSERT ON releases FOR EACH ROW EXECUTE FUNCTION gone()")
    assert site.command("snapshot").returncode != 0
    releases, ledger = everything(site)
    assert [r[0] for r in releases] == [c[0] for c in ledger] and "visit1" not in [r[0] for r in releases]
    site.store.run("DROP TRIGGER gone" + ("" if isinstance(site.store, Lite) else " ON releases"))
    done = site.command("snapshot")
    assert done.returncode == 0, done.stderr
    after, ledger = everything(site)
    assert len(after) == len(ledger) == DAYS and [r for r in after if r in releases] == releases


def test_the_clock_set_back(site):
    """Whoever sets it back gets no second release, and not one of a day that is not over."""
    faketime = need("faketime")
    site.command("rollup", "--once")
    assert site.command("snapshot").returncode == 0
    before = everything(site)
    today = yesterday(0)
    assert site.command("snapshot", f"--date={today}").returncode == 64
    for when in ("-1d", "-3d", "-1y"):
        subprocess.run([faketime, "-f", when, BUILD / "tamis", "snapshot"], env=site.environment,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        assert set(before[0]) <= set(everything(site)[0])
    assert site.command("snapshot").returncode == 0
    after = everything(site)[0]
    assert set(before[0]) <= set(after) and max(day for _, day, *_ in after) < today
    assert len({(metric, day) for metric, day, *_ in after}) == len(after)


def test_differencing_and_presence(site):
    """Overlapping ranges differ by exactly the cells between; rows are there whether counted or not."""
    site.lighttpd()
    site.command("rollup", "--once")
    for back in (3, 2, 1):
        assert site.command("snapshot", f"--date={yesterday(back)}").returncode == 0

    def ask(first, last):
        query = f"metric=visit0&from={yesterday(first)}&to={yesterday(last)}&group_by=cell"
        return json.loads(site.request("GET", f"/api/analytics/aggregate?{query}", None, {}).body)["cells"]

    stored = {day: [int(v) for v in row.split(",")] for day, row in
              site.store.run("SELECT day, cell_values FROM releases WHERE metric = 'visit0'")}
    for first, last in ((3, 1), (3, 2), (2, 1), (1, 1)):
        cells = ask(first, last)
        assert len(cells) == CELLS + 1  # nobody was ever counted
        sums = [sum(v) for v in zip(*(stored[yesterday(b)] for b in range(last, first + 1)))]
        assert [c["value"] for c in cells] == [s if s >= 5 else None for s in sums]


def test_restored_from_a_backup(site):
    """The store of before, with the journal of now, with that of before, and without one: nothing a second time."""
    site.command("rollup", "--once")
    assert site.command("snapshot", f"--date={yesterday(2)}").returncode == 0
    journal = site.state / "released" / "journal"
    backup = journal.read_bytes()
    assert site.command("snapshot").returncode == 0
    for table in ("releases", "ledger"):
        site.store.run(f"DELETE FROM {table} WHERE day = '{yesterday()}'")
    for restore, told in ((lambda: None, "comes from a backup"), (lambda: journal.write_bytes(backup), "is a copy"),
                          (journal.unlink, "is missing")):
        restore()
        done = site.command("snapshot")
        assert done.returncode == 77 and told in done.stderr and done.stdout.startswith("released 0, ")
    assert f"shut by --restored, never to be released: {DAYS}" in site.command("snapshot", "--restored").stdout
    releases, ledger = everything(site)
    assert len(releases) == len(ledger) == DAYS and {r[1] for r in releases} == {yesterday(2)}
