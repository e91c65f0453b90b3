"""Releases with noise, end to end: increments over HTTP, snapshot, answers; and attacks on them."""
import contextlib
import datetime
import http.client
import json
import shutil
import sqlite3
import subprocess

import pytest

from conftest import BUILD, files, wait_for

REGISTRY = """\
version: 1
metrics:
  delivery:
    question: How do letters go out?
    description: One a letter.
    owner: mail team
    subject: letter
    review: 2099-01-31
    read: released
    public_ingest: true
    mechanism: laplace
    epsilon: 1
    cells_per_client: 1
    dimensions:
      state: {builtin: us_states}
      method: [email, fax]
  opinion:
    question: Which template is liked?
    description: One answer.
    owner: mail team
    subject: template
    review: 2099-01-31
    read: released
    public_ingest: true
    mechanism: krr
    epsilon: 1
    client_epsilon: 2
    cells_per_client: 1
    dimensions:
      template: [a, b, c]
  usage:
    {question: Which parts are used?, description: One a use., owner: mail team, subject: part, review: 2099-01-31,
     read: released, mechanism: laplace, noise: gaussian, epsilon: 1, delta: 1e-6, dimensions: {part: [a, b]}}
"""


def open_site(tamis, public="true"):
    path = tamis.directory / "registry.yaml"
    path.write_text(REGISTRY)
    tamis.set(TAMIS_COUNTS_REGISTRY=path, TAMIS_RELEASES_PUBLIC=public,
              TAMIS_CORS_ORIGINS="https://shop.example.com", TAMIS_LIMIT_REQUESTS_PER_MINUTE="0")
    tamis.token = tamis.command("token", "make", "--scope=ingest").stdout.strip()
    tamis.lighttpd()
    return tamis


@pytest.fixture
def site(tamis):
    return open_site(tamis)


def increment(state="CA", method="fax", **more):
    return {"metric": "delivery", "domain_version": 1,
            "dimensions": {"state": state, "method": method}, **more}


def send(tamis, increments, bucket=None, **headers):
    body = {"increments": increments}
    if bucket is not None:
        body["bucket"] = str(bucket)
        headers["Authorization"] = f"Bearer {tamis.token}"
    else:
        headers.setdefault("Origin", "https://shop.example.com")
    return tamis.request("POST", "/api/analytics/increment", json.dumps(body).encode(), headers)


def ask(tamis, query, **headers):
    return tamis.request("GET", f"/api/analytics/aggregate?{query}", None, headers)


def yesterday():
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now.date() - datetime.timedelta(days=1)).isoformat()


def database(tamis):
    return contextlib.closing(sqlite3.connect(tamis.state / "store/counts.db"))


def a_day_passes(tamis):
    """What was counted today was counted yesterday."""
    done = tamis.command("rollup", "--once")
    assert done.returncode == 0, done.stderr
    with database(tamis) as db:
        db.execute("UPDATE reports SET day = ?", (yesterday(),))
        db.commit()


@pytest.fixture
def released(site):
    """300 clients, one increment each: 200 of CA by fax, 100 of NY by e-mail."""
    for client in range(300):
        state, method = ("US-CA-12", "fax") if client < 200 else ("NY", "email")
        assert json.loads(send(site, [increment(state, method)], client).body)["accepted"] == 1
    a_day_passes(site)
    done = site.command("snapshot")
    assert done.stdout == "released 3, there already 0, refused 0\n", done.stderr
    return site


def test_released_cells_with_their_promise(released):
    said = json.loads(ask(released, "metric=delivery&group_by=state,method").body)
    assert said["privacy"]["unit"] == "client-day"
    assert (said["privacy"]["epsilon"], said["privacy"]["delta"]) == (1, 0)
    assert (said["privacy"]["l0"], said["privacy"]["linf"]) == (1, 1)
    assert said["privacy"]["mechanism"] == "laplace" and len(said["privacy"]["release_id"]) == 1
    cells = {(c["state"], c["method"]): c for c in said["cells"]}
    assert len(cells) == 57 * 3  # every registered cell and __other__, zeros included
    assert abs(cells["CA", "fax"]["value"] - 200) < 25  # e^-25 by chance
    assert cells["CA", "fax"]["lo95"] == cells["CA", "fax"]["value"] - 3
    assert abs(cells["NY", "email"]["value"] - 100) < 25
    assert cells["VT", "fax"] == {"state": "VT", "method": "fax", "value": None, "lo95": None,
                                  "hi95": None, "hidden": True} or cells["VT", "fax"]["value"] >= 5
    total = json.loads(ask(released, "metric=delivery&filter=method:fax&group_by=day").body)
    assert total["cells"][0]["day"] == yesterday()
    assert abs(total["cells"][0]["value"] - 200) < 25 * 58
    table = ask(released, "metric=delivery&group_by=day,state", Accept="text/csv")
    rows = table.body.decode().splitlines()
    assert json.loads(table.headers["tamis-privacy"]) == said["privacy"]
    assert rows[0] == "day,state,value,lo95,hi95" and len(rows) == 1 + 57
    health = json.loads(released.request("GET", "/api/analytics/health").body)
    assert [m["metric"] for m in health["metrics"]] == ["delivery", "opinion", "usage"]
    assert health["metrics"][0]["days"] == 1


