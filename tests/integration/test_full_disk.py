"""A disk without a byte left: small file systems, really mounted and filled."""
import contextlib
import os
import signal
import subprocess
import time

import pytest

from conftest import BUILD, WEBSITE, need, wait_for
from upstream import Upstream


@contextlib.contextmanager
def mounted(folder, *arguments):
    """A file system on the folder, for as long as it is used."""
    folder.mkdir()
    if os.geteuid() or subprocess.run(["mount", *map(str, arguments), folder], capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder):
    """Write until no page is left."""
    with open(folder / "ballast", "ab", buffering=0) as ballast, contextlib.suppress(OSError):
        while ballast.write(bytes(4096)):
            pass


@pytest.fixture
def full_tmpfs(tamis, tmp_path):
    """State on a full tmpfs, with pages of the counters file that nobody has written yet."""
    with mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=9m", "none") as folder:
        tamis.set(TAMIS_STATE_DIR=folder / "state", UMAMI_WEBSITE_ID=WEBSITE)
        tamis.state = folder / "state"
        tamis.token = tamis.command("token", "make", "--scope=ops").stdout.strip()
        tamis.lighttpd()
        assert tamis.send().status == 200
        fill(folder)
        yield tamis
        tamis.end()


def test_a_full_tmpfs_ends_nobody_who_looks(full_tmpfs):
    """There a hole in a mapped file takes a page even when it is read, and none is a SIGBUS."""
    counters = (full_tmpfs.state / "counters").stat()
    assert counters.st_blocks * 512 < counters.st_size
    head = {"Authorization": f"Bearer {full_tmpfs.token}"}
    assert full_tmpfs.request("GET", "/metrics", None, head).status == 200
    for command in (["metrics"], ["top", "--once"], ["status"]):
        assert full_tmpfs.command(*command).returncode in (0, 1), command
    assert full_tmpfs.metrics()["tamis_events_received_total"] == 1


@pytest.fixture
def keyless(tamis, tmp_path):
    """A responder whose memory for the day's key is full before the first event came."""
    with mounted(tmp_path / "keys", "-t", "tmpfs", "-o", "size=600k,mode=700", "none") as folder:
        tamis.set(TAMIS_IDENTITY_KEY_DIR=folder)
        tamis.lighttpd()
        fill(folder)
        tamis.keys = folder
        yield tamis
        tamis.end()


def readiness(tamis):
    return tamis.request("GET", "/readyz").status


def identity_line(tamis):
    return next(line for line in tamis.command("doctor").stdout.splitlines() if "identity key" in line)


def error_log(tamis):
    return (tamis.directory / "lighttpd-error.log").read_text() + tamis.logs()


def test_without_a_key_of_the_day_nobody_is_ready(keyless):
    assert readiness(keyless) == 503
    assert [keyless.send().status for _ in range(3)] == [503] * 3
    assert readiness(keyless) == 503
    assert f"the day's key cannot be had: {keyless.keys}: No space left on device" in error_log(keyless)
    assert identity_line(keyless).startswith("FAIL")
    (keyless.keys / "ballast").unlink()
    assert readiness(keyless) == 200
    assert keyless.send().status == 200
    assert identity_line(keyless).startswith("ok")


def test_a_directory_in_the_keys_place_is_told(tamis, tmp_path):
    with mounted(tmp_path / "keys", "-t", "tmpfs", "-o", "size=2m,mode=700", "none") as folder:
        tamis.set(TAMIS_IDENTITY_KEY_DIR=folder)
        (folder / f"key-{int(time.time()) // 86400}").mkdir()
        tamis.lighttpd()
        assert tamis.send().status == 503 and readiness(tamis) == 503
        assert "Is a directory" in error_log(tamis)
        assert identity_line(tamis).startswith("FAIL")
        tamis.end()


def test_readiness_stays_away_as_long_as_the_trouble(tamis):
    tamis.lighttpd()
    assert tamis.send().status == 200
    tamis.state.rename(f"{tamis.state}.x")
    tamis.state.touch()
    wait_for(lambda: tamis.send().status == 503, "an event that cannot be kept")
    time.sleep(1.5)
    assert readiness(tamis) == 503
    tamis.state.unlink()
    assert readiness(tamis) == 200


def fill_with_events(tamis, folder):
    """The responder takes the last block of the disk itself; how many events it took."""
    assert tamis.send(data={"n": 0}).status == 200
    with open(folder / "ballast", "wb") as ballast:
        left = os.statvfs(folder)
        os.posix_fallocate(ballast.fileno(), 0, left.f_bavail * left.f_frsize - 400_000)
    for taken in range(1, 20000):
        status = tamis.send(data={"n": taken, "text": "long " * 90}).status
        if status != 200:
            assert status == 503
            return taken
    return pytest.fail("the disk was never full")


@pytest.fixture(params=["ext4", "tmpfs"])
def full_of_events(request, tamis, tmp_path):
    """A disk that the spool has filled while nobody ever forwarded; and an upstream."""
    arguments = ["-t", "tmpfs", "-o", "size=20m", "none"]
    if request.param == "ext4":
        image = tmp_path / "image"
        with open(image, "wb") as file:
            file.truncate(20 << 20)
        subprocess.run([need("mkfs.ext4"), "-q", "-m", "0", image], check=True)
        arguments = ["-o", "loop", image]
    with Upstream([WEBSITE]) as up, mounted(tmp_path / "small", *arguments) as folder:
        tamis.set(TAMIS_STATE_DIR=folder / "state", UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL=up.url)
        tamis.state, tamis.up = folder / "state", up
        tamis.lighttpd()
        tamis.taken = fill_with_events(tamis, folder)
        yield tamis
        tamis.end()


def test_a_forwarder_that_was_never_there_starts_on_a_full_disk(full_of_events):
    """It is the one that makes room; nothing is lost, and nothing comes twice, whatever ends it."""
    tamis, up = full_of_events, full_of_events.up
    up.set(pace=400)
    for stop in (signal.SIGTERM, signal.SIGKILL, None):
        forwarder = tamis.forward()
        before = len(up.events)
        wait_for(lambda: len(up.events) > before, "events to arrive", 20)
        assert forwarder.poll() is None, tamis.logs()
        if stop:
            forwarder.send_signal(stop)
            forwarder.wait()
    wait_for(lambda: len({r["event"]["payload"]["data"]["n"] for r in up.events}) == tamis.taken, "all to arrive", 30)
    assert len(up.events) - tamis.taken <= 4 * 100, "no more than was under way when it was killed"
    wait_for(lambda: tamis.send().status == 200, "events to be taken again")


def test_a_further_responder_says_what_it_has_no_room_for(full_of_events):
    tamis = full_of_events
    tamis.set(TAMIS_HTTP_SOCKET=tamis.directory / "further.sock")
    assert tamis.start(BUILD / "tamis.fcgi").wait(10) == 74
    assert f"{tamis.state}: No space left on device" in (tamis.directory / "tamis.fcgi.log").read_text()
