"""tamis.fcgi behind nginx, Apache, h2o, Caddy and lighttpd, as examples/ mounts it: one suite for all."""
import concurrent.futures
import contextlib
import gzip
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import tempfile
import threading

import pytest

from conftest import BROWSER, BUILD, SOURCE, WEBSITE, free_port, listening, need, wait_for

EVENT = {"type": "event", "payload": {"website": WEBSITE, "hostname": "shop.example.com", "url": "/a"}}
EXAMPLES = SOURCE / "examples"
TOKEN = "a token for these metrics"


class Site:
    """A web server with tamis mounted as an example shows; only paths and port are the test's."""

    def __init__(self, tamis, kept, threads):
        self.tamis, self.kept, self.threads = tamis, kept, threads
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tamis-servers-"))
        self.folder.chmod(0o755)  # the server's own user comes by here
        (self.folder / "www").mkdir()
        self.port = tamis.port = free_port()
        self.socket = self.folder / "tamis.sock"
        self.server = self.responder = None

    def responds(self):
        """tamis.fcgi as a process of its own."""
        token = self.folder / "token"
        token.write_text(TOKEN)
        token.chmod(0o600)
        self.responder = self.tamis.start(
            BUILD / "tamis.fcgi", f"--http.socket={self.socket}", f"--http.threads={self.threads}",
            "--http.request_timeout_seconds=2", f"--metrics.token_file={token}")

        def answers():
            with socket.socket(socket.AF_UNIX) as s:
                return s.connect_ex(str(self.socket)) == 0
        wait_for(lambda: answers() or self.responder.poll() is not None, "tamis.fcgi")
        self.socket.chmod(0o666)  # in place of the server's membership in the group

    def example(self, name):
        """A file of examples/ with the test's paths, written beside the others."""
        text = (EXAMPLES / name).read_text()
        text = text.replace("/run/tamis/tamis.sock", str(self.socket)).replace("/var/log/nginx", str(self.folder))
        text = text.replace("keepalive 8;", f"keepalive {self.threads};")  # as it says: one worker process here
        path = self.folder / pathlib.Path(name).name
        path.write_text(text)
        return path

    def starts(self, *command, **options):
        self.server = self.tamis.start(*command, **options)
        wait_for(lambda: listening(self.port) or self.server.poll() is not None, "the web server")
        assert self.server.poll() is None, self.tamis.logs()

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path


def nginx(site):
    name = "tamis-kept.conf" if site.kept else "tamis.conf"
    upstream = f"include {site.example('nginx/tamis-upstream.conf')};" if site.kept else ""
    user = "user root;" if os.geteuid() == 0 else ""
    configuration = site.write("nginx.conf", f"""{user} daemon off; worker_processes 1; pid {site.folder}/pid;
        error_log {site.folder}/error.log; events {{ }}
        http {{ access_log off; {upstream}
            client_body_temp_path {site.folder}/body; fastcgi_temp_path {site.folder}/fcgi;
            proxy_temp_path {site.folder}/proxy; uwsgi_temp_path {site.folder}/uwsgi; scgi_temp_path {site.folder}/scgi;
            server {{ listen 127.0.0.1:{site.port}; root {site.folder}/www; include {site.example("nginx/" + name)}; }} }}""")
    site.starts(need("nginx"), "-c", configuration, "-p", site.folder)


def apache(site):
    modules = "/usr/lib/apache2/modules"
    load = "\n".join(f"LoadModule {m}_module {modules}/mod_{m}.so" for m in
                     ("mpm_event", "authz_core", "authz_host", "proxy", "proxy_fcgi", "reqtimeout", "env"))
    user = "User nobody\nGroup nogroup" if os.geteuid() == 0 else ""
    includes = f"Include {site.example('apache/tamis.conf')}\n"
    if site.kept:
        includes += f"Include {site.example('apache/tamis-kept.conf')}\n"
    configuration = site.write("apache.conf", f"""{load}\n{user}
ServerRoot {site.folder}
ServerName localhost
PidFile {site.folder}/pid
DefaultRuntimeDir {site.folder}
Listen 127.0.0.1:{site.port}
DocumentRoot {site.folder}/www
ErrorLog {site.folder}/error.log
StartServers 1
ServerLimit 4
ThreadsPerChild 16
MaxRequestWorkers 64
<VirtualHost *:{site.port}>
{includes}</VirtualHost>
""")
    site.tamis.set(TMPDIR="/dev/shm")
    site.starts(need("apache2"), "-D", "FOREGROUND", "-f", configuration)


