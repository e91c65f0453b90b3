"""Declared counters, for the operator: registry, tokens, and what of them lies on the disk."""
import contextlib
import datetime
import json
import re
import sqlite3
import subprocess
import time

import pytest

from conftest import BUILD, SOURCE, files, wait_for

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
    sources: [web, admin]
    public_ingest: true
"""


def test_registry_lint_tells_line_metric_and_field(tamis):
    path = tamis.directory / "registry.yaml"
    path.write_text(REGISTRY)
    done = tamis.command("registry", "lint", path)
    assert done.returncode == 0, done.stdout + done.stderr
    path.write_text(REGISTRY.replace("subject: event", "subject: visitor").replace("owner", "ower"))
    done = tamis.command("registry", "lint", path)
    assert done.returncode == 1
    assert f"{path}:4: directory_view.owner: is missing" in done.stdout
    assert "directory_view.subject: is a person" in done.stdout
    assert tamis.command("registry", "lint").returncode == 64  # no file is named anywhere
    tamis.set(TAMIS_COUNTS_REGISTRY=path)
    assert tamis.command("registry", "lint").returncode == 1
    assert tamis.command("registry", "page").returncode == 78


def test_registry_page_is_for_people(tamis):
    path = tamis.directory / "registry.yaml"
    path.write_text(REGISTRY)
    page = tamis.command("registry", "page", path).stdout
    assert "How often is &lt;an event's&gt; directory looked at?" in page
    assert "<script" not in page and "http" not in page
    assert "2099-01-31" in page and "an integer" in page


def test_tokens_are_told_once_and_taken_back(tamis):
    made = tamis.command("token", "make", "--scope=read:team,ingest", "--subject=42")
    assert made.returncode == 0, made.stderr
    token = made.stdout.strip()
    assert re.fullmatch(r"tamis_[A-Za-z0-9_-]{43}", token)
    name = re.search(r"token (\w{8}) ", made.stderr).group(1)
    kept = (tamis.state / "tokens").read_text()
    assert name in kept and token not in kept and token[6:] not in kept
    assert (tamis.state / "tokens").stat().st_mode & 0o777 == 0o640
    row = tamis.command("token", "ls").stdout.splitlines()[1]
    assert row.split() == [name, "-", "ingest,read:team", "42"]
    assert tamis.command("token", "revoke", name).returncode == 0
    assert tamis.command("token", "revoke", name).returncode == 66
    assert len(tamis.command("token", "ls").stdout.splitlines()) == 1
    for wrong in (["make"], ["make", "--scope=fly"], ["make", "--scope=ops", "--expires=soon"],
                  ["make", "--scope=ops", "--subject=a b"], ["revoke"]):
        done = tamis.command("token", *wrong)
        assert done.returncode == 64 and done.stderr and not done.stdout, wrong


def test_a_token_ends_after_today_or_is_not_made(tamis):
    today = datetime.datetime.now(datetime.timezone.utc).date()
    for days in (-9999, -1, 0):
        done = tamis.command("token", "make", "--scope=ops", f"--expires={today + datetime.timedelta(days=days)}")
        assert done.returncode == 64 and "--expires" in done.stderr and not done.stdout
    end = (today + datetime.timedelta(days=2)).isoformat()
    assert tamis.command("token", "make", "--scope=ops", f"--expires={end}").returncode == 0
    assert [row.split()[1] for row in tamis.command("token", "ls").stdout.splitlines()] == ["EXPIRES", end]


def increment(event_id=42, **more):
    return {"event_name": "directory_view", "event_id": event_id, "source": "web", **more}


@pytest.fixture
def counting(tamis):
    """tamis behind lighttpd with a registry; .token may count."""
    path = tamis.directory / "registry.yaml"
    path.write_text(REGISTRY)
    tamis.set(TAMIS_COUNTS_REGISTRY=path, TAMIS_COUNTS_FLUSH_SECONDS=1,
              TAMIS_CORS_ORIGINS="https://shop.example.com")
    tamis.token = tamis.command("token", "make", "--scope=ingest").stdout.strip()
    tamis.lighttpd()
    return tamis


def post(tamis, body, token=None, **headers):
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return tamis.request("POST", "/api/counts", json.dumps(body).encode(), headers)


def stored(tamis):
    """The store's rows after a rollup: {(name, id, day, source): count}."""
    done = tamis.command("rollup", "--once")
    assert done.returncode == 0, done.stderr
    with contextlib.closing(sqlite3.connect(tamis.state / "store/counts.db")) as db:
        rows = db.execute("SELECT event_name, event_id, event_date, source, count FROM counts")
        return {row[:4]: row[4] for row in rows}


