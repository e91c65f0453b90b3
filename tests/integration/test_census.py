"""`tamis count run`: daily counts from the application's own database, which is only read."""

import contextlib
import sqlite3

import pytest

from postgres import server  # noqa: F401

REGISTRY = """\
version: 1
metrics:
  signup:
    question: How many sign up for an event?
    description: One for each sign-up.
    owner: events team
    subject: event
    review: 2099-01-31
    event_id: integer
    sources: [web, admin]
    from_sql: SELECT event AS event_id, source, count(*) AS count FROM signups
      WHERE day = $1 GROUP BY event, source
  consent_on:
    question: How often is consent given?
    description: By how much the number of consents went up.
    owner: events team
    subject: event
    review: 2099-01-31
    event_id: integer
    from_sql: SELECT event AS event_id, sum(given) AS count FROM consents GROUP BY event
    from_change: up
  consent_off:
    question: How often is consent taken back?
    description: By how much the number of consents went down.
    owner: events team
    subject: event
    review: 2099-01-31
    event_id: integer
    from_sql: SELECT event AS event_id, sum(given) AS count FROM consents GROUP BY event
    from_change: down
"""

TABLES = """
CREATE TABLE signups (event INTEGER, source TEXT, day DATE, email TEXT);
CREATE TABLE consents (event INTEGER, given INTEGER);
INSERT INTO signups VALUES (1, 'web', '2026-03-01', 'canary@example.com'),
  (1, 'web', '2026-03-01', 'canary@example.org'), (1, 'admin', '2026-03-01', NULL),
  (2, 'web', '2026-03-01', NULL), (2, 'web', '2026-03-02', NULL);
INSERT INTO consents VALUES (1, 5), (2, 3), (3, 2);
"""


class Application:
    """An application's database, in SQLite or PostgreSQL."""

    def __init__(self, kind, directory, request):
        self.path = directory / "application.db"
        self.server = request.getfixturevalue("server") if kind == "postgresql" else None
        if self.server:
            self.server.psql("DROP DATABASE IF EXISTS application")
            self.url = self.server.database("application")
        else:
            self.url = f"sqlite:{self.path}"
        self.run(TABLES)

    def run(self, sql):
        if self.server:
            return self.server.psql(sql, "application")
        with contextlib.closing(sqlite3.connect(self.path)) as db:
            db.executescript(sql)

    def rows(self, table):
        if self.server:
            return int(self.server.psql(f"SELECT count(*) FROM {table}", "application"))
        with contextlib.closing(sqlite3.connect(self.path)) as db:
            return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


@pytest.fixture(params=["sqlite", "postgresql"])
def application(tamis, request):
    made = Application(request.param, tamis.directory, request)
    made.tamis = tamis
    made.registry = tamis.directory / "registry.yaml"
    made.registry.write_text(REGISTRY)
    tamis.set(TAMIS_COUNTS_REGISTRY=made.registry, APP_DATABASE_URL=made.url)
    return made


def take(tamis, day):
    return tamis.command("count", "run", f"--date={day}")


def stored(tamis):
    with contextlib.closing(sqlite3.connect(tamis.state / "store/counts.db")) as db:
        rows = db.execute("SELECT event_name, event_id, event_date, source, count FROM counts")
        return {row[:4]: row[4] for row in rows}


SIGNUPS = {
    ("signup", "1", "2026-03-01", "web"): 2,
    ("signup", "1", "2026-03-01", "admin"): 1,
    ("signup", "2", "2026-03-01", "web"): 1,
}


def test_twice_gives_the_same_table(application):
    tamis = application.tamis
    assert tamis.command("registry", "lint").returncode == 0
    for _ in range(2):
        done = take(tamis, "2026-03-01")
        assert done.returncode == 0, done.stderr
        assert stored(tamis) == SIGNUPS  # how consents stand is known now, and nothing changed
    assert "canary" not in done.stdout + done.stderr
    application.run("DELETE FROM signups WHERE source = 'admin'")
    assert take(tamis, "2026-03-01").returncode == 0  # the day is replaced as a whole
    assert ("signup", "1", "2026-03-01", "admin") not in stored(tamis)