def test_gaussian_noise_tells_its_delta(released):
    said = json.loads(ask(released, "metric=usage&group_by=part").body)
    assert said["privacy"]["mechanism"] == "gaussian" and said["privacy"]["delta"] == 1e-6
    assert (said["privacy"]["epsilon"], said["privacy"]["l0"], said["privacy"]["linf"]) == (1, 10, 1)
    assert [c["part"] for c in said["cells"]] == ["a", "b", "__other__"]
    assert all(c["value"] is None or c["hi95"] - c["value"] == 26 for c in said["cells"])


def test_the_ledger_adds_up(released):
    lines = [line.split() for line in released.command("dp", "ledger").stdout.splitlines()]
    assert lines[0] == ["METRIC", "DAYS", "EPSILON", "DELTA", "FIRST", "LAST"]
    assert lines[1:] == [["delivery", "1", "1.000000", "0.000000000000", yesterday(), yesterday()],
                         ["opinion", "1", "1.000000", "0.000000000000", yesterday(), yesterday()],
                         ["usage", "1", "1.000000", "0.000001000000", yesterday(), yesterday()]]


def test_bad_questions(released):
    for query, field in [("", "metric"), ("metric=delivery&group_by=person", "group_by"),
                         ("metric=delivery&filter=state", "filter"),
                         ("metric=delivery&filter=person:x", "filter"),
                         ("metric=delivery&from=soon", "from"), ("metric=delivery&to=x", "to"),
                         ("metric=delivery&from=2026-01-01&to=2026-06-30", "from")]:
        answer = ask(released, query)
        assert answer.status == 400 and json.loads(answer.body)["error"]["field"] == field, query
    assert ask(released, "metric=nosuch").status == 404


def test_equal_questions_have_one_answer(released):
    """Averaging: however often it is asked, the noise is the same."""
    connection = http.client.HTTPConnection("127.0.0.1", released.port, timeout=20)
    answers = set()
    for _ in range(10000):
        connection.request("GET", "/api/analytics/aggregate?metric=delivery&group_by=state")
        answers.add(connection.getresponse().read())
    connection.close()
    assert len(answers) == 1
    for _ in range(3):
        assert "there already 3" in released.command("snapshot").stdout
    assert ask(released, "metric=delivery&group_by=state").body in answers


def test_the_true_counts_are_gone(released):
    """After the release the store knows noisy numbers only, and no report is added to the day."""
    with database(released) as db:
        assert db.execute("SELECT count(*) FROM reports").fetchone() == (0,)
        assert db.execute("SELECT count(*), sum(epsilon_micro) FROM ledger").fetchone() == (
            3, 3000000)
    before = ask(released, "metric=delivery&group_by=state").body
    for client in range(300, 320):
        send(released, [increment()], client)
    a_day_passes(released)
    assert "there already 3" in released.command("snapshot").stdout
    assert ask(released, "metric=delivery&group_by=state").body == before


def test_a_client_counts_once(site):
    """One address at its most: a hundred increments of every cell move one count by one."""
    for _ in range(3):
        answer = send(site, [increment(state) for state in ("CA", "NY", "TX") for _ in range(20)])
        assert answer.status == 200
    assert site.command("rollup", "--once").returncode == 0
    with database(site) as db:
        assert db.execute("SELECT sum(count) FROM reports").fetchone() == (1,)
    assert send(site, [increment()] * 101).status == 413
    assert b"cors.origins" in send(site, [increment()], Origin="https://evil.example").body
    assert send(site, [increment()], **{"Sec-GPC": "1"}).status == 403


def test_bad_input_leaves_no_trace(site):
    """Refused by the field's name, nothing stored, and in no log; nothing of it is said again."""
    canary = "canary7341"
    good = increment()
    bad = [({**good, "metric": canary}, "metric"), ({**good, "domain_version": canary}, "domain_version"),
           ({**good, "dimensions": {"state": "CA", "method": "fax", canary: "x"}}, "dimensions"),
           ({**good, "dimensions": {"state": 7, "method": canary}}, "dimensions"),
           ({**good, "session_id": canary}, "session_id"), ({**good, "user_id": canary}, "user_id"),
           ({**good, "bucket": canary}, "bucket"), ({**good, canary: canary}, "The increment"), (canary, "The increment")]
    said = json.loads(send(site, [item for item, _ in bad]).body)
    assert said["accepted"] == 0 and [r["index"] for r in said["rejected"]] == list(range(len(bad)))
    for row, (_, field) in zip(said["rejected"], bad):
        assert row["reason"].startswith(field) and canary not in row["reason"]
    headers = {"Origin": "https://shop.example.com"}
    for body in ({"increments": canary}, {"increments": [], canary: 1}, {"increments": [good], "bucket": canary}, [canary]):
        answer = site.request("POST", "/api/analytics/increment", json.dumps(body).encode(), headers)
        assert answer.status in (400, 403) and canary.encode() not in answer.body, body
    assert site.command("rollup", "--once").returncode == 0
    with database(site) as db:
        assert db.execute("SELECT count(*) FROM reports").fetchone() == (0,)
    for path, data in files(site.directory, site.keys):
        assert canary.encode() not in data, path


