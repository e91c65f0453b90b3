"""SIGHUP: the configuration is read again, nothing is lost, and a wrong one changes nothing."""
import signal

import pytest

from conftest import WEBSITE, wait_for
from test_dead import views
from upstream import Upstream


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
