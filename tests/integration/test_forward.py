"""tamis forward against the recording upstream: every fault, kills, order, dead letters."""
import json
import os
import pty
import random
import signal
import subprocess
import time

import pytest

from conftest import BUILD, WEBSITE, end, files, need, read_terminal, wait_for
from upstream import Upstream

OTHER = "1b2f7c0a-3d4e-4a5b-8c6d-7e8f9a0b1c2d"


class Site:
    """A state directory, an upstream, and events that carry their number and their visitor."""

    def __init__(self, tamis, up):
        self.tamis, self.up, self.n = tamis, up, 0
        tamis.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL=up.url, TAMIS_UMAMI_ASYNC_BATCH_SIZE=1)

    def feed(self, count, visitors=7, **fields):
        """Put events on the spool, visitors by turns; fields may be functions of the number."""
        lines = []
        for i in range(self.n, self.n + count):
            payload = {"website": WEBSITE, "url": "/", "name": "n", "hostname": "shop.example.com",
                       "data": {"n": i, "v": i % visitors}}
            kind = "event"
            for key, value in fields.items():
                value = value(i) if callable(value) else value
                if key == "kind":
                    kind = value
                elif value is not None:
                    payload[key] = value
            lines.append(f"198.51.{i % visitors + 1}.7\t"
                         + json.dumps({"type": kind, "payload": payload}) + "\n")
        self.n += count
        subprocess.run([BUILD / "tests/integration/feed"], input="".join(lines), text=True,
                       env=self.tamis.environment, check=True, timeout=60)

    def arrived(self):
        """Numbers in the order of arrival."""
        return [r["event"]["payload"]["data"]["n"] for r in self.up.events]

    def wait_arrived(self, numbers=None, seconds=30):
        numbers = set(range(self.n)) if numbers is None else set(numbers)
        wait_for(lambda: numbers <= set(self.arrived()), "all events to arrive", seconds)

    def repeats(self):
        return len(self.arrived()) - len(set(self.arrived()))

    def check_order(self, without=()):
        """First arrivals of each visitor are in the order of receipt."""
        seen, last = set(), {}
        for record in self.up.events:
            data = record["event"]["payload"]["data"]
            if data["n"] in seen or data["n"] in without:
                continue
            seen.add(data["n"])
            assert last.get(data["v"], -1) < data["n"], f"visitor {data['v']}"
            last[data["v"]] = data["n"]

    def count(self, name):
        return int(self.tamis.metrics()[f"tamis_events_{name}_total"])

    def wait_count(self, name, value, seconds=30):
        wait_for(lambda: self.count(name) >= value, f"{value} {name}", seconds)
        assert self.count(name) == value

    def wait_journalled(self):
        wait_for(lambda: self.tamis.metrics()["tamis_spool_events"] == 0, "the spool to be empty")


@pytest.fixture
def site(tamis):
    with Upstream([WEBSITE]) as up:
        yield Site(tamis, up)


def test_everything_arrives_in_order_and_once(site):
    site.feed(500)
    site.tamis.forward()
    site.wait_arrived()
    site.wait_journalled()
    site.feed(50)
    site.wait_arrived()
    site.check_order()
    assert site.repeats() == 0
    site.wait_count("forwarded", 550)
    assert (site.count("retried"), site.count("dead")) == (0, 0)
    assert all(r["path"] == "/api/batch" for r in site.up.events)
    assert site.up.stats["bots"] == 0


def test_batches_grow_with_the_backlog_and_are_bounded(site):
    site.tamis.set(TAMIS_FORWARD_MAX_BATCH=20)
    site.feed(400, visitors=50)
    site.tamis.forward()
    site.wait_arrived()
    sizes = {}
    for record in site.up.events:
        sizes[record["request"]] = sizes.get(record["request"], 0) + 1
    assert max(sizes.values()) == 20


