"""docs/upgrade.md: what programs leave for other versions of themselves, and restarts with a backlog."""
import json
import struct

import pytest

from conftest import SOURCE, WEBSITE, end, wait_for
from upstream import Upstream

PAGE = (SOURCE / "docs" / "upgrade.md").read_text()


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def another_version(segment):
    """Give it the head of a version that is not known, intact."""
    data = bytearray(segment.read_bytes())
    assert crc32c(data[:32]) == struct.unpack_from("<I", data, 32)[0] and data[:8] == b"tamisSEG"
    struct.pack_into("<I", data, 8, 2)
    struct.pack_into("<I", data, 32, crc32c(data[:32]))
    segment.write_bytes(data)
    return bytes(data)


@pytest.fixture
def site(tamis):
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE)
    tamis.lighttpd()
    return tamis


def segments(tamis):
    return [p for p in (tamis.state / "spool").rglob("*") if p.is_file() and p.read_bytes()[:8] == b"tamisSEG"]


def send(tamis, first, n):
    for i in range(first, first + n):
        assert tamis.send(url=f"/{i}").status == 200


def urls(upstream):
    return [record["event"]["payload"]["url"] for record in upstream.events]


def test_segments_of_another_version_are_left_alone_and_told(site):
    send(site, 0, 5)
    end(site.processes[0])
    strange, = segments(site)
    data = another_version(strange)
    site.lighttpd()
    send(site, 5, 5)
    with Upstream() as up:
        site.set(UMAMI_API_URL=up.url)
        forwarder = site.forward()
        wait_for(lambda: len(up.events) == 5, "the events of this version")
        assert end(forwarder) == 0
        assert urls(up) == [f"/{i}" for i in range(5, 10)]
    message = "spool: a segment is of a newer version of tamis and left alone"
    assert message in PAGE and message in site.logs()
    # It may have another name, or a mark that it is sealed.
    kept = [s.read_bytes() for s in segments(site)]
    assert [s for s in kept if (s[:64], s[128:]) == (data[:64], data[128:])]


def test_counters_of_another_version_are_set_aside_and_told(site):
    send(site, 0, 3)
    end(site.processes[0])
    counters = site.state / "counters"
    data = bytearray(counters.read_bytes())
    assert data[:8] in (b"TAMISCNT", b"TAMISCNT"[::-1])
    struct.pack_into("=Q", data, 8, struct.unpack_from("=Q", data, 8)[0] + 1)
    counters.write_bytes(data)
    site.lighttpd()
    send(site, 3, 2)
    assert site.metrics()["tamis_events_accepted_total"] == 2
    assert (site.state / "counters.old").read_bytes()[:16] == bytes(data[:16])
    assert "set aside as" in site.logs() + (site.directory / "lighttpd-error.log").read_text()
    assert site.command("spool", "cat", check=True).stdout.count('"url"') == 5
    end(site.processes[1])
    (site.state / "counters.old").replace(counters)
    data = bytearray(counters.read_bytes())
    struct.pack_into("=Q", data, 8, struct.unpack_from("=Q", data, 8)[0] - 1)
    counters.write_bytes(data)  # the version that wrote it
    assert site.metrics()["tamis_events_accepted_total"] == 3


def test_a_visitor_stays_who_he_is(site):
    send(site, 0, 1)
    end(site.processes[0])
    site.lighttpd()
    send(site, 1, 1)
    ids = {json.loads(line)["payload"]["id"] for line in site.command("spool", "cat", check=True).stdout.splitlines()}
    assert len(ids) == 1
    key, = site.keys.glob("key-*")
    assert len(key.read_bytes()) == 32


def test_restarts_with_a_backlog_lose_and_repeat_nothing(site):
    """Responder and forwarder in turn, each while the other works."""
    send(site, 0, 30)
    with Upstream() as up:
        site.set(UMAMI_API_URL=up.url, TAMIS_FORWARD_MAX_BATCH=5)
        up.fault("slow", seconds=0.1)
        forwarder, lighttpd = site.forward(), site.processes[0]
        for turn in range(1, 4):
            seen = len(up.events)
            wait_for(lambda: len(up.events) > seen, "some to arrive")
            assert end(forwarder) == 0
            forwarder = site.forward()
            end(lighttpd)
            lighttpd = site.lighttpd()
            send(site, 30 * turn, 30)
        wait_for(lambda: len(up.events) >= 120, "the backlog upstream", 60)
        assert end(forwarder) == 0
        assert sorted(urls(up)) == sorted(f"/{i}" for i in range(120))
    assert site.metrics()["tamis_spool_events"] == 0