def test_what_waits_for_the_rollup_is_told(counting):
    """A newcomer who counts and looks at once."""
    assert json.loads(post(counting, [increment(), increment(7)], counting.token).body)["counted"] == 2
    looked = counting.command("counts", check=True)
    assert looked.stdout == "nothing was counted in these days\n" and "2 sums are not in the store yet" in looked.stderr
    assert counting.command("counts", "--json", check=True).stderr == ""
    assert sum(stored(counting).values()) == 2
    looked = counting.command("counts", check=True)
    assert looked.stderr == "" and looked.stdout.split()[2] == "2"
    post(counting, increment(), counting.token)
    looked = counting.command("counts", check=True)
    assert looked.stdout.split()[2] == "2" and "1 sum is not in the store yet" in looked.stderr


def test_counts_arrive_in_the_store(counting):
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    assert json.loads(post(counting, increment(), counting.token).body) == {"counted": 1}
    answer = post(counting, [increment(), increment(7, count=5), increment("x"),
                             increment(session_id="canary-4711")], counting.token)
    assert answer.status == 200
    said = json.loads(answer.body)
    assert said["counted"] == 2
    assert [(r["index"], r["error"]["field"]) for r in said["refused"]] == [
        (2, "event_id"), (3, "session_id")]
    assert b"canary" not in answer.body
    assert stored(counting) == {("directory_view", "42", today, "web"): 2,
                                ("directory_view", "7", today, "web"): 5}
    assert stored(counting)[("directory_view", "42", today, "web")] == 2  # once, however often


def test_who_may_count(counting):
    other = counting.command("token", "make", "--scope=read:team").stdout.strip()
    bound = counting.command("token", "make", "--scope=ingest", "--subject=42").stdout.strip()
    assert post(counting, increment(), "tamis_" + "x" * 43).status == 401
    assert post(counting, increment()).status == 403
    assert post(counting, increment(), Origin="https://evil.example").status == 403
    answer = post(counting, increment(), Origin="https://shop.example.com")
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "https://shop.example.com"

    def seen():  # a token that was made while the responder runs
        return post(counting, increment(), bound).status == 200
    wait_for(seen, "the new token")
    assert post(counting, increment(43), bound).status == 403
    assert post(counting, increment(), other).status == 403


def test_no_registry_no_counts(tamis):
    tamis.lighttpd()
    assert post(tamis, increment()).status == 404


def test_bad_bodies(counting):
    for body, status in [(b"{", 400), (b"[" * 100, 413), (b"7", 400),
                         (json.dumps([increment()] * 1001).encode(), 413)]:
        answer = counting.request("POST", "/api/counts", body,
                                  {"Authorization": f"Bearer {counting.token}"})
        assert answer.status == status, body[:20]
    assert stored(counting) == {}


def test_nothing_of_a_person_is_kept(counting):
    """10,000 increments with canaries around them: none is in database, log, tally or WAL."""
    canaries = ["203.0.113.77", "canary-agent/1.0", "canary@example.com", "canary-query"]
    headers = {"User-Agent": canaries[1], "X-Forwarded-For": canaries[0], "Referer":
               "https://shop.example.com/?q=canary-query", "Cookie": "s=canary-query"}
    for start in range(0, 10000, 500):
        answer = post(counting, [increment(i % 50) for i in range(start, start + 500)],
                      counting.token, **headers)
        assert json.loads(answer.body)["counted"] == 500
    post(counting, increment(user_id=canaries[2]), counting.token, **headers)
    assert sum(stored(counting).values()) == 10000
    clock = time.strftime("%H:%M", time.gmtime()).encode()
    for path, data in files(counting.directory):
        assert not [c for c in canaries if c.encode() in data], path
        assert counting.token.encode() not in data, path
    for path, data in files(counting.state):
        assert clock not in data, path