def test_own_agent_is_no_bots_and_payload_carries_the_visitors(site):
    site.feed(3)
    site.tamis.forward()
    site.wait_arrived()
    assert all("tamis/" in agent for agent in site.up.stats["agents"])
    for record in site.up.events:
        payload = record["event"]["payload"]
        assert payload["ip"].endswith(".0") and "Chrome" in payload["userAgent"]
        assert abs(payload["timestamp"] - time.time()) < 120


WHOLE_FAULTS = [
    {"kind": "status", "code": 503, "times": 4},
    {"kind": "status", "code": 500, "times": 4},
    {"kind": "status", "code": 429, "headers": {"Retry-After": "1"}, "times": 2},
    {"kind": "status", "code": 408, "times": 2},
    {"kind": "status", "code": 502, "body": "<html>Bad Gateway</html>", "times": 3},
    {"kind": "html", "times": 3},
    {"kind": "garbage", "times": 3, "store": False},
    {"kind": "reset", "times": 5},
    {"kind": "slow", "seconds": 0.3, "times": 5},
    {"kind": "hang", "times": 2},
]


@pytest.mark.parametrize("fault", WHOLE_FAULTS, ids=lambda f: f"{f['kind']}-{f.get('code', '')}")
def test_a_failing_upstream_loses_and_repeats_nothing(site, fault):
    site.tamis.set(TAMIS_FORWARD_TIMEOUT_SECONDS=1)
    site.up.fault(**fault)
    site.feed(120)
    site.tamis.forward()
    site.wait_arrived(seconds=60)
    site.check_order()
    assert site.repeats() == 0
    site.wait_count("forwarded", 120)
    assert site.count("dead") == 0


@pytest.mark.parametrize("kind", ["incomplete", "garbage"])
def test_an_unreadable_answer_repeats_only_its_own_events(site, kind):
    site.up.fault(kind, times=3)
    site.feed(120)
    site.tamis.forward()
    site.wait_arrived()
    site.wait_count("forwarded", 120)
    site.check_order()
    lost = [r for r in site.up.events if site.arrived().count(r["event"]["payload"]["data"]["n"]) > 1]
    assert site.repeats() <= len(lost) and len({r["request"] for r in lost}) <= 3 + 3 * 7
    assert site.count("dead") == 0


def test_a_name_that_is_gone_keeps_everything(site):
    site.tamis.set(UMAMI_API_URL="http://tamis.invalid:1")
    site.feed(5)
    forward = site.tamis.forward()
    wait_for(lambda: "next try" in site.tamis.logs(), "the forwarder to notice")
    assert end(forward) == 0
    site.tamis.set(UMAMI_API_URL=site.up.url)
    site.tamis.forward()
    site.wait_arrived()


def test_a_dropped_idle_connection_is_no_outage(site):
    site.up.set(idle_s=0.2)
    site.tamis.forward()
    for _ in range(3):
        connections = site.up.stats["connections"]
        site.feed(5, visitors=1)
        site.wait_arrived()
        wait_for(lambda: not site.up.tasks, "the upstream to drop the idle connection")
        assert site.up.stats["connections"] > connections
    assert site.count("retried") == 0 and "next try" not in site.tamis.logs()


def test_200_with_failures_inside_is_an_outage_not_a_verdict(site):
    """Umami's answer while its database is down."""
    outage = site.up.fault("element", code=500)
    site.tamis.set(TAMIS_FORWARD_CONNECTIONS=1)
    site.feed(10)
    site.tamis.forward()
    wait_for(lambda: outage.hits >= 6 * 10, "more tries than an event has", 60)
    site.up.clear()
    site.wait_arrived(seconds=90)
    site.wait_count("forwarded", 10)
    assert site.count("dead") == 0 and site.repeats() == 0


