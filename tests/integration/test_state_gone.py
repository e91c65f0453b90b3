"""state.dir goes while everything runs: removed, or moved away. All goes on by itself, where the path leads."""
import shutil
import time

import pytest

from conftest import WEBSITE, end, wait_for
from upstream import Upstream


@pytest.fixture
def running(tamis):
    """Responder and forwarder at work, an event behind them."""
    with Upstream([WEBSITE]) as up:
        tamis.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL=up.url, TAMIS_UMAMI_ASYNC_BATCH_SIZE=1)
        tamis.up = up
        tamis.lighttpd()
        assert tamis.send(data={"n": -1}).status == 200
        tamis.forward()
        wait_for(lambda: arrived(tamis) == {-1}, "the first event")
        yield tamis
        tamis.end()


def arrived(tamis):
    return {record["event"]["payload"]["data"]["n"] for record in tamis.up.events}


@pytest.mark.parametrize("go", [shutil.rmtree, lambda state: state.rename(f"{state}.x")], ids=["removed", "moved"])
def test_events_go_on_to_arrive(running, go):
    go(running.state)
    for n in range(20):
        assert running.send(data={"n": n}).status == 200
        time.sleep(0.02)
    wait_for(lambda: arrived(running) == set(range(-1, 20)), "all events")
    assert len(running.up.events) <= 21 + 3
    assert "removed or moved" in (running.directory / "lighttpd-error.log").read_text() + running.logs()
    for made in (running.state, running.state / "spool"):
        assert made.stat().st_mode & 0o7777 == 0o3770, made


def remove_counters(state):
    (state / "counters").unlink()


@pytest.mark.parametrize("go", [remove_counters, shutil.rmtree, lambda state: state.rename(f"{state}.x")],
                         ids=["counters", "removed", "moved"])
@pytest.mark.parametrize("again", [False, True], ids=["all stay", "forwarder anew"])
def test_all_processes_count_in_one_new_file(running, go, again):
    """Totals begin anew, for all at once; nobody has to be started again."""
    token = running.command("token", "make", "--scope=ops").stdout.strip()
    tokens = (running.state / "tokens").read_bytes()
    if again:
        end(running.processes.pop())
    go(running.state)
    if again:
        running.forward()
    wait_for(lambda: running.send(data={"n": 0}).status == 200 and (running.state / "counters").exists(), "new counters")

    def both_count():
        """Responder and forwarder, in the new file."""
        running.send(data={"n": 0})
        rows = running.metrics()
        return rows["tamis_events_received_total"] and rows["tamis_events_forwarded_total"]

    wait_for(both_count, "both to count anew")
    before = running.metrics()["tamis_events_received_total"]
    for n in range(1, 9):
        assert running.send(data={"n": n}).status == 200
    wait_for(lambda: arrived(running) >= set(range(1, 9)), "all events")
    wait_for(lambda: running.request("GET", "/readyz").status == 200, "readiness")
    wait_for(lambda: running.metrics()["tamis_events_forwarded_total"] >= 8, "what was forwarded")
    (running.state / "tokens").write_bytes(tokens)
    (running.state / "tokens").chmod(0o600)
    head = {"Authorization": f"Bearer {token}"}
    wait_for(lambda: running.request("GET", "/metrics", None, head).status == 200, "the token")

    def same():
        """What the responder says, and what another process reads."""
        text = running.request("GET", "/metrics", None, head).body.decode()
        totals = {k: v for k, v in running.metrics().items() if k.startswith("tamis_events_") and "_total" in k}
        return totals and all(f"{name} {value:.0f}\n" in text for name, value in totals.items())

    wait_for(same, "one file for all")
    mine = running.metrics()
    assert mine["tamis_events_received_total"] == before + 8
    assert mine["tamis_spool_max_bytes"] > 0
    assert "nobody forwards" not in running.command("status").stdout