def test_rollup_killed_and_store_away(counting, tmp_path):
    """Increments while tamis rollup is killed again and again: all of them, once."""
    rollup = None
    for round in range(30):
        if round % 3 == 0:
            rollup = counting.start(BUILD / "tamis", "rollup")
        answer = post(counting, [increment(i) for i in range(100)], counting.token)
        assert json.loads(answer.body)["counted"] == 100
        if round % 3 == 2:
            rollup.kill()
            rollup.wait()
    assert sum(stored(counting).values()) == 3000


def get(tamis, query="", token=None, **headers):
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return tamis.request("GET", f"/api/counts{query}", None, headers)


@pytest.fixture
def counted(counting):
    """Three days, two events; .team may read."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    counting.days = [(today - datetime.timedelta(days=n)).isoformat() for n in range(3)]
    body = [increment(i, count=10 * i + n, event_date=day)
            for i in (1, 2) for n, day in enumerate(counting.days)]
    assert json.loads(post(counting, body, counting.token).body)["counted"] == 6
    assert sum(stored(counting).values()) == 96
    counting.team = counting.command("token", "make", "--scope=read:team").stdout.strip()
    wait_for(lambda: get(counting, "", counting.team).status == 200, "the team's token")
    return counting


def test_the_team_reads(counted):
    said = json.loads(get(counted, "?event_name=directory_view&group_by=event_date",
                          counted.team).body)
    assert said["rows"] == [{"event_name": "directory_view", "event_date": day, "count": n}
                            for n, day in ((34, counted.days[2]), (32, counted.days[1]),
                                           (30, counted.days[0]))]
    rows = json.loads(get(counted, f"?event_id=2&from={counted.days[1]}&to={counted.days[1]}",
                          counted.team).body)["rows"]
    assert rows == [{"event_name": "directory_view", "event_id": "2", "source": "web",
                     "event_date": counted.days[1], "count": 21}]
    for answer in (get(counted, "?format=csv&group_by=event_id", counted.team),
                   get(counted, "?group_by=event_id", counted.team, Accept="text/csv")):
        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.body.decode().splitlines() == [
            "event_name,event_id,event_date,count,source",
            "directory_view,1,,33,", "directory_view,2,,63,"]
    assert json.loads(get(counted, "?event_name=nosuch", counted.team).body)["rows"] == []


def test_bad_questions(counted):
    for query in ("?from=soon", "?to=2026-13-01", "?group_by=visitor", "?from=2026-02-02&to=2026-02-01",
                  "?from=1970-01-01&to=2026-01-01", "?event_name=%00", "?event_id=" + "7" * 99):
        assert get(counted, query, counted.team).status == 400, query


ENDPOINTS = {  # who may, of the scopes that a token can have
    ("POST", "/api/counts"): {"ingest", "admin"},
    ("GET", "/api/counts"): {"read:team", "admin"},
    ("GET", "/api/counts?kind=errors"): {"read:team", "ops", "admin"},
    ("POST", "/api/analytics/increment"): {"ingest", "admin"},
    ("GET", "/api/analytics/aggregate?metric=directory_view"): {"read:released", "read:team", "admin"},
    ("GET", "/api/analytics/health"): {"read:released", "read:team", "admin"},
    ("POST", "/api/cron/analytics-snapshot"): {"ops", "admin"},
    ("POST", "/api/tamis/routes"): {"ops", "admin"},
    ("GET", "/metrics"): {"ops", "admin"},
}
FOR_EVERYONE = {"/api/send", "/api/batch", "/api/record", "/api/heartbeat", "/script.js", "/pixel.gif", "/privacy",
                "/healthz", "/readyz"}
BODIES = {"/api/counts": {"event_name": "directory_view", "event_id": 42}, "/api/tamis/routes": {"routes": []},
          "/api/analytics/increment": {"increments": []}, "/api/cron/analytics-snapshot": {}}


def test_scopes_by_endpoint(counted):
    """Each scope at each endpoint there is: what it may is here, and nothing else; without a token nothing is."""
    routes = re.findall(r'^ROUTE\("([^"]+)"', (SOURCE / "cgi/routes.def").read_text(), re.M)
    assert {path.partition("?")[0] for _, path in ENDPOINTS} | FOR_EVERYONE == set(routes)
    tokens = {scope: counted.command("token", "make", f"--scope={scope}").stdout.strip()
              for scope in ("ingest", "read:released", "read:team", "ops", "admin")}
    wait_for(lambda: get(counted, "", tokens["admin"]).status == 200, "the tokens")
    for (method, path), may in ENDPOINTS.items():
        body = None if method == "GET" else BODIES[path]
        for scope, token in tokens.items():
            answer = counted.request(method, path, body, {"Authorization": f"Bearer {token}"})
            passed = answer.status not in (401, 403)
            assert passed == (scope in may), (method, path, scope, answer.status)
        assert counted.request(method, path, body, {"Authorization": "Bearer tamis_" + "x" * 43}).status == 401
        if path != "/api/analytics/increment":  # nothing is in it that could be refused
            assert counted.request(method, path, body).status in (401, 403), (method, path)
    assert get(counted, f"?token={tokens['admin']}").status == 401  # never from the URL


def test_a_subject_goes_with_counts_alone(counted):
    """Of whatever scope: a token for one event_id opens nothing that is not told by event_id."""
    for scope in ("ingest", "read:released", "read:team", "ops", "admin"):
        token = counted.command("token", "make", f"--scope={scope}", "--subject=2").stdout.strip()
        head = {"Authorization": f"Bearer {token}"}
        wait_for(lambda: counted.request("GET", "/metrics", None, head).status == 403, "the token")
        others = {"/api/counts?kind=errors": None, "/api/analytics/aggregate?metric=directory_view": None,
                  "/api/analytics/health": None, "/api/tamis/routes": {"routes": []}, "/api/cron/analytics-snapshot": {},
                  "/api/counts?event_id=1": None}
        for path, body in others.items():
            answer = counted.request("GET" if body is None else "POST", path, body, head)
            assert answer.status == 403, (scope, path)
        assert counted.request("POST", "/api/counts", increment(1), head).status == 403, scope
        may = {"ingest": (200, 403), "read:team": (403, 200), "admin": (200, 200)}.get(scope, (403, 403))
        assert counted.request("POST", "/api/counts", increment(2), head).status == may[0], scope
        answer = get(counted, "?group_by=event_date", token)
        assert answer.status == may[1], scope
        if answer.status == 200:  # as if there were no other event
            assert answer.json["rows"] == get(counted, "?group_by=event_date&event_id=2", counted.team).json["rows"]


def test_bad_input_is_refused_by_the_fields_name(counting):
    """It stores nothing, and appears nowhere: not in the answer, a log or a file."""
    canary = "canary-4711"
    refused = [({"event_name": canary}, "event_name"), ({"event_name": 7}, "event_name"),
               ({"event_id": canary}, "event_id"), ({"event_id": [canary]}, "event_id"),
               ({"event_date": canary}, "event_date"), ({"event_date": "2999-01-01"}, "event_date"),
               ({"event_date": "2026-02-30"}, "event_date"), ({"count": canary}, "count"), ({"count": -1}, "count"),
               ({"count": 10**9}, "count"), ({"count": 1.5}, "count"), ({"source": canary}, "source")]
    refused += [({field: canary}, field) for field in ("session_id", "user_id", "ip", "fingerprint", "user_agent",
                                                       "screen", "language", "query", "url", "device_id")]
    refused += [({"anything": canary}, ""), ({"source": {"a": {"b": canary}}}, "source")]
    for more, field in refused:
        answer = post(counting, {**increment(), **more}, counting.token)
        assert 400 <= answer.status < 500, more
        assert json.loads(answer.body)["error"]["field"] == field, more
        assert canary.encode() not in answer.body
    assert post(counting, increment(query=canary * 200000), counting.token).status == 413
    assert stored(counting) == {}
    for path, data in files(counting.directory):
        assert canary.encode() not in data, path


def test_an_organiser_sees_one_event(counted):
    token = counted.command("token", "make", "--scope=read:team", "--subject=2").stdout.strip()
    wait_for(lambda: get(counted, "", token).status == 200, "the token")
    rows = json.loads(get(counted, "", token).body)["rows"]
    assert {row["event_id"] for row in rows} == {"2"}
    assert get(counted, "?event_id=1", token).status == 403


def test_reads_are_in_the_audit_log(counted):
    before = (counted.state / "audit.log").read_text().splitlines()
    get(counted, "?event_id=1", counted.team, **{"User-Agent": "canary-agent"})
    get(counted, "?event_id=1", "tamis_" + "x" * 43)
    lines = (counted.state / "audit.log").read_text().splitlines()
    name = counted.command("token", "ls").stdout.split()[-4]
    assert len(lines) == len(before) + 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \w{8} GET /api/counts 200", lines[-1])
    assert name in lines[-1]


def test_counts_on_a_terminal(counted):
    table = counted.command("counts").stdout
    rows = [line.split() for line in table.splitlines()]
    assert [(r[1], int(r[2])) for r in rows] == [(counted.days[2], 34), (counted.days[1], 32),
                                                 (counted.days[0], 30)]
    assert rows[0][3] == "\u2588" * 24
    assert json.loads(counted.command("counts", "--json", "--group-by=event_id").stdout)["rows"]
    assert counted.command("counts", "--csv", "--id=2").stdout.count("\n") == 4
    assert "nothing" in counted.command("counts", "--id=3").stdout
    for form in ((), ("--json",), ("--csv",)):
        slip = counted.command("counts", "--name=directory_veiw", *form)
        assert slip.returncode == 66 and not slip.stdout and "registry has no metric of this name" in slip.stderr
    path = counted.directory / "registry.yaml"
    path.write_text(REGISTRY.replace("directory_view", "another"))
    assert "\u2588" in counted.command("counts", "--name=directory_view").stdout  # once declared, still counted
    assert "nothing" in counted.command("counts", "--name=another").stdout
    assert counted.command("counts", "--from=soon").returncode == 64
    assert counted.command("counts", "--group-by=person").returncode == 64


def test_examples_of_the_document(counting):
    """docs/counting.md: its fields are the registry's, its commands run, its curl line answers as it says."""
    page = (SOURCE / "docs/counting.md").read_text()
    rows = re.findall(r'^FIELD\(\w+, \w+, "(\w+)", (true|false)', (SOURCE / "src/registry/registry.def").read_text(),
                      re.M)
    table = page.split("| Field | |")[1].split("\n\n")[0]
    assert [(name, "| needed:" in line) for line in table.splitlines()[2:]
            for name in re.findall(r"`(\w+)`", line.split("|")[1])] == [(n, need == "true") for n, need in rows]
    scopes = re.findall(r'^SCOPE\(\w+, "([\w:]+)"', (SOURCE / "src/access/scope.def").read_text(), re.M)
    assert re.findall(r"^\| `([\w:]+)` \|", page.split("## Tokens")[1].split("## Store")[0], re.M) == scopes
    registry = SOURCE / "examples/registry.yaml"
    lines = re.search(r"```sh\n(tamis registry.*?)```", page, re.S).group(1).splitlines()
    for line in lines:
        done = counting.command(*line.replace("/etc/tamis/registry.yaml", str(registry)).split()[1:])
        assert done.returncode == 0, line + done.stdout + done.stderr
    (line, answer), = re.findall(r"```sh\n(curl[^`]*/api/counts[^`]*)\n```\s+```text\n(.*?)```", page, re.S)
    (counting.directory / "ingest.token").write_text(counting.token)
    said = subprocess.check_output(line.replace("127.0.0.1:8080", f"127.0.0.1:{counting.port}"), shell=True,
                                   cwd=counting.directory, text=True)
    assert said + "\n" == answer