def test_a_poison_event_is_set_aside_after_five_failures(site):
    poison = site.up.fault("element", code=500, match="poison")
    site.feed(60, title=lambda i: "poison" if i in (10, 30, 31) else None)
    site.tamis.forward()
    site.wait_count("dead", 3)
    good = set(range(60)) - {10, 30, 31}
    site.wait_arrived(good)
    assert poison.hits == 15
    site.check_order()
    site.wait_journalled()
    site.feed(5)
    site.wait_arrived(set(range(60, 65)))


def test_a_lone_poison_event_is_set_aside_too(site):
    poison = site.up.fault("element", code=500, match="poison")
    site.feed(1, title="poison")
    site.tamis.forward()
    site.wait_count("dead", 1)
    assert poison.hits == 5
    site.feed(5)
    site.wait_arrived(range(1, 6))


def test_many_poison_events_in_a_row_are_no_outage(site):
    """Nothing else is sent meanwhile: that the database works is seen by a website it does not know."""
    poison = site.up.fault("element", code=500, match="poison")
    site.feed(10, title="poison")
    site.tamis.forward()
    site.wait_count("dead", 10, seconds=120)
    assert poison.hits >= 50 and not site.up.events
    site.feed(5)
    site.wait_arrived(range(10, 15))
    site.wait_journalled()


def test_failed_attempts_are_counted_over_restarts(site):
    poison = site.up.fault("element", code=500, match="poison")
    site.feed(20, title=lambda i: "poison" if i == 4 else None)
    forward = site.tamis.forward()
    for tries in (2, 4):
        wait_for(lambda: poison.hits >= tries, f"{tries} tries")
        forward.kill()
        forward.wait()
        forward = site.tamis.forward()
    site.wait_count("dead", 1)
    assert poison.hits <= 5 + 2
    site.wait_arrived(set(range(20)) - {4})


def test_refused_elements_are_set_aside_with_the_reason(site):
    site.tamis.set(TAMIS_UMAMI_WEBSITES=f"{WEBSITE},{OTHER}")
    site.feed(40, website=lambda i: OTHER if i % 10 == 0 else None)
    site.tamis.forward()
    site.wait_count("dead", 4)
    site.wait_arrived(i for i in range(40) if i % 10)
    site.check_order()
    assert "does not know the website" in site.tamis.logs()
    assert site.repeats() == 0


def test_unlisted_websites_are_never_sent(site):
    """They come from a time when tamis was local only."""
    site.up.set(websites=None)
    site.tamis.set(UMAMI_WEBSITE_ID=None)
    site.feed(5, website=OTHER)
    site.tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    site.feed(15)
    site.tamis.forward()
    site.wait_arrived(range(5, 20))
    site.wait_count("dead", 5)
    assert not any(r["event"]["payload"]["website"] == OTHER for r in site.up.events)
    dead = b"".join(data for _, data in files(site.tamis.state / "dead"))
    assert dead.count(b"website not listed") == 5


@pytest.mark.parametrize("code", [400, 413])
def test_a_refused_batch_is_halved_down_to_the_culprit(site, code):
    site.up.fault("status", code=code, match="poison",
                  body={"error": {"message": "Bad request", "status": code}})
    site.feed(100, title=lambda i: "poison" if i == 37 else None)
    site.tamis.forward()
    site.wait_count("dead", 1)
    site.wait_arrived(set(range(100)) - {37})
    site.check_order()
    assert site.repeats() == 0


def test_an_event_that_crashes_the_upstream_blocks_nobody(site):
    site.up.fault("reset", match="poison")
    site.feed(60, title=lambda i: "poison" if i == 11 else None)
    site.tamis.forward()
    site.wait_arrived(set(range(60)) - {11}, seconds=90)
    site.check_order()
    assert site.count("dead") == 0
    site.up.clear()
    site.wait_arrived([11], seconds=90)


def test_nor_where_all_are_one_visitors(site):
    site.up.fault("status", code=502, match="poison")
    site.tamis.set(TAMIS_FORWARD_MAX_BATCH=1)
    site.feed(10, visitors=1, title=lambda i: "poison" if i == 3 else None)
    site.tamis.forward()
    site.wait_arrived(set(range(10)) - {3}, seconds=120)
    site.check_order()