def h2o(site):
    text = site.example("h2o/tamis.yaml").read_text()
    if site.kept:
        assert "fastcgi.timeout.keepalive: 0\n" in text
        text = text.replace("fastcgi.timeout.keepalive: 0\n", "fastcgi.timeout.keepalive: 60000\n")
    user = "user: root\n" if os.geteuid() == 0 else ""
    configuration = site.write("h2o.conf", f"{user}num-threads: 1\nlisten:\n  host: 127.0.0.1\n  port: {site.port}\n" + text)
    site.starts(need("h2o"), "-c", configuration)


def caddy(site):
    site.tamis.set(HOME=site.folder, XDG_DATA_HOME=site.folder, XDG_CONFIG_HOME=site.folder)
    configuration = site.write("site.caddy", f"{{\n\tadmin unix/{site.folder}/admin.sock\n\tauto_https off\n"
                               f"\timport {site.example('caddy/options.caddy')}\n}}\n"
                               f"import {site.example('caddy/Caddyfile')}\n"
                               f"http://127.0.0.1:{site.port} {{\n\tbind 127.0.0.1\n\timport tamis\n}}\n")
    site.starts(need("caddy"), "run", "--adapter", "caddyfile", "--config", configuration)


def lighttpd(site):
    site.tamis.set(TAMIS_METRICS_TOKEN_FILE=None)
    site.server = site.tamis.lighttpd()
    site.port = site.tamis.port


# server, kept connections, threads: few where each request has its own connection, else as
# many as the server may keep.
WAYS = {"nginx": (nginx, False, 2), "nginx-kept": (nginx, True, 16),
        "apache": (apache, False, 2), "apache-kept": (apache, True, 32),
        "h2o": (h2o, False, 2), "h2o-kept": (h2o, True, 64),
        "caddy": (caddy, False, 2), "lighttpd": (lighttpd, False, 2)}


@pytest.fixture(name="site", params=WAYS)
def mounted(request, tamis):
    """A web server with tamis behind it."""
    start, kept, threads = WAYS[request.param]
    tamis.set(UMAMI_WEBSITE_ID=WEBSITE, TAMIS_HTTP_THREADS=threads)
    it = Site(tamis, kept, threads)
    it.name = request.param
    try:
        if start is not lighttpd:
            it.responds()
        start(it)
        yield it
    finally:
        tamis.end()
        shutil.rmtree(it.folder, ignore_errors=True)


def send_on(connection):
    connection.request("POST", "/api/send", json.dumps(EVENT), {"User-Agent": BROWSER})
    answer = connection.getresponse()
    answer.read()
    return answer.status == 200


def post(site, n):
    """n events over one connection; how many were answered 200. An idle one may be closed by its server."""
    good = 0
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)) as c:
        for i in range(n):
            try:
                good += send_on(c)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                if i == 0:
                    raise
                c.close()  # Apache does so when its workers are short; the event was not taken
                good += send_on(c)
    return good


def test_events_batches_and_limits(site):
    tamis = site.tamis
    assert set(tamis.send().json) == {"cache", "sessionId", "visitId"}
    assert tamis.request("POST", "/api/send?x=1", EVENT).status == 200
    batch = tamis.request("POST", "/api/batch", [EVENT, EVENT, {"type": "event", "payload": {"url": "/"}}])
    assert (batch.status, batch.json["processed"], batch.json["errors"]) == (200, 2, 1)
    moved = tamis.request("POST", "/api/send/", EVENT)
    assert (moved.status, moved.headers["location"].endswith("/api/send")) == (308, True)
    assert tamis.request("OPTIONS", "/api/send").status == 204
    assert tamis.request("POST", "/api/send", EVENT, {"DNT": "1"}).json == {"disabled": True}
    assert tamis.request("GET", "/healthz").json == {"alive": True}
    assert tamis.request("GET", "/api/heartbeat").json == {"ok": True}
    fits = json.dumps(EVENT).ljust(1 << 20).encode()
    assert tamis.request("POST", "/api/send", fits).status == 200
    assert tamis.request("POST", "/api/send", fits + b" ").status == 413
    with contextlib.suppress(OSError):  # a server may close while the sender still sends
        assert tamis.request("POST", "/api/send", fits * 3).status == 413
    assert tamis.send().status == 200
    assert tamis.metrics()["tamis_events_accepted_total"] == 6
    assert not [p for p in site.folder.rglob("*.log") if b"127.0.0.1" in p.read_bytes()], "an address in a log"


