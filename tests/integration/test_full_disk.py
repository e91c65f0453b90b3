"""A disk without a byte left: small file systems, really mounted and filled."""
import contextlib
import os
import subprocess

import pytest

from conftest import WEBSITE


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