def test_two_snapshots_at_once_and_killed(released):
    with database(released) as db:
        db.execute("DELETE FROM ledger")
        db.execute("DELETE FROM releases")
        db.execute("DELETE FROM generation")
        db.commit()
    (released.state / "released/journal").unlink()
    for _ in range(5):
        running = [subprocess.Popen([BUILD / "tamis", "snapshot"], env=released.environment,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                   for _ in range(2)]
        running[0].kill()
        for process in running:
            process.wait(timeout=30)
    assert "there already 3" in released.command("snapshot").stdout
    with database(released) as db:
        assert db.execute("SELECT count(*) FROM releases").fetchone() == (3,)


def test_restored_from_a_backup(site):
    site.command("rollup", "--once")
    with database(site) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    backup = (site.state / "store/counts.db").read_bytes()
    assert "released 3" in site.command("snapshot").stdout
    for name in ("store/counts.db-wal", "store/counts.db-shm"):
        (site.state / name).unlink(missing_ok=True)
    (site.state / "store/counts.db").write_bytes(backup)
    done = site.command("snapshot")
    assert done.returncode == 77 and "backup" in done.stderr
    assert "released 0, there already 0, refused 3" in done.stdout


def test_everything_restored_from_one_backup(site):
    """Store and journal from one backup know nothing of the days since; so they are never released again."""
    assert "released 3" in site.command("snapshot").stdout
    backup = site.state.parent / "backup"
    shutil.copytree(site.state, backup)
    with database(site) as db:
        db.execute("DELETE FROM ledger")
        db.execute("DELETE FROM releases")
        db.commit()
    # As tar and rsync do, then as cp does into what is there.
    for restore in (lambda: shutil.rmtree(site.state) or shutil.copytree(backup, site.state),
                    lambda: (site.state / "released/journal").write_bytes((backup / "released/journal").read_bytes())):
        restore()
        done = site.command("snapshot")
        assert done.returncode == 77 and "is a copy" in done.stderr and "released 0" in done.stdout
        assert site.command("snapshot", "--restored", "--moved").returncode == 64
        done = site.command("snapshot", "--restored", f"--date={yesterday()}")
        assert done.returncode == 0 and "there already 3" in done.stdout, done.stderr
        old = site.command("snapshot", "--date=2026-01-02")
        assert old.returncode == 0 and old.stdout.endswith("never to be released: 3\n")
    assert (site.state / "released/CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")


def test_the_page_says_what_is_promised(site):
    page = site.request("GET", "/privacy")
    text = page.body.decode()
    assert page.headers["content-type"].startswith("text/html") and "<script" not in text
    assert "How do letters go out?" in text and "client-day" in text
    assert "discrete Gaussian at the server" in text and "<td>0.000001</td>" in text
    assert "No more than 1 of one client's answers a day" in text and "epsilon 2 a report" in text


def test_forecast_before_anything_is_switched_on(site):
    rows = {r.split()[0]: r.split()[1:] for r in
            site.command("dp", "forecast", "--daily=10000").stdout.splitlines() if r.strip()}
    assert rows["delivery"] == ["laplace", "171", "1", "3", "3", "5130"]
    kind, cells, l1, empty, even, needed = rows["opinion"]
    assert (kind, cells, l1) == ("krr", "4", "1")
    assert rows["usage"][:5] == ["gaussian", "3", "10", "26", "26"]
    assert 80 < float(empty) < 120 and float(empty) < float(even) < 200
    assert site.command("dp", "forecast", "--daily=0").returncode == 64


def test_the_job_over_http(site):
    path = "/api/cron/analytics-snapshot"
    assert site.request("POST", path).status == 401
    token = site.command("token", "make", "--scope=ops").stdout.strip()
    headers = {"Authorization": f"Bearer {token}"}
    wait_for(lambda: site.request("POST", path, b"", headers).status == 200, "the token")
    said = json.loads(site.request("GET", path, None, headers).body)
    assert said == {"released": 0, "there": 3, "refused": 0, "shut": 0, "ok": True}
    headers = {"Authorization": f"Bearer {site.token}"}
    assert site.request("POST", path, b"", headers).status == 403


def test_releases_for_tokens_only(tamis):
    site = open_site(tamis, public="false")
    site.command("snapshot")
    assert ask(site, "metric=delivery").status == 401
    token = site.command("token", "make", "--scope=read:released").stdout.strip()
    wait_for(lambda: ask(site, "metric=delivery", Authorization=f"Bearer {token}").status == 200,
             "the token")