@pytest.mark.parametrize("code", [404, 405])
def test_an_older_umami_gets_events_one_by_one(site, code):
    site.up.set(batch=code)
    site.feed(60)
    site.tamis.forward()
    site.wait_arrived()
    site.check_order()
    assert site.repeats() == 0 and all(r["path"] == "/api/send" for r in site.up.events)
    assert site.up.stats["status"][str(code)] <= 4


@pytest.mark.parametrize("fault", [
    {"kind": "status", "code": 401, "body": {"error": {"status": 401}}},
    {"kind": "status", "code": 403, "body": "<html>"},
    {"kind": "redirect", "body": "https://elsewhere.invalid/api/batch"},
    {"kind": "status", "code": 400, "body": "<html>plain HTTP sent to HTTPS port</html>"},
], ids=["401", "403", "302", "html-400"])
def test_mistakes_keep_everything_and_say_so(site, fault):
    site.up.fault(**fault)
    site.feed(20)
    site.tamis.forward()
    wait_for(lambda: "next try" in site.tamis.logs(), "a word about it")
    said = {401: "umami.api_key", 403: "umami.api_key", 400: "refused"}
    assert said.get(fault.get("code"), "redirects are not followed") in site.tamis.logs()
    site.up.clear()
    site.wait_arrived(seconds=90)
    assert site.count("dead") == 0 and site.repeats() == 0


def test_identify_of_one_visitor_never_overlaps(site):
    site.up.set(pace=2000)
    site.up.fault("element", code=500, share=0.05)
    site.feed(300, visitors=3, kind=lambda i: "identify" if i % 2 else "event",
              name=lambda i: None if i % 2 else "n", id=lambda i: f"user-{i % 3}")
    site.tamis.forward()
    wait_for(lambda: site.count("forwarded") + site.count("dead") == 300, "the end", 60)
    assert site.up.stats["identify_races"] == 0