@pytest.mark.parametrize("size", [len(json.dumps(EVENT)), 200_000])
def test_chunked_bodies(site, size):
    body = json.dumps(EVENT).ljust(size).encode()
    chunks = (body[i:i + 5000] for i in range(0, len(body), 5000))
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)) as c:
        c.request("POST", "/api/send", chunks, {"User-Agent": BROWSER, "Transfer-Encoding": "chunked"},
                  encode_chunked=True)
        assert c.getresponse().status == 200


def test_many_kept_clients_and_few_threads(site):
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(lambda _: post(site, 20), range(16))) == 320
    assert site.tamis.metrics()["tamis_events_accepted_total"] == 320


def test_slow_clients_hold_nobody_up(site):
    head = (f"POST /api/send HTTP/1.1\r\nHost: x\r\nUser-Agent: {BROWSER}\r\nContent-Length: 5000\r\n\r\n"
            '{"type":').encode()
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", site.port))) for _ in range(8)]
        for s in slow:
            s.sendall(head)
        assert post(site, 5) == 5


def test_metrics_are_the_operators(site):
    if site.name.startswith(("h2o", "lighttpd")):
        assert site.tamis.request("GET", "/metrics").status == 404  # not mounted; or no token
        return
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert b"tamis_events_accepted_total" in site.tamis.request("GET", "/metrics", None, bearer).body
    assert site.tamis.request("GET", "/metrics").status == 404
    c = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30, source_address=("127.0.0.2", 0))
    with contextlib.closing(c):
        c.request("GET", "/metrics", headers=bearer)
        assert c.getresponse().status == 403


def connections(path):
    """How many connections to the socket are held at its own end."""
    rows = (line.split() for line in pathlib.Path("/proc/net/unix").read_text().splitlines())
    return sum(row[-1] == str(path) and row[5] == "03" for row in rows)


def test_connections_are_kept_where_it_says_so(site):
    if site.responder is None:
        return
    assert post(site, 5) == 5
    if site.kept:
        assert connections(site.socket) > 0
    else:
        wait_for(lambda: connections(site.socket) == 0, "connections to end")


GRACEFUL = {"nginx": signal.SIGHUP, "apache": signal.SIGUSR1}


def test_reload_under_load(site):
    """The server reads its configuration again, and so does tamis.fcgi: no request fails."""
    if site.responder is None:
        return  # its responder ends with it; see test_responder.py
    done, failed, stop = [0] * 4, [], threading.Event()

    def load(i):
        while not stop.is_set():
            try:
                done[i] += post(site, 1)
            except (OSError, http.client.HTTPException) as error:
                failed.append(error)
                return

    threads = [threading.Thread(target=load, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            before = sum(done)
            wait_for(lambda: sum(done) > before + 40 or failed, "answers")
            graceful = GRACEFUL.get(site.name.partition("-")[0])
            if graceful:
                site.server.send_signal(graceful)
            site.responder.send_signal(signal.SIGHUP)
        before = sum(done)
        wait_for(lambda: sum(done) > before + 40 or failed, "answers after the last reload")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failed
    assert site.tamis.metrics()["tamis_events_accepted_total"] == sum(done)


def test_sigterm_ends_within_two_seconds(site):
    if site.responder is None:
        return
    assert post(site, 10) == 10  # connections that the server keeps, if it does
    site.responder.send_signal(signal.SIGTERM)
    assert site.responder.wait(2) == 0
    assert site.tamis.command("spool", "cat", check=True).stdout.count('"url"') == 10


def test_the_tracker_and_its_image(site):
    """The server hands on what they need: the query, Accept-Encoding, If-None-Match, Referer."""
    script = site.tamis.request("GET", "/script.js?v=1", headers={"Accept-Encoding": "gzip"})
    assert (script.status, script.headers["content-encoding"]) == (200, "gzip")
    assert gzip.decompress(script.body).startswith(b'{const up=".",collect="/api/send";')
    again = site.tamis.request("GET", "/script.js", headers={"Accept-Encoding": "gzip", "If-None-Match": script.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    image = site.tamis.request("GET", "/pixel.gif?title=A+page", headers={"Referer": "https://shop.example.com/a"})
    assert (image.status, image.headers["content-type"]) == (200, "image/gif")
    kept = json.loads(site.tamis.command("spool", "cat", check=True).stdout)["payload"]
    assert (kept["url"], kept["title"]) == ("https://shop.example.com/a", "A page")
