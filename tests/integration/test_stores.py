"""SQLite and PostgreSQL: the same increments give the same table; roles; what lies on the disk."""

import contextlib
import pathlib
import sqlite3
import subprocess
import sys

import pytest

import middleware
from conftest import BUILD, SOURCE
from postgres import server  # noqa: F401

OLD_ID = "4711081547110815"
CANARIES = ("canary@example.com", "203.0.113.77", "canary-agent/1.0", "canary query")


@pytest.fixture
def counting(tamis):
    tamis.set(TAMIS_COUNTS_REGISTRY=SOURCE / "examples/registry.yaml")
    return tamis


def python(tamis, code):
    done = subprocess.run([sys.executable, "-c", code], env=middleware.environment(tamis.environment),
                          capture_output=True, text=True, timeout=300)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def rollup(tamis):
    done = tamis.command("rollup", "--once")
    assert done.returncode == 0, done.stderr


def test_identical_tables(counting, server):
    """The same million increments through lanes and rollups as they come, into either store."""
    command, tool = (str(BUILD / name) for name in ("tamis", "tests/integration/increments"))
    stores = {"sqlite": {}, "postgresql": {"DATABASE_URL": server.database("identical"),
                                           "TAMIS_STATE_DIR": counting.directory / "other"}}  # fmt: skip
    tables = {}
    for name, settings in stores.items():
        counting.set(**settings)
        done = subprocess.run([tool, "1000000", "7", "100000", command], env=counting.environment,
                              capture_output=True, text=True, timeout=300)  # fmt: skip
        assert done.returncode == 0, done.stderr
        rollup(counting)
        tables[name] = [counting.command("counts", "--csv", f"--group-by={group}").stdout
                        for group in ("all", "event_name", "event_date", "event_id", "source")]  # fmt: skip
    assert tables["sqlite"] == tables["postgresql"]
    assert tables["sqlite"][0].count("\n") >= 2 * 3 * 450
    assert sum(int(line.split(",")[3]) for line in tables["sqlite"][1].splitlines()[1:]) > 1900000


def test_nothing_of_a_person_in_postgresql(counting, server):
    """Ten thousand increments with canaries around them: not in its tables, log of changes or own log."""
    url = server.database("canaries")
    counting.set(DATABASE_URL=url)
    token = counting.command("token", "make", "--scope=ingest,read:team").stdout.strip()
    counting.lighttpd()
    headers = {"User-Agent": CANARIES[2], "X-Forwarded-For": CANARIES[1], "Cookie": CANARIES[3],
               "Referer": f"https://a.example/?q={CANARIES[3]}", "Authorization": f"Bearer {token}"}  # fmt: skip
    for start in range(0, 10000, 1000):
        body = [{"event_name": "directory_view", "event_id": i % 50} for i in range(start, start + 1000)]
        assert counting.request("POST", "/api/counts", body, headers).json["counted"] == 1000
    bad = {"event_name": "directory_view", "event_id": CANARIES[0], "user_id": CANARIES[0]}
    assert counting.request("POST", "/api/counts", bad, headers).status == 400
    rollup(counting)
    assert server.psql("SELECT SUM(count) FROM counts", "canaries") == "10000"
    assert counting.request("GET", f"/api/counts?event_id={CANARIES[2]}", None, headers).status == 200
    server.psql("CHECKPOINT", "canaries")
    places = [pathlib.Path(server.directory), counting.state, counting.directory]
    seen = 0
    for path in {file for place in places for file in place.rglob("*") if file.is_file()}:
        data = path.read_bytes()
        seen += 1
        assert not [c for c in CANARIES if c.encode() in data], path
        assert token.encode() not in data, path
    assert seen > 100


def with_roles(server, database):
    """A database as the shipped file wants it; the roles are the whole server's."""
    server.database(database)
    text = (SOURCE / "examples/postgresql/roles.sql").read_text()
    if server.psql("SELECT COUNT(*) FROM pg_roles WHERE rolname LIKE 'tamis\\_%'") != "0":
        text = text.replace("CREATE ROLE", "-- CREATE ROLE")
    server.psql(text, database)


def test_roles(counting, server):
    """examples/postgresql/roles.sql: the reader writes nothing, the writer makes and drops nothing."""
    with_roles(server, "roles")
    for user, works in (("tamis_writer", False), ("tamis_owner", True), ("tamis_writer", True)):
        counting.set(DATABASE_URL=server.url("roles", user))
        if works:
            python(counting, "from tamis import count\ncount('directory_search', event_id=1)")
        assert (counting.command("rollup", "--once").returncode == 0) == works, user
    assert server.psql("SELECT SUM(count) FROM counts", "roles", "tamis_reader") == "2"
    counting.set(DATABASE_URL=server.url("roles", "tamis_reader"))
    assert "directory_search,1,,2," in counting.command("counts", "--csv", "--group-by=event_id").stdout
    assert counting.command("rollup", "--once").returncode != 0
    refused = {
        "tamis_reader": ["INSERT INTO counts VALUES ('a', '1', '2026-01-01', 1, '')", "DELETE FROM counts",
                         "SET default_transaction_read_only = off; UPDATE counts SET count = 9",
                         "CREATE TABLE t (a INT)", "DROP TABLE counts"],
        "tamis_writer": ["DROP TABLE counts", "TRUNCATE counts", "CREATE TABLE t (a INT)",
                         "ALTER TABLE counts ADD COLUMN person TEXT"],
    }  # fmt: skip
    for user, statements in refused.items():
        for sql in statements:
            with pytest.raises(subprocess.CalledProcessError):
                server.psql(sql, "roles", user)
    assert server.psql("SELECT SUM(count) FROM counts", "roles") == "2"


def test_removed_bytes(counting, server):
    """By the shipped roles: the writer's rollup removes what is too old, and its bytes from the tables' files."""
    with_roles(server, "removed")
    for user in ("tamis_owner", "tamis_writer"):
        counting.set(DATABASE_URL=server.url("removed", user))
        rollup(counting)
    days = ", ".join(f"('directory_view', '{n}{OLD_ID}', '2020-01-{n:02}', 1, 'web')" for n in range(1, 29))
    server.psql(f"INSERT INTO counts VALUES {days}", "removed", "tamis_writer")
    server.psql("INSERT INTO counts SELECT 'directory_view', i::text, current_date::text, 1, 'web' FROM "
                "generate_series(1, 2000) i", "removed", "tamis_writer")  # fmt: skip
    server.psql("ANALYZE", "removed", "tamis_owner")

    def holding():
        server.psql("CHECKPOINT", "removed")
        tables = (pathlib.Path(server.data) / "base").rglob("*")
        return [file for file in tables if file.is_file() and OLD_ID.encode() in file.read_bytes()]

    assert len(holding()) >= 4  # counts, its indexes, the sums, the statistics
    (counting.state / "rollup").unlink(missing_ok=True)
    rollup(counting)
    assert holding() == []
    assert server.psql("SELECT COUNT(*), SUM(count) FROM counts", "removed") == "2000|2000"
    with pytest.raises(subprocess.CalledProcessError):
        server.psql("SELECT tamis_compact()", "removed", "tamis_reader")


def test_sqlite_keeps_the_same_table(counting):
    """The example's registry, counted into SQLite: five columns, and not one more."""
    python(counting, "from tamis import count\ncount('checkout.opened')")
    rollup(counting)
    with contextlib.closing(sqlite3.connect(counting.state / "store/counts.db")) as db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(counts)")]
    assert columns == ["event_name", "event_id", "event_date", "count", "source"]
