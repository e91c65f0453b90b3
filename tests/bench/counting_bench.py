"""Declared counters: what an increment costs over HTTP, and how long a question takes, with both stores."""
import contextlib
import datetime
import http.client
import os
import pathlib
import sqlite3
import statistics
import subprocess
import tempfile
import time

import postgres
from conftest import BUILD, SOURCE, Tamis
from measure import CONNECTIONS, ROUNDS, SECONDS, cpu_ms, cpu_seconds, name, table, tree

DAYS, CELLS, QUESTIONS = 180, 1000, 100
BODY = '{"event_name":"directory_view","event_id":42,"source":"web"}'
SPAN = "from={first}&to={last}"
SHAPES = {
    "by day": "?group_by=event_date&" + SPAN,
    "by id": "?group_by=event_id&" + SPAN,
    "by source": "?group_by=source&" + SPAN,
    "by name": "?group_by=event_name&" + SPAN,
    "a metric by day": "?event_name=directory_view&group_by=event_date&" + SPAN,
    "a metric by id": "?event_name=directory_view&group_by=event_id&" + SPAN,
    "a metric by source": "?event_name=directory_view&group_by=source&" + SPAN,
    "one id by day": "?event_id=42&group_by=event_date&" + SPAN,
    "one id, all its cells": "?event_name=directory_view&event_id=42&" + SPAN,
    "all cells of one day": "?from={last}&to={last}",
    "all cells of 30 days, CSV": "?format=csv&from={month}&to={last}",
    "all cells (refused: too many)": "?" + SPAN,
}


def registry_of(it):
    it.set(TAMIS_COUNTS_REGISTRY=SOURCE / "examples/registry.yaml", TAMIS_LIMIT_REQUESTS_PER_MINUTE=0)
    return it.command("token", "make", "--scope=ingest,read:team", check=True).stdout.strip()


def wrk_counts(port, token, directory):
    script = pathlib.Path(directory) / "counts.lua"
    script.write_text(f"wrk.method = 'POST'\nwrk.path = '/api/counts'\nwrk.body = '{BODY}'\n"
                      f"wrk.headers['Authorization'] = 'Bearer {token}'\n"
                      "wrk.headers['Content-Type'] = 'application/json'\n")
    out = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", script, f"http://127.0.0.1:{port}"],
                         capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out, out
    return float(out.split("Requests/sec:")[1].split()[0])


def increments():
    """POST /api/counts and a null responder in turn, under lighttpd."""
    names = {"null_responder": BUILD / "tests" / "bench" / "null_responder", "tamis.fcgi": BUILD / "tamis.fcgi"}
    rates, costs = {n: [] for n in names}, {n: [] for n in names}
    for _ in range(ROUNDS):
        for n, binary in names.items():
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
                it = Tamis(pathlib.Path(directory))
                try:
                    token = registry_of(it)
                    server = it.lighttpd(binary=binary)
                    wrk_warm = http.client.HTTPConnection("127.0.0.1", it.port, timeout=10)
                    wrk_warm.request("GET", "/healthz")
                    wrk_warm.getresponse().read()
                    pids = [p for p in tree(server.pid) if n.startswith(name(p))]
                    before = sum(map(cpu_seconds, pids))
                    rates[n].append(wrk_counts(it.port, token, directory))
                    costs[n].append((sum(map(cpu_seconds, pids)) - before) / (rates[n][-1] * SECONDS) * 1e6)
                finally:
                    it.end()
    rows = [[n, f"{statistics.median(rates[n]):,.0f}", f"{statistics.median(costs[n]):.1f}"] for n in names]
    ratio = statistics.median(t / z for t, z in zip(rates["tamis.fcgi"], rates["null_responder"]))
    return (table(["responder", "requests/s", "responder CPU µs"], rows)
            + f"\n\nincrements/null requests/s: **{ratio:.2f}** ({CONNECTIONS} connections, {ROUNDS} rounds of "
              f"{SECONDS} s, medians)")


def days():
    today = datetime.datetime.now(datetime.timezone.utc).date()
    return [(today - datetime.timedelta(days=n)).isoformat() for n in reversed(range(DAYS))]


def ask(it, token, pids):
    """By shape the median and p99 in ms, wall and CPU of all processes, over one connection that is kept."""
    day = days()
    connection = http.client.HTTPConnection("127.0.0.1", it.port, timeout=60)
    found = {}
    for shape, query in SHAPES.items():
        took, ran = [], []
        for n in range(QUESTIONS + 1):  # the first one opens the store
            before, begun = cpu_ms(pids()), time.perf_counter()
            connection.request("GET", "/api/counts" + query.format(first=day[0], last=day[-1], month=day[-30]),
                               headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            body = answer.read()
            if n:
                took.append((time.perf_counter() - begun) * 1e3)
                ran.append(cpu_ms(pids()) - before)
            assert answer.status == (413 if "refused" in shape else 200) and len(body) > 80, body[:200]
        found[shape] = [value for times in (took, ran) for value in
                        (statistics.median(times), sorted(times)[int(QUESTIONS * 0.99)])]
    return found


def fill_sqlite(it):
    with contextlib.closing(sqlite3.connect(it.state / "store/counts.db")) as db:
        db.executemany("INSERT INTO counts (event_name, event_id, event_date, count, source) VALUES "
                       "('directory_view', ?, ?, 7, 'web')", ((str(i), day) for day in days() for i in range(CELLS)))
        db.commit()


def questions(stores=("SQLite", "PostgreSQL")):
    """180 days of 1,000 cells, asked by GET /api/counts."""
    rows = []
    for store in stores:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
            os.chmod(directory, 0o755)
            it, server = Tamis(pathlib.Path(directory)), None
            try:
                token = registry_of(it)
                if store == "PostgreSQL":
                    if not postgres.programs():
                        rows.append([store, "skipped: no server", "", "", "", ""])
                        continue
                    server = postgres.Postgres(pathlib.Path(directory) / "pg")
                    it.set(DATABASE_URL=server.database("counts"))
                it.command("rollup", "--once", check=True)
                if server:
                    server.psql("INSERT INTO counts SELECT 'directory_view', i::text, (current_date - d)::text, 7, 'web' "
                                f"FROM generate_series(0, {CELLS - 1}) i, generate_series(0, {DAYS - 1}) d", "counts")
                    server.psql("VACUUM ANALYZE", "counts")  # as autovacuum does within a minute
                else:
                    fill_sqlite(it)
                web = it.lighttpd()
                roots = [web.pid] + ([server.pid()] if server else [])
                asked = ask(it, token, lambda: [pid for root in roots for pid in tree(root)])
                rows += [[store, shape, *(f"{ms:.1f}" for ms in times)] for shape, times in asked.items()]
            finally:
                it.end()
                if server:
                    server.stop()
    return table(["store", "question", "median ms", "p99 ms", "median CPU ms", "p99 CPU ms"], rows)


def counting():
    return increments() + "\n\n" + questions()
