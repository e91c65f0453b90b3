"""Fixtures of the integration tests: where things are, servers that are really started.

Every server gets a free port of 127.0.0.1 and a directory of its own, and is ended
with the test, whatever happens. Nothing waits by sleeping: wait_for() polls a
condition up to a deadline.
"""
import contextlib
import http.client
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

SOURCE = pathlib.Path(os.environ.get("top_srcdir") or pathlib.Path(__file__).parents[2]).resolve()
BUILD = pathlib.Path(os.environ.get("top_builddir") or SOURCE / "build").resolve()
SHARED = SOURCE.parent / "shared"
BROWSER = ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
           "Chrome/126.0.0.0 Safari/537.36")
WEBSITE = "9b379b11-cd77-4afa-995e-06e009cab81c"

sys.path.insert(0, str(SOURCE / "tests" / "integration"))

# What a shell starts in the background ignores Ctrl-C and Ctrl-\, and so would all that is
# started here; the tests send both.
for number in (signal.SIGINT, signal.SIGQUIT):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)


def wait_for(condition, what, seconds=20.0):
    """Poll until condition() is true and return its value; fail naming `what` at the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds} s in vain for {what}")
        time.sleep(0.01)


def files(*folders):
    """Path and bytes of each file below the folders. What goes while they are looked at, folders too, is passed over."""
    for parent, _, names in (entry for folder in folders for entry in os.walk(folder)):
        for path in (os.path.join(parent, name) for name in names):
            with contextlib.suppress(FileNotFoundError):
                if os.path.isfile(path) and not os.path.islink(path):
                    yield path, pathlib.Path(path).read_bytes()


def free_port():
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listening(port):
    """True once somebody accepts connections on the port."""
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(("127.0.0.1", port)) == 0


def need(program):
    """Path of a program, or skip."""
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


def shared(name):
    """A file of the workplace's shared data, or skip."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"needs ../shared/{name}")
    return path


class Answer:
    """What came back over HTTP."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)


def request(port, method, path, body=None, headers=None, timeout=15):
    """One HTTP request to 127.0.0.1:port; a dict or list as body is sent as JSON."""
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
    if isinstance(body, str):
        body = body.encode()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    with contextlib.closing(connection):
        connection.request(method, path, body, {"User-Agent": BROWSER, **(headers or {})})
        return Answer(connection.getresponse())


def end(process, seconds=10):
    """SIGTERM, then SIGKILL; returns the exit status."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


def read_terminal(terminal, seen):
    """All that was written on a terminal so far; seen: a list that keeps it."""
    while select.select([terminal], [], [], 0)[0]:
        try:
            seen.append(os.read(terminal, 65536))
        except OSError:  # its other side is closed
            break
    return b"".join(seen).decode(errors="replace")


class Tamis:
    """A state directory with its configuration, and the processes that work on it."""

    def __init__(self, directory):
        self.directory = directory
        self.state = directory / "state"
        self.keys = pathlib.Path("/dev/shm") / f"tamis-test-{os.getpid()}-{directory.name}"
        self.keys.mkdir(mode=0o700)
        self.environment = {k: v for k, v in os.environ.items()
                            if not k.startswith(("UMAMI_", "TAMIS_", "DATABASE_", "APP_"))}
        self.environment.update(TAMIS_STATE_DIR=str(self.state),
                                TAMIS_IDENTITY_KEY_DIR=str(self.keys))
        self.processes = []
        self.port = None

    def set(self, **variables):
        """Environment of everything started from now on; None removes a variable."""
        for name, value in variables.items():
            if value is None:
                self.environment.pop(name, None)
            else:
                self.environment[name] = str(value)

    def start(self, *command, **options):
        """Start a process that ends with the test."""
        log = open(self.directory / f"{pathlib.Path(str(command[0])).name}.log", "ab")
        options.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen([str(c) for c in command], env=self.environment, stdout=log,
                                   stderr=log, **options)
        log.close()
        self.processes.append(process)
        return process

    def command(self, *arguments, **options):
        """Run `tamis …` to its end and return the finished process."""
        options.setdefault("timeout", 60)
        return subprocess.run([str(BUILD / "tamis"), *map(str, arguments)], env=self.environment,
                              capture_output=True, text=True, **options)

    def forward(self):
        """Start `tamis forward`."""
        return self.start(BUILD / "tamis", "forward")

    def lighttpd(self, extra="", binary=BUILD / "tamis.fcgi", port=None):
        """Start lighttpd with tamis.fcgi mounted as examples/lighttpd shows."""
        lighttpd = need("lighttpd")
        self.port = port or free_port()
        configuration = self.directory / "lighttpd.conf"
        configuration.write_text(
            f'server.document-root = "{self.directory}"\n'
            f'server.port = {self.port}\nserver.bind = "127.0.0.1"\n'
            f'server.errorlog = "{self.directory}/lighttpd-error.log"\n'
            f'server.upload-dirs = ( "{self.keys}" )\n'
            f'var.tamis_fcgi = "{binary}"\n'
            f'var.tamis_socket = "{self.directory}/tamis.sock"\n'
            f'include "{SOURCE}/examples/lighttpd/tamis.conf"\n{extra}')
        process = self.start(lighttpd, "-D", "-f", configuration)
        wait_for(lambda: listening(self.port) or process.poll() is not None, "lighttpd")
        assert process.poll() is None, self.logs()
        return process

    def request(self, method, path, body=None, headers=None, **options):
        return request(self.port, method, path, body, headers, **options)

    def send(self, payload=None, kind="event", headers=None, **fields):
        """POST one event to /api/send."""
        payload = {"website": WEBSITE, "hostname": "shop.example.com", "url": "/", **fields,
                   **(payload or {})}
        return self.request("POST", "/api/send", {"type": kind, "payload": payload}, headers)

    def metrics(self):
        """`tamis metrics` as a dict from "name{labels}" to number, once what was started has made its state."""
        wait_for(self.state.exists, "the state directory")
        text = self.command("metrics", check=True).stdout
        rows = (line.rpartition(" ") for line in text.splitlines() if line and line[0] != "#")
        return {name: float(value) for name, _, value in rows}

    def logs(self):
        """Everything that was logged, for messages of failed tests."""
        return "\n".join(f"{p.name}: {p.read_text(errors='replace')[-2000:]}"
                         for p in self.directory.glob("*.log"))

    def end(self):
        for process in reversed(self.processes):
            end(process)
        shutil.rmtree(self.keys, ignore_errors=True)


@pytest.fixture
def tamis(tmp_path):
    """A fresh state directory; see Tamis."""
    it = Tamis(tmp_path)
    try:
        yield it
    finally:
        it.end()
