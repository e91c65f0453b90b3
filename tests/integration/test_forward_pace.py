"""tamis forward: how fast it asks an upstream that is slow, wants a pause, or comes back."""
import email.utils
import time

import pytest

from conftest import wait_for
from test_forward import site  # noqa: F401 (fixture)


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_honoured(site, form):
    refused = time.time() + 3
    after = "3" if form == "seconds" else email.utils.formatdate(refused + 1, usegmt=True)
    site.up.fault("status", code=429, headers={"Retry-After": after}, times=1)
    site.feed(5, visitors=1)
    site.tamis.forward()
    site.wait_arrived()
    assert site.up.events[0]["t"] >= refused - 1 and site.up.stats["status"]["429"] == 1


def test_upstream_down_then_up(site):
    site.up.down()
    site.feed(300)
    forward = site.tamis.forward()
    wait_for(lambda: "next try" in site.tamis.logs(), "the forwarder to notice")
    site.feed(50)
    site.up.up()
    site.wait_arrived(seconds=60)
    site.check_order()
    assert site.repeats() == 0 and forward.poll() is None


def test_no_stampede_on_an_upstream_that_comes_back(site):
    stats = site.up.stats
    site.up.fault("status", code=503, seconds=0.02)
    site.feed(800, visitors=80)
    site.tamis.forward()
    wait_for(lambda: stats["requests"] >= 6 and not stats["busy"], "several tries")
    stats["busy_most"], requests = 0, stats["requests"]
    wait_for(lambda: stats["requests"] > requests, "one more")
    assert stats["busy_most"] == 1
    site.up.set(pace=1500)
    site.up.clear()
    site.wait_arrived(seconds=60)
    assert 2 <= stats["busy_most"] <= 4


@pytest.mark.parametrize("can", [3, 100])
def test_the_pace_is_found_by_how_long_answers_take(site, can):
    """Beyond what the upstream works on at once its answers only take longer."""
    site.tamis.set(TAMIS_FORWARD_CONNECTIONS=16, TAMIS_FORWARD_MAX_BATCH=4)
    site.up.set(crowd=(can, 0.15))
    stats = site.up.stats
    site.feed(900 if can == 3 else 3000, visitors=160)
    site.tamis.forward()
    wait_for(lambda: len(site.up.events) >= 400, "the pace to be found", 60)
    stats["busy_most"] = 0
    if can == 100:  # sooner or later: on a busy machine answers take longer for reasons of its own
        wait_for(lambda: stats["busy_most"] == 16, "all connections to be used", 60)
    site.wait_arrived(seconds=60)
    assert stats["busy_most"] == 16 if can == 100 else 3 <= stats["busy_most"] <= 8


def test_the_end_of_a_backlog_is_sent_without_pauses(site):
    """Few enough to be in memory, one by one: with a pause of 50 ms between two they would take 12 s."""
    site.tamis.set(TAMIS_FORWARD_CONNECTIONS=1, TAMIS_FORWARD_MAX_BATCH=1)
    site.feed(250)
    done = site.tamis.command("forward", "--once=8")
    assert done.returncode == 0, done.stderr
    site.check_order()