def test_differences_of_how_it_stands(application):
    tamis = application.tamis
    assert take(tamis, "2026-03-01").returncode == 0
    application.run(
        "UPDATE consents SET given = 7 WHERE event = 1; DELETE FROM consents WHERE event = 3;"
        "UPDATE consents SET given = 2 WHERE event = 2; INSERT INTO consents VALUES (4, 1)"
    )
    for _ in range(2):  # the second time it is the same day's standing again
        assert take(tamis, "2026-03-02").returncode == 0
        changes = {k[:2]: n for k, n in stored(tamis).items() if k[0] != "signup"}
        assert changes == {("consent_on", "1"): 2, ("consent_on", "4"): 1,
                           ("consent_off", "2"): 1, ("consent_off", "3"): 2}  # fmt: skip
    application.run("UPDATE consents SET given = 9 WHERE event = 4")
    assert take(tamis, "2026-03-05").returncode == 0  # two days were missed: nothing is lost
    assert stored(tamis)[("consent_on", "4", "2026-03-05", "")] == 8


def test_a_statement_that_writes_is_refused(application):
    tamis = application.tamis
    returning = "INSERT INTO signups VALUES (9, 'web', $1, NULL) RETURNING event AS event_id, 1 AS count"
    if not application.server:
        returning = returning.replace("$1", "'2026-03-01'")
    for sql in (
        "DELETE FROM signups",
        returning,
        "DROP TABLE signups",
        "SELECT 1 AS count; DELETE FROM signups",
        "UPDATE signups SET event = 1 RETURNING event AS event_id, 1 AS count",
        "WITH gone AS (DELETE FROM signups RETURNING event) SELECT 1 AS count",
    ):
        application.registry.write_text(
            REGISTRY[: REGISTRY.index("  consent_on")].split("    from_sql")[0]
            + f"    from_sql: {sql!r}\n".replace("'", '"').replace('"web"', "'web'")
            .replace('"2026-03-01"', "'2026-03-01'")  # fmt: skip
        )
        done = take(tamis, "2026-03-01")
        assert done.returncode in (77, 78), (sql, done.returncode, done.stderr)
        assert "signup: " in done.stderr
        assert application.rows("signups") == 5, sql
    assert stored(tamis) == {}


def test_what_does_not_fit_stores_nothing(application):
    """An e-mail address for an id, say: told by column, never by value; others are still taken."""
    tamis = application.tamis
    for wrong, told in (
        ("SELECT email AS event_id, 1 AS count FROM signups WHERE email IS NOT NULL", "event_id"),
        ("SELECT event AS event_id, 'canary' AS source, 1 AS count FROM signups", "source"),
        ("SELECT event AS event_id, -1 AS count FROM signups", "count"),
        ("SELECT event AS event_id, email, 1 AS count FROM signups", "event_id, count and source"),
        ("SELECT event AS event_id FROM signups", "count"),
        ("SELECT event AS event_id, 1 AS count FROM nosuch", "nosuch"),
    ):
        first, rest = REGISTRY.split("  consent_on", 1)
        text = first.split("    from_sql")[0] + f'    from_sql: "{wrong}"\n  consent_on' + rest
        application.registry.write_text(text)
        done = take(tamis, "2026-03-01")
        assert done.returncode in (65, 78), (wrong, done.stderr)
        assert told in done.stderr and "canary" not in done.stderr, wrong
        assert "counted 2 metrics" in done.stdout
        assert stored(tamis) == {}


def test_wrong_calls(tamis):
    assert tamis.command("count", "run").returncode == 78
    registry = tamis.directory / "registry.yaml"
    registry.write_text(REGISTRY)
    tamis.set(TAMIS_COUNTS_REGISTRY=registry)
    assert "counts.database_url" in tamis.command("count", "run").stderr
    tamis.set(APP_DATABASE_URL="mysql://there")
    assert tamis.command("count", "run").returncode == 78
    tamis.set(APP_DATABASE_URL=f"sqlite:{tamis.directory}/none.db")
    assert tamis.command("count", "run").returncode == 66
    assert tamis.command("count", "run", "--date=soon").returncode == 64
    assert tamis.command("count", "run", "--date=2999-01-01").returncode == 64
    assert not (tamis.directory / "none.db").exists()