def certificate(directory, name):
    pair = (directory / f"{name}.pem", directory / f"{name}.key")
    subprocess.run([need("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name}", "-out", pair[0], "-keyout", pair[1]],
                   check=True, capture_output=True)
    return pair


def test_tls_is_verified(tamis, tmp_path):
    good, wrong = certificate(tmp_path, "localhost"), certificate(tmp_path, "elsewhere.invalid")
    trusted = tmp_path / "trusted.pem"
    trusted.write_text(good[0].read_text() + wrong[0].read_text())
    with Upstream([WEBSITE], tls=wrong) as up:
        site = Site(tamis, up)
        tamis.set(TAMIS_FORWARD_CA_FILE=trusted, UMAMI_API_KEY="a-key")
        site.feed(10)
        tamis.forward()
        wait_for(lambda: "next try" in tamis.logs(), "the forwarder to refuse the certificate")
        assert up.stats["requests"] == 0
        up.down()
        up.up(tls=good)
        site.wait_arrived(seconds=60)
        assert up.stats["api_keys"] == up.stats["requests"]


def test_the_key_travels_to_loopback_but_never_in_the_clear(site):
    site.tamis.set(UMAMI_API_KEY="a-key")
    site.feed(5)
    forward = site.tamis.forward()
    site.wait_arrived()
    assert site.up.stats["api_keys"] == site.up.stats["requests"]
    end(forward)
    site.tamis.set(UMAMI_API_URL="http://192.0.2.1")
    run = site.tamis.command("forward")
    assert run.returncode == 78 and "umami.api_key" in run.stderr and "a-key" not in run.stderr


def test_a_second_forwarder_is_turned_away(site):
    site.feed(1)
    first = site.tamis.forward()
    site.wait_arrived()
    run = site.tamis.command("forward")
    assert run.returncode == 75 and first.poll() is None


def test_sigterm_waits_for_answers_under_way_but_not_for_ever(site):
    site.up.fault("slow", seconds=0.5, times=4)
    site.feed(40)
    forward = site.tamis.forward()
    wait_for(lambda: site.up.requests, "a request under way")
    assert end(forward) == 0
    taken = len(site.arrived())
    assert taken
    site.up.clear()
    forward = site.tamis.forward()
    site.wait_arrived()
    assert site.repeats() == 0
    site.up.fault("hang")
    requests = site.up.requests
    site.feed(10)
    wait_for(lambda: site.up.requests > requests, "a request under way")
    begin = time.monotonic()
    assert end(forward) == 0 and time.monotonic() - begin < 5


def test_killed_at_random_everything_arrives(site):
    """At most a batch for each connection comes again at each kill."""
    batch, connections, kills = 10, 4, 10
    chance = random.Random(1)
    site.tamis.set(TAMIS_FORWARD_MAX_BATCH=batch, TAMIS_FORWARD_CONNECTIONS=connections)
    site.up.set(pace=1500)
    site.feed(2000, visitors=40)
    forward = site.tamis.forward()
    for i in range(kills):
        target = min(len(site.up.events) + chance.randrange(50, 180), 1950)
        wait_for(lambda: len(site.up.events) >= target, "some progress", 60)
        forward.send_signal(signal.SIGKILL)
        forward.wait()
        forward = site.tamis.forward()
    site.up.set(pace=None)
    site.wait_arrived(seconds=60)
    site.check_order()
    assert site.repeats() <= kills * batch * connections
    site.wait_journalled()
    assert site.count("dead") == 0


def test_debug_prints_on_a_terminal_only_and_sends_nothing(site):
    seen = []
    site.feed(5, title="see me")
    site.tamis.set(UMAMI_DEBUG="true")
    forward = site.tamis.forward()
    wait_for(lambda: "no terminal" in site.tamis.logs(), "a word about it")
    assert end(forward) == 0 and "see me" not in site.tamis.logs()
    terminal, theirs = pty.openpty()
    forward = subprocess.Popen([BUILD / "tamis", "forward"], env=site.tamis.environment, stdin=theirs,
                               stdout=theirs, stderr=theirs)
    site.tamis.processes.append(forward)
    os.close(theirs)
    wait_for(lambda: read_terminal(terminal, seen).count("see me") == 5, "the events to be printed")
    assert end(forward) == 0 and site.up.stats["requests"] == 0
    os.close(terminal)
    site.tamis.set(UMAMI_DEBUG=None)
    site.tamis.forward()
    site.wait_arrived()


def test_without_a_website_it_only_reports(site):
    site.feed(5)
    site.tamis.set(UMAMI_WEBSITE_ID=None)
    forward = site.tamis.forward()
    wait_for(lambda: "stay on this machine" in site.tamis.logs(), "a word about it")
    wait_for(lambda: site.tamis.metrics()["tamis_spool_events"] == 5, "the report")
    assert end(forward) == 0 and site.up.stats["requests"] == 0


def test_it_says_that_it_is_there(site):
    site.tamis.forward()
    wait_for(lambda: abs(site.tamis.metrics()["tamis_forwarder_seen_timestamp_seconds"]
                         - time.time()) < 60, "the forwarder to be seen")


def test_upstream_latency_is_measured(site):
    site.feed(5)
    site.tamis.forward()
    site.wait_arrived()
    name = "http_client_request_duration_seconds_count"
    wait_for(lambda: sum(v for k, v in site.tamis.metrics().items() if k.startswith(name)) >= 1,
             "the answer to be counted")


def test_nothing_of_an_upstreams_error_is_logged(site):
    site.up.fault("element", code=500, match="poison")
    site.up.fault("status", code=500, body="Error: insert failed, values: canary", times=1)
    site.feed(20, title=lambda i: "poison canary" if i == 3 else None)
    site.tamis.forward()
    site.wait_count("dead", 1)
    assert "canary" not in site.tamis.logs() and "198.51." not in site.tamis.logs()
