"""The two commands and the README, tried from a fresh clone as a newcomer would."""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import threading

import pytest
from conftest import SOURCE, WEBSITE, end, files, free_port, listening, need, request, wait_for
from test_acceptance import assert_no_trace
from test_readme import block
from upstream import Upstream

BUILD_SECONDS = 600


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """What a newcomer gets; compiled without optimisation, to spare time."""
    directory = tmp_path_factory.mktemp("clone") / "tamis"
    if (SOURCE / ".git").exists():
        subprocess.run(["git", "clone", "-q", str(SOURCE), str(directory)], check=True)
    else:  # a release tarball is tried as it is
        shutil.copytree(SOURCE, directory)
        subprocess.run(["chmod", "-R", "u+w", str(directory)], check=True)
    return directory


def environment(**more):
    kept = {k: v for k, v in os.environ.items()
            if not k.startswith(("UMAMI_", "TAMIS_", "MAKE", "MFLAGS", "top_", "DESTDIR"))}
    return {**kept, "CFLAGS": "-O0", **more}


class Run:
    """A running ./setup run; its lines are kept."""

    def __init__(self, directory, *arguments, **variables):
        self.process = subprocess.Popen(
            ["./setup", "run", *arguments], cwd=directory, env=environment(**variables),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        self.lines = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def line(self, start, seconds=BUILD_SECONDS):
        def found():
            assert self.process.poll() is None, "\n".join(self.lines)
            return next((line for line in self.lines if line.startswith(start)), None)
        return wait_for(found, f"a line {start!r} of ./setup run", seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


def test_run_forwards_a_clean_event_and_stops_in_time(clone):
    port = free_port()
    with Upstream() as upstream, Run(clone, "--port", str(port), UMAMI_WEBSITE_ID=WEBSITE,
                                     UMAMI_API_URL=upstream.url) as run:
        curl = run.line("curl -s http://127.0.0.1:")
        assert WEBSITE in request(port, "GET", "/").body.decode()
        assert request(port, "GET", "/script.js").status == 200
        assert "Mozilla/5.0" in curl and "/user/john@example.com/reset?token=abc123" in curl
        answer = subprocess.run(["bash", "-c", curl], capture_output=True, text=True, check=True)
        assert '"cache"' in answer.stdout, answer.stdout
        record, = wait_for(lambda: upstream.events, "the event upstream", 30)
        assert record["event"]["payload"]["url"] == "/user/[REDACTED_EMAIL]/reset?token=[REDACTED]"
        assert_no_trace(files(clone / "var"))
        look = next(line for line in run.lines if "spool cat" in line)
        shown = subprocess.run(["bash", "-c", look], cwd=clone, capture_output=True, text=True)
        assert shown.returncode == 0, shown.stderr
        run.process.send_signal(signal.SIGTERM)
        assert run.process.wait(5) == 143
        assert not listening(port)


def test_run_without_website_is_local_only_and_says_so_once(clone):
    port = free_port()
    with Run(clone, f"--port={port}") as run:
        curl = run.line("curl -s http://127.0.0.1:")
        answer = subprocess.run(["bash", "-c", curl], capture_output=True, text=True, check=True)
        assert '"cache"' in answer.stdout
        look = next(line for line in run.lines if "spool cat" in line)
        shown = subprocess.run(["bash", "-c", look], cwd=clone, capture_output=True, text=True)
        assert "/user/[REDACTED_EMAIL]/reset?token=[REDACTED]" in shown.stdout, shown.stderr
        assert sum("local only" in line for line in run.lines) == 1
        assert not any("installing with apt" in line for line in run.lines), "nothing was missing"
        os.killpg(run.process.pid, signal.SIGINT)
        run.process.wait(5)
        assert not listening(port)


def test_run_counts_out_of_the_box(clone):
    """The three printed lines, as they stand: a token, an increment, and the table after the rollup's next turn."""
    port = free_port()
    with Run(clone, f"--port={port}", TAMIS_COUNTS_FLUSH_SECONDS="1") as run:
        curl = run.line(f"curl -s http://127.0.0.1:{port}/api/counts")
        at = run.lines.index(curl)
        wait_for(lambda: len(run.lines) > at + 1, "the last line")
        token, curl, table = run.lines[at - 1:at + 2]
        done = subprocess.run(["bash", "-c", token], env=environment(), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

        def shell(line):
            return subprocess.run(["bash", "-c", line], env=environment(), capture_output=True, text=True).stdout
        wait_for(lambda: shell(curl) == '{"counted":1}', "the token to be known")
        wait_for(lambda: shell(table).split()[2:3] == ["1"], "the rollup")
        assert "directory_view" in shell(table)
        rollup, = [pid for pid, words in processes() if str(clone) in words and words.rstrip().endswith("tamis rollup")]
        os.kill(rollup, signal.SIGKILL)
        run.line("setup: the rollup ended (137): starting it again", 10)


def test_killed_servers_leave_nobody_behind(clone):
    """kill -9 of the forwarder: it comes again; of lighttpd: all ends, the responder too."""
    port = free_port()
    with Upstream() as upstream, Run(clone, "--port", str(port), UMAMI_WEBSITE_ID=WEBSITE,
                                     UMAMI_API_URL=upstream.url) as run:
        run.line("curl -s http://127.0.0.1:")
        again = subprocess.run(["./setup", "run", "--port", str(free_port())], cwd=clone,
                               env=environment(), capture_output=True, text=True)
        assert again.returncode == 1 and "another ./setup run" in again.stderr
        mine = [p for p in processes() if str(clone) in p[1]]
        forward, = [pid for pid, words in mine if words.rstrip().endswith("tamis forward")]
        os.kill(forward, signal.SIGKILL)
        run.line("setup: the forwarder ended (137): starting it again", 10)
        lighttpd, = [pid for pid, words in mine if "lighttpd -D" in words]
        os.kill(lighttpd, signal.SIGKILL)
        assert run.process.wait(10) == 1
        assert not [p for p in processes() if "tamis.fcgi" in p[1] and str(clone) in p[1]]


def test_a_killed_run_is_told_with_what_it_left(clone):
    """kill -9 of ./setup itself: its servers go on, and no second one shares their directory unseen."""
    port = free_port()
    with Run(clone, f"--port={port}") as run:
        run.line("curl -s http://127.0.0.1:")
        run.process.kill()
        run.process.wait()
        for other in (port, free_port()):
            again = subprocess.run(["./setup", "run", f"--port={other}"], cwd=clone, env=environment(),
                                   capture_output=True, text=True, timeout=60)
            assert again.returncode == 1 and "was killed" in again.stderr
            assert listening(port)
        subprocess.run(again.stderr.partition(": kill")[2].join(["kill", ""]), shell=True, check=True)
        wait_for(lambda: not [p for p in processes() if str(clone) in p[1]], "the end of what it left")
    with Run(clone, f"--port={port}") as run:
        run.line("curl -s http://127.0.0.1:")


def processes():
    """(pid, command line with the folder it runs in) of every process."""
    for path in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            yield int(path.name), f"{os.readlink(path / 'cwd')} {words}"
        except OSError:
            continue


def test_a_wrong_configuration_of_the_forwarder_ends_it(clone):
    out = subprocess.run(["./setup", "run", "--port", str(free_port())], cwd=clone, text=True,
                         env=environment(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_KEY="k",
                                         UMAMI_API_URL="http://umami.example.com"),
                         capture_output=True, timeout=BUILD_SECONDS)
    assert out.returncode != 0 and "clear" in out.stdout + out.stderr


def test_wrong_use_says_what_is_wrong(clone):
    for words, said in ((["nonsense"], "'nonsense'"), (["run", "--bogus"], "'--bogus'"),
                        (["run", "--port", "abc"], "--port"), (["check", "fast"], "'fast'")):
        out = subprocess.run(["./setup", *words], cwd=clone, env=environment(), capture_output=True,
                             text=True)
        assert out.returncode == 64 and said in out.stderr
    out = subprocess.run(["./setup", "check", "--help"], cwd=clone, env=environment(),
                         capture_output=True, text=True)
    assert out.returncode == 0 and "usage" in out.stdout


def test_a_taken_port_names_the_option(clone):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        out = subprocess.run(["./setup", "run", "--port", str(port)], cwd=clone, env=environment(),
                             capture_output=True, text=True)
    assert out.returncode == 1
    assert str(port) in out.stderr and "--port" in out.stderr


def test_without_apt_the_packages_are_named(clone, tmp_path):
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("bash", "env", "dirname", "readlink"):
        (tools / tool).symlink_to(shutil.which(tool))
    out = subprocess.run(["./setup", "run", "--port", str(free_port())], cwd=clone,
                         env={"PATH": str(tools)}, capture_output=True, text=True)
    assert out.returncode == 1
    for package in ("libcjson-dev", "libpcre2-dev", "lighttpd"):
        assert package in out.stderr


@pytest.fixture(scope="module")
def installed(clone, tmp_path_factory):
    """`make install` below a directory that other users can look into."""
    root = tmp_path_factory.mktemp("root")
    for directory in (root, *root.parents):
        if directory.owner() == root.owner() and directory != pathlib.Path("/"):
            directory.chmod(directory.stat().st_mode | 0o055)
    subprocess.run(["./setup", "build"], cwd=clone, check=True, env=environment(),
                   stdout=subprocess.DEVNULL)
    subprocess.run(["make", "-s", "-C", str(clone / "build" / "run"), "install", f"DESTDIR={root}"],
                   check=True, env=environment(), stdout=subprocess.DEVNULL)
    return root


class Mount:
    """The README's section about mounting, moved below a directory and run."""

    def __init__(self, root):
        self.root, self.port = root, free_port()
        self.root_user = os.geteuid() == 0
        self.environment = environment(LD_LIBRARY_PATH=str(root / "usr/local/lib"),
                                       TAMIS_CONFIG=str(root / "etc/tamis/tamis.yaml"),
                                       TAMIS_STATE_DIR=str(root / "var/lib/tamis"))
        self.processes = []

    def here(self, text):
        """Paths of the system become paths below the root; another user is only for root."""
        for path in ("/var/lib/tamis", "/run/tamis", "/usr/libexec/tamis"):
            text = text.replace(path, f"{self.root}{path}")
        text = text.replace("/usr/libexec", "/usr/local/libexec").replace(
            "/usr/share/doc/tamis/examples", str(SOURCE / "examples")).replace("sudo ", "").replace("-g tamis ", "-g www-data ")
        return text if self.root_user else text.replace("-o www-data -g www-data ", "")

    def start(self, command, **options):
        with open(self.root / "log", "ab") as log:
            self.processes.append(subprocess.Popen(command, env=self.environment, stdout=log,
                                                   stderr=log, stdin=subprocess.DEVNULL, **options))

    def places(self):
        for line in block("sudo groupadd").splitlines():
            if "install" in line:  # the machine's users are left alone: see forward()
                subprocess.run(["bash", "-ec", self.here(line)], check=True)

    def lighttpd(self):
        """Debian's own configuration with the README's lines behind it."""
        stock = pathlib.Path("/etc/lighttpd/lighttpd.conf").read_text()
        for key, value in (("server.port", str(self.port)), ("server.pid-file", f'"{self.root}/pid"'),
                           ("server.errorlog", f'"{self.root}/run/tamis/error.log"'),
                           ("server.document-root", f'"{self.root}"')):
            stock = re.sub(rf"(?m)^{re.escape(key)}\s*=.*$", f"{key} = {value}", stock)
        stock = re.sub(r"(?m)^(include_shell .*ipv6|include .*conf-enabled).*$", "", stock)
        if not self.root_user:
            stock = re.sub(r"(?m)^server\.(username|groupname).*$", "", stock)
        configuration = self.root / "lighttpd.conf"
        configuration.write_text(stock + self.here(block("var.tamis_fcgi", "lighttpd")))
        self.start([need("lighttpd"), "-D", "-f", str(configuration)])
        wait_for(lambda: listening(self.port), "lighttpd")

    def forward(self, url):
        """As the user of its own; nobody stands for `tamis-forward`, www-data's group for `tamis`."""
        self.environment["UMAMI_API_URL"] = url
        command = [str(self.root / "usr/local/bin" / word) if word == "tamis" else word
                   for word in block("sudo -u tamis").removeprefix("sudo -u tamis-forward ").split()]
        other = ["setpriv", "--reuid", "nobody", "--regid", "www-data", "--clear-groups"]
        self.start([*other, *command] if self.root_user else command)


@pytest.fixture
def mount(installed):
    it = Mount(installed)
    try:
        yield it
    finally:
        for process in it.processes:
            end(process)
        shutil.rmtree("/dev/shm/tamis-33", ignore_errors=True)


def test_mounting_as_the_readme_says(mount):
    configuration = mount.root / "etc/tamis/tamis.yaml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text(block("umami:", "yaml"))
    mount.places()
    with Upstream() as upstream:
        mount.lighttpd()
        answer = request(mount.port, "POST", "/api/send", {"type": "event", "payload": {
            "website": WEBSITE, "hostname": "shop.example.com", "url": "/u/john@example.com"}})
        assert answer.status == 200, (mount.root / "log").read_text()
        # The rest of the site is as it was: a long upload elsewhere is not tamis' business.
        assert request(mount.port, "POST", "/upload.php", b"x" * 3_000_000).status == 404
        assert request(mount.port, "POST", "/api/send", b"x" * 3_000_000).status == 413
        mount.forward(upstream.url)
        record, = wait_for(lambda: upstream.events, "the event upstream", 30)
        assert record["event"]["payload"]["url"] == "/u/[REDACTED_EMAIL]"


def test_install_and_distcheck(clone, installed):
    make = ["make", "-s", "-C", str(clone / "build" / "run")]
    there = {str(p.relative_to(installed)) for p in installed.rglob("*")}
    for path in ("bin/tamis", "bin/sanitize", "libexec/tamis/tamis.fcgi", "include/sanitizer.h",
                 "lib/pkgconfig/libsanitizer.pc", "share/man/man1/tamis.1",
                 "share/man/man8/tamis.fcgi.8", "share/man/man5/tamis.yaml.5",
                 "share/man/man1/sanitize.1", "share/doc/tamis/examples/lighttpd/tamis.conf"):
        assert f"usr/local/{path}" in there, path
    # The tests themselves run anyway: the tarball needs to build, install and go without a trace.
    out = subprocess.run([*make, "distcheck", "check_PROGRAMS=", "TESTS=tests/layers.sh"],
                         env=environment(), capture_output=True, text=True)
    assert out.returncode == 0, out.stdout[-3000:] + out.stderr[-3000:]
