"""SIGHUP: the configuration is read again, nothing is lost, and a wrong one changes nothing."""
import json
import os
import signal
import threading

import pytest

from conftest import WEBSITE, end, wait_for
from test_dead import views
from test_responder import responder
from upstream import Upstream

OTHER = "6f2a5a1e-9d3b-4f43-8f7a-3c2f6b1c9a10"


@pytest.fixture
def file(tamis):
    """The configuration, which the test may write over."""
    path = tamis.directory / "tamis.yaml"
    path.touch(mode=0o600)
    tamis.set(TAMIS_CONFIG=path)

    def write(text):
        path.write_text(text)
    return write


def umami(url, **more):
    return (f"umami: {{website_id: {WEBSITE}, api_url: '{url}', async: {{batch_size: 1}}"
            + "".join(f", {key}: {value}" for key, value in more.items()) + "}\n")


def test_the_forwarder_turns_to_another_upstream(tamis, file):
    with Upstream(websites=[WEBSITE]) as old, Upstream(websites=[WEBSITE]) as new:
        file(umami(old.url))
        views(tamis, ["/a"])
        forwarder = tamis.forward()
        wait_for(lambda: len(old.events) == 1, "the first event")
        file(umami(new.url))
        forwarder.send_signal(signal.SIGHUP)
        wait_for(lambda: "read again" in tamis.logs(), "the reload")
        views(tamis, ["/b", "/c"])
        wait_for(lambda: len(new.events) == 2, "the others")
        assert len(old.events) == 1 and forwarder.poll() is None
        forwarder.terminate()
        assert forwarder.wait(10) == 0


@pytest.mark.parametrize("wrong, says", [
    ("umami: {website: x}\n", "tamis.yaml:1"),
    (umami("http://umami.example.com", api_key="sesame"), "in the clear"),
    (umami("https://umami.example.com") + "state: {dir: /nonexistent}\n", "state.dir cannot"),
])
def test_a_wrong_configuration_changes_nothing(tamis, file, wrong, says):
    if "state:" in wrong:
        tamis.set(TAMIS_STATE_DIR=None)
    with Upstream(websites=[WEBSITE]) as up:
        file(umami(up.url) + ("state: {dir: '%s'}\n" % tamis.state if "state:" in wrong else ""))
        views(tamis, ["/a"])
        forwarder = tamis.forward()
        wait_for(lambda: len(up.events) == 1, "the first event")
        good = (tamis.directory / "tamis.yaml").read_text()
        file(wrong)
        forwarder.send_signal(signal.SIGHUP)
        wait_for(lambda: "stays as it was" in tamis.logs(), "the error")
        assert says in tamis.logs() and "sesame" not in tamis.logs()
        file(good)
        views(tamis, ["/b", "/c"])
        wait_for(lambda: len(up.events) == 3, "the others")
        assert forwarder.poll() is None


def test_the_forwarder_is_told_often(tamis, file):
    urls = [f"/n{i}" for i in range(300)]
    with Upstream(websites=[WEBSITE]) as up:
        up.umami.pace = 200
        file(umami(up.url))
        views(tamis, urls)
        forwarder = tamis.forward()
        for n in range(5):
            wait_for(lambda: len(up.events) > n * 40, "events")
            forwarder.send_signal(signal.SIGHUP)
        wait_for(lambda: {e["event"]["payload"]["url"] for e in up.events} == set(urls), "all events")
        assert forwarder.poll() is None
        wait_for(lambda: tamis.command("spool", "cat").stdout == "", "an empty spool")


@pytest.fixture
def served(tamis, file):
    """tamis.fcgi behind lighttpd; turn(True) makes it take OTHER, turn(False) makes it stop."""
    def write(text):
        file(f"umami: {{{text}}}\n")

    def turn(other, more=""):
        write(f"websites: [{WEBSITE}{', ' + OTHER if other else ''}]{more}")
        os.kill(tamis.pid, signal.SIGHUP)
        wanted = 200 if other else 400
        wait_for(lambda: tamis.send(website=OTHER, url="/other").status == wanted, f"{wanted}")
    write(f"website_id: {WEBSITE}")
    tamis.lighttpd()
    assert tamis.request("GET", "/healthz").status == 200  # it runs, and heeds signals
    tamis.write, tamis.turn, tamis.pid = write, turn, responder(tamis)
    return tamis


def urls(tamis):
    return [json.loads(line)["payload"]["url"]
            for line in tamis.command("spool", "cat", check=True).stdout.splitlines()]


def test_the_responder_takes_another_website(served):
    assert served.send(website=OTHER).status == 400
    served.turn(True)
    assert served.send(url="/a").status == 200
    served.turn(False)
    assert served.send(url="/b").status == 200
    assert [url for url in urls(served) if url != "/other"] == ["/a", "/b"]
    assert responder(served) == served.pid


@pytest.mark.parametrize("wrong, says", [
    ("website: x", "tamis.yaml:1"),
    (f"websites: [{WEBSITE}]}}\ntokens: {{file: /etc/passwd", "/etc/passwd"),
])
def test_the_responder_keeps_the_old_one_where_the_new_one_is_wrong(served, wrong, says):
    served.write(wrong)
    os.kill(served.pid, signal.SIGHUP)
    wait_for(lambda: "stays as it was" in served.logs(), "the error")
    assert says in served.logs()
    assert served.send().status == 200
    served.turn(True)


def test_no_request_is_lost_while_it_reads_again(served):
    codes, stop = [], threading.Event()

    def send():
        while not stop.is_set():
            codes.append(served.send().status)
    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for n in range(12):
            served.turn(n % 2 == 0)
            seen = len(codes)
            wait_for(lambda: len(codes) > seen + 10, "more requests")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert set(codes) == {200}
    kept = urls(served)
    assert len(kept) - kept.count("/other") == len(codes)
    assert served.metrics()["tamis_events_accepted_total"] == len(kept)
    assert responder(served) == served.pid


def test_the_old_configuration_goes_with_its_last_thread(served):
    """Threads that are idle move over too: what the old one had open is closed."""
    def descriptors():
        return len(os.listdir(f"/proc/{served.pid}/fd"))

    served.turn(True)
    least = descriptors()
    for n in range(6):
        served.turn(n % 2 == 1)
    wait_for(lambda: descriptors() <= least, "as few descriptors as before")


def test_the_responder_ends_after_a_reload(served):
    served.turn(True)
    end(served.processes[0])
    wait_for(lambda: not os.path.exists(f"/proc/{served.pid}"), "the responder's end")
    assert served.command("spool", "verify", check=True)
