"""Requests and errors by day, endpoint and status: from the route counters, by way of tamis rollup."""

import datetime
import json

import pytest

from conftest import BUILD, wait_for

REPORT = {"duration_us": 9, "method": "GET", "route": "/orders/{id}"}


def today():
    return datetime.datetime.now(datetime.timezone.utc).date().isoformat()


@pytest.fixture
def served(tamis):
    """tamis behind lighttpd; .report() says that an application served so many requests."""
    token = tamis.command("token", "make", "--scope=ops").stdout.strip()
    tamis.lighttpd()

    def report(status, requests, **more):
        row = {**REPORT, "status": status, "buckets": [requests] + [0] * 14, **more}
        answer = tamis.request("POST", "/api/tamis/routes", json.dumps({"routes": [row]}).encode(),
                               {"Authorization": "Bearer " + token})  # fmt: skip
        assert json.loads(answer.body)["counted"] == 1

    tamis.report = report
    return tamis


def told(tamis, *arguments):
    assert tamis.command("rollup", "--once").returncode == 0
    rows = json.loads(tamis.command("counts", "--errors", "--json", *arguments).stdout)["rows"]
    return {(r["method"], r["route"]): (r["requests"], r["errors"], r["statuses"]) for r in rows}


def test_rate_by_endpoint_and_status(served):
    served.report(200, 7)
    served.report(404, 2)
    served.report(500, 1)
    served.report(200, 3, route="/", method="POST")
    expected = {("GET", "/orders/{id}"): (10, 3, {"200": 7, "404": 2, "500": 1}),
                ("POST", "/"): (3, 0, {"200": 3})}  # fmt: skip
    assert told(served) == expected
    assert told(served) == expected  # once, however often it is looked
    table = served.command("counts", "--errors").stdout.splitlines()
    assert [line.split() for line in table] == [
        [today(), "POST", "/", "3", "requests", "0", "errors", "0.00", "%"],
        [today(), "GET", "/orders/{id}", "10", "requests", "3", "errors", "30.00", "%", "404:", "2",
         "500:", "1"],
    ]  # fmt: skip
    lines = served.command("counts", "--errors", "--csv").stdout.splitlines()
    assert f'{today()},GET,"/orders/{{id}}",404,2,0.200000' in lines
    assert "no request" in served.command("counts", "--errors", "--to=2020-01-02", "--from=2020-01-01").stdout


def test_exactly_once_over_restarts_and_resets(served):
    served.report(500, 5)
    assert told(served)[("GET", "/orders/{id}")][1] == 5
    served.report(500, 1)
    for round in range(3):
        running = served.start(BUILD / "tamis", "rollup")
        log = served.directory / "tamis.log"
        wait_for(lambda: log.read_text().count("started") > round, "the rollup")
        running.kill()
        running.wait()
    assert told(served)[("GET", "/orders/{id}")][1] == 6
    # The counters are lost: what was brought over stays, and new ones begin at zero.
    for process in served.processes:
        process.terminate()
        process.wait()
    (served.state / "counters").unlink()
    served.lighttpd()
    served.report(500, 2)
    assert told(served)[("GET", "/orders/{id}")][1] == 8


def test_who_may_read_errors(served):
    served.report(500, 2)
    tokens = {scope: served.command("token", "make", f"--scope={scope}").stdout.strip()
              for scope in ("ingest", "read:released", "read:team", "ops", "admin")}  # fmt: skip
    bound = served.command("token", "make", "--scope=read:team", "--subject=1").stdout.strip()

    def ask(token, query="?kind=errors"):
        return served.request("GET", "/api/counts" + query, None, {"Authorization": "Bearer " + token})

    assert told(served)
    wait_for(lambda: ask(bound, "?event_id=1").status == 200, "the tokens")
    for scope, token in tokens.items():
        assert ask(token).status == (200 if scope in ("read:team", "ops", "admin") else 403), scope
    assert ask(tokens["ops"], "").status == 403
    assert ask(bound).status == 403  # one event's organiser has no endpoints
    assert ask(tokens["ops"], "?kind=persons").status == 400
    rows = json.loads(ask(tokens["ops"]).body)["rows"]
    assert [(r["event_date"], r["route"], r["errors"], r["rate"]) for r in rows] == [
        (today(), "/orders/{id}", 2, 1.0)]  # fmt: skip
    csv = ask(tokens["ops"], "?kind=errors&format=csv")
    assert csv.body.decode().splitlines()[1] == f'{today()},GET,"/orders/{{id}}",500,2,1.000000'
    assert (served.state / "audit.log").read_text().count("GET /api/counts 200") >= 5
