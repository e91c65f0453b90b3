"""tamis doctor: each thing that can be wrong is found, and mended by what it says."""
import email.utils
import http.server
import json
import os
import socket
import subprocess
import threading
import time

import pytest

from conftest import SOURCE, WEBSITE, wait_for
from other_user import OtherUser
from test_dead import kill_letters
from upstream import Upstream


def findings(tamis, *arguments, code=None):
    process = tamis.command("doctor", "--json", *arguments)
    assert process.stderr == ""
    rows = {row["check"]: row for row in json.loads(process.stdout)}
    worst = max({"ok": 0, "skip": 0, "warn": 1, "fail": 2}[row["verdict"]] for row in rows.values())
    assert process.returncode == worst
    assert all(bool(row["mend"]) or row["verdict"] in ("ok", "skip", "fail") for row in rows.values())
    if code is not None:
        assert process.returncode == code, rows
    return rows


@pytest.fixture
def site(tamis):
    """A good state directory, and a website whose upstream nobody reaches."""
    tamis.command("forward", "--once=1")  # makes it, and has nowhere to send to
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL="http://127.0.0.1:9")
    return tamis


class Page(http.server.BaseHTTPRequestHandler):
    """Answers everything with what its server was told."""

    def answer(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.seen.append((self.command, self.path, self.headers.get("x-umami-api-key")))
        code = self.server.codes.get(self.path, self.server.codes["*"])
        self.send_response_only(code)
        self.send_header("Date", email.utils.formatdate(time.time() + self.server.ahead, usegmt=True))
        self.send_header("Location", "https://elsewhere.example.com/")
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


@pytest.fixture
def page(site):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.codes, server.ahead, server.body, server.seen = {"*": 200}, 0, b'{"size":0}', []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site.set(UMAMI_API_URL=f"http://127.0.0.1:{server.server_port}")
    yield server
    server.shutdown()
    server.server_close()


def test_every_check_has_a_line(tamis):
    names = [line.split('"')[1] for line in (SOURCE / "src/doctor.def").read_text().splitlines()
             if line.startswith("CHECK(")]
    screen = tamis.command("doctor").stdout
    lines = [line for line in screen.splitlines() if not line.startswith("      ")]
    assert [line[6:].split("  ")[0] for line in lines] == names


def test_all_is_well(site):
    with Upstream(websites=[WEBSITE]) as up:
        site.set(UMAMI_API_URL=up.url)
        site.forward()
        wait_for(lambda: json.loads(site.command("status", "--json").stdout)["forwarder"]["forwards"],
                 "the forwarder")
        rows = findings(site, code=0)
        assert rows["upstream"]["verdict"] == rows["forwarder"]["verdict"] == "ok"
        assert up.events == []


def test_a_broken_configuration(tamis):
    rows = findings(tamis, "--spool.max_bytes=1", code=2)
    assert list(rows) == ["configuration"] and "spool.max_bytes" in rows["configuration"]["text"]


def test_configuration_that_weakens_and_is_open(tamis):
    file = tamis.directory / "tamis.yaml"
    file.write_text("umami:\n  sanitization: {sanitize_emails: false}\n")
    file.chmod(0o666)
    rows = findings(tamis, f"--config={file}", code=2)
    assert rows["configuration"]["verdict"] == "warn"
    assert str(file) in rows["configuration file"]["text"]
    subprocess.run(["sh", "-c", rows["configuration file"]["mend"]], check=True)
    assert findings(tamis, f"--config={file}")["configuration file"]["verdict"] == "ok"


def test_a_look_makes_nothing(tamis):
    tamis.keys.rmdir()
    rows = findings(tamis, code=1)
    assert rows["state directory"]["verdict"] == rows["identity key"]["verdict"] == "warn"
    assert not tamis.state.exists() and not tamis.keys.exists()


@pytest.mark.parametrize("check, name, mode", [("state directory", "", 0o755),
                                               ("spool", "spool", 0o3775)])
def test_open_directories(site, check, name, mode):
    (site.state / name).chmod(mode)
    row = findings(site)[check]
    assert row["verdict"] == "warn" and "open to all users" in row["text"]
    subprocess.run(["sh", "-c", row["mend"]], check=True)
    assert findings(site)[check]["verdict"] == "ok"


def test_a_writer_that_the_forwarder_cannot_drain(site):
    shelf = site.state / "spool" / "12345"
    shelf.mkdir()
    shelf.chmod(0o700)
    row = findings(site)["spool"]
    assert row["verdict"] == "fail" and str(shelf) in row["text"]
    subprocess.run(["sh", "-c", row["mend"]], check=True)
    assert findings(site)["spool"]["verdict"] == "ok"


def test_a_state_that_cannot_be_read(site):
    (site.state / "counters").unlink()
    (site.state / "counters").mkdir()
    assert findings(site, code=2)["state directory"]["verdict"] == "fail"


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to become another user")
def test_a_user_without_rights(site):
    process = OtherUser(site).run(65534, 65534, 65534, "tamis", "doctor", "--json")
    rows = {row["check"]: row for row in json.loads(process.stdout)}
    assert process.returncode == 2 and rows["state directory"]["verdict"] == "fail"
    assert "sudo -g" in rows["state directory"]["mend"]


def test_the_key_must_not_reach_a_disk(site):
    disk = site.directory / "keys"
    disk.mkdir(mode=0o700)
    kind = subprocess.run(["stat", "-fc", "%T", disk], capture_output=True, text=True).stdout.strip()
    row = findings(site, f"--identity.key_dir={disk}")["identity key"]
    assert row["verdict"] == ("ok" if kind == "tmpfs" else "fail")
    site.keys.chmod(0o755)
    row = findings(site)["identity key"]
    assert row["verdict"] == "fail"
    subprocess.run(["sh", "-c", row["mend"]], check=True)
    assert findings(site)["identity key"]["verdict"] == "ok"


def test_the_socket(site):
    path = site.directory / "s.sock"
    assert findings(site, f"--http.socket={path}")["socket"]["verdict"] == "fail"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        assert "refused" in findings(site, f"--http.socket={path}")["socket"]["text"]
        listener.listen()
        assert findings(site, f"--http.socket={path}")["socket"]["verdict"] == "ok"


def test_the_upstream_is_away(site):
    rows = findings(site, code=2)
    assert rows["upstream"]["verdict"] == "fail" and "connect" in rows["upstream"]["text"]
    assert rows["forwarder"]["verdict"] == "fail"


@pytest.mark.parametrize("code, body, key, verdict, word", [
    (200, b'{"size":0}', "sesame", "ok", "takes the key"),
    (401, b"{}", "sesame", "fail", "does not accept"),
    (401, b"{}", None, "fail", "it wants umami.api_key"),
    (302, b"", None, "fail", "redirects"),
    (503, b"", None, "warn", "503"),
    (200, b"<html>", None, "fail", "not as Umami does"),
    (400, b"{}", None, "fail", "not as Umami does"),
])
def test_what_the_upstream_answers(site, page, code, body, key, verdict, word):
    page.codes, page.body = {"*": code}, body
    site.set(UMAMI_API_KEY=key)
    row = findings(site)["upstream"]
    assert row["verdict"] == verdict and word in row["text"]
    assert "sesame" not in json.dumps(row)
    assert page.seen == [("POST", "/api/batch", key)]


def test_an_older_umami(site, page):
    page.codes = {"/api/batch": 404, "*": 200}
    row = findings(site)["upstream"]
    assert row["verdict"] == "ok" and "one by one" in row["text"]
    assert [seen[:2] for seen in page.seen] == [("POST", "/api/batch"), ("GET", "/api/heartbeat")]


def test_a_key_in_the_clear_is_not_sent(site):
    site.set(UMAMI_API_URL="http://umami.example.com", UMAMI_API_KEY="sesame")
    row = findings(site)["upstream"]
    assert row["verdict"] == "fail" and "in the clear" in row["text"]


@pytest.mark.parametrize("ahead, verdict, word", [(0, "ok", "as the upstream's"),
                                                  (20, "warn", "behind"), (-20, "warn", "ahead of"),
                                                  (4000, "fail", "1 h 6 min behind")])
def test_the_clock(site, page, ahead, verdict, word):
    page.ahead = ahead
    row = findings(site)["clock"]
    assert row["verdict"] == verdict and word in row["text"]


def test_dead_letters_wait(tamis):
    kill_letters(tamis, ["/a"])
    row = findings(tamis)["dead letters"]
    assert row["verdict"] == "warn" and row["text"].startswith("1 events")


def test_too_little_room(site):
    row = findings(site, "--spool.max_bytes=1099511627776")["disk"]
    disk = os.statvfs(site.state)
    enough = disk.f_bavail * disk.f_frsize > 1 << 40
    assert row["verdict"] == ("ok" if enough else "warn")


def test_declared_counters(site):
    """The registry, the store, and counts that nobody brings over."""
    checks = ("registry", "store", "rollup")
    assert [findings(site)[check]["verdict"] for check in checks] == ["skip"] * 3
    registry = site.directory / "registry.yaml"
    site.set(TAMIS_COUNTS_REGISTRY=registry)
    assert findings(site)["registry"]["verdict"] == "fail"
    registry.write_text((SOURCE / "examples/registry.yaml").read_text().replace("2099", "2020"))
    assert findings(site)["registry"]["verdict"] == "warn"
    registry.write_text((SOURCE / "examples/registry.yaml").read_text())
    assert [findings(site)[check]["verdict"] for check in checks] == ["ok"] * 3
    assert site.command("rollup", "--once").returncode == 0
    token = site.command("token", "make", "--scope=ingest").stdout.strip()
    site.lighttpd()
    assert site.request("POST", "/api/counts", b'{"event_name":"checkout.opened"}',
                        {"Authorization": f"Bearer {token}"}).status == 200
    assert findings(site)["rollup"]["verdict"] == "ok"
    assert "1 cells wait; rolled up" in site.command("status").stdout
    os.utime(site.state / "rollup", (1, 1))
    row = findings(site)["rollup"]
    assert (row["verdict"], row["mend"]) == ("warn", "start: tamis rollup")
    assert 'Is "tamis rollup" running?' in site.command("status").stdout
    assert site.command("rollup", "--once").returncode == 0
    assert findings(site)["rollup"]["verdict"] == "ok"
    site.set(DATABASE_URL=f"postgresql://x@/none?host={site.directory}")
    assert findings(site)["store"]["verdict"] == "fail"
