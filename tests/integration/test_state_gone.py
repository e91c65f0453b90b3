"""state.dir goes while everything runs: removed, or moved away. All goes on by itself, where the path leads."""
import shutil
import time

import pytest

from conftest import WEBSITE, wait_for
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
