"""Releases: noise beside OpenDP's, a snapshot, questions, increments beside a null responder."""
import contextlib
import os
import pathlib
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile

import postgres
from conftest import BUILD, Tamis, wait_for
from measure import CONNECTIONS, ROUNDS, SECONDS, cpu_seconds, name, table, tree

CALLS = BUILD / "tests" / "bench" / "privacy_calls"
REGISTRY = """\
version: 1
metrics:
  view:
    {question: q, description: d, owner: o, subject: page, review: 2099-01-31, read: released,
     public_ingest: true, mechanism: laplace, epsilon: 1, dimensions: {page: [a, b, c]}}
"""
OPENDP = """
import time, opendp.prelude as dp
dp.enable_features("contrib")
n = 200000
for scale in (1.0, 10.0):
    space = dp.vector_domain(dp.atom_domain(T=int)), dp.l1_distance(T=int)
    noise = space >> dp.m.then_laplace(scale)
    begin = time.process_time()
    noise([0] * n)
    print(n / (time.process_time() - begin))
"""
LUA = """
local n = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer %s"
local item = '"increments":[{"metric":"view","domain_version":1,"dimensions":{"page":"a"}}]}'
function request()
  n = n + 1
  return wrk.format(nil, "/api/analytics/increment", nil, '{"bucket":"' .. n .. '",' .. item)
end
"""


def opendp():
    """Samples a second at scales 1 and 10, or why there are none."""
    with tempfile.TemporaryDirectory() as directory:
        place = subprocess.run([sys.executable, "-m", "venv", directory], capture_output=True, check=False)
        python = pathlib.Path(directory, "bin", "python")
        if place.returncode or subprocess.run([python, "-m", "pip", "install", "-q", "opendp"],
                                              capture_output=True, check=False).returncode:
            return "skipped: its wheel cannot be installed"
        done = subprocess.run([python, "-c", OPENDP], capture_output=True, text=True, check=False)
        return [float(x) for x in done.stdout.split()] or "skipped: " + done.stderr.strip().split("\n")[-1]


def noise():
    rows = [line.split() for line in subprocess.run([CALLS, "noise"], capture_output=True, text=True,
                                                    check=True).stdout.splitlines()]
    lines = [[f"tamis, scale {scale}", f"{float(rate) / 1e6:.2f} M"] for _, scale, rate in rows]
    peer = opendp()
    if isinstance(peer, str):
        lines.append(["OpenDP", peer])
    else:
        lines += [[f"OpenDP, scale {s}", f"{rate / 1e6:.3f} M"] for s, rate in zip((1, 10), peer)]
    return table(["discrete Laplace, one core", "samples/s"], lines)


def stores():
    def run(url):
        environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | ({"DATABASE_URL": url} if url else {})
        with tempfile.TemporaryDirectory() as directory:
            out = subprocess.run([CALLS, "store", directory], env=environment, capture_output=True,
                                 text=True, check=True).stdout
        return {line.split()[0]: [float(x) for x in line.split()[1:]] for line in out.splitlines()}

    results = {"SQLite": run(None)}
    if postgres.programs():
        with tempfile.TemporaryDirectory(prefix="tamis-pg-") as directory:
            os.chmod(directory, 0o755)
            server = postgres.Postgres(os.path.join(directory, "pg"))
            try:
                results["PostgreSQL"] = run(server.database("bench"))
            finally:
                server.stop()
    head = ["store", "snapshot of 1 M cells, s (CPU s)", *(f"{q}, CPU ms p50 / p99" for q in
            ("total", "by value", "by value and day"))]
    return table(head, [[n, f"{r['snapshot'][0]:.1f} ({r['snapshot'][1]:.1f})"]
                        + [f"{r[q][0]:.1f} / {r[q][1]:.1f}" for q in ("total", "by-value", "by-value-and-day")]
                        for n, r in results.items()])


def counted(it):
    it.command("rollup", "--once")
    with contextlib.closing(sqlite3.connect(it.state / "store" / "counts.db")) as db:
        return db.execute("SELECT sum(count) FROM reports").fetchone()[0]


def one_run(binary, label):
    """Requests/s, and CPU µs a request of the responder."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        it = Tamis(pathlib.Path(directory))
        (it.directory / "registry.yaml").write_text(REGISTRY)
        it.set(TAMIS_COUNTS_REGISTRY=it.directory / "registry.yaml", TAMIS_LIMIT_REQUESTS_PER_MINUTE="0")
        token = it.command("token", "make", "--scope=ingest").stdout.strip()
        try:
            server = it.lighttpd(binary=binary)
            wait_for(lambda: len(list(tree(server.pid))) == 2 and label.startswith(name(list(tree(server.pid))[1])),
                     "the responder")
            pid = list(tree(server.pid))[1]
            before = cpu_seconds(pid)
            with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
                script.write(LUA % token)
                script.flush()
                out = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}", "-s", script.name,
                                      f"http://127.0.0.1:{it.port}/"], capture_output=True, text=True, check=True).stdout
            if "Non-2xx" in out:
                raise RuntimeError("answers were not 2xx:\n" + out)
            requests = int(re.search(r"(\d+) requests in", out)[1])
            cost = (cpu_seconds(pid) - before) / requests * 1e6
            # Of 200,000 clients one in 500 finds no place in the day's table: docs/dp.md.
            if label == "tamis.fcgi" and counted(it) < 0.995 * requests:
                raise RuntimeError("not all increments were counted")
            return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), cost
        finally:
            it.end()


def increments():
    if not shutil.which("wrk"):
        return "skipped: wrk is not installed"
    names = {"null_responder": BUILD / "tests" / "bench" / "null_responder", "tamis.fcgi": BUILD / "tamis.fcgi"}
    runs = {n: [] for n in names}
    for _ in range(ROUNDS):
        for n, binary in names.items():
            runs[n].append(one_run(binary, n))
    ratio = statistics.median(t[0] / z[0] for t, z in zip(runs["tamis.fcgi"], runs["null_responder"]))
    rows = [[n, *(f"{statistics.median(column):,.1f}" for column in zip(*runs[n]))] for n in names]
    return (table(["increments, each of another client", "requests/s", "responder CPU µs"], rows)
            + f"\n\ntamis/null requests/s: **{ratio:.2f}**")


def releases():
    return "\n\n".join((noise(), stores(), increments()))
