"""The manual's lines for Apache, lighttpd, nginx and journald, in the real programs."""
import os
import re
import shutil
import signal
import subprocess

import pytest

from conftest import BUILD, end, free_port, listening, need, request, wait_for
from sanitize_tool import SANITIZE
from test_manual_sanitize import MANUAL, unroff

DIRTY_PATH = "/user/john@example.com/reset?token=abc123"
CLEAN_PATH = b"/user/[REDACTED_EMAIL]/reset?token=[REDACTED]"


@pytest.fixture
def place(tmp_path):
    """A directory that servers of other users may enter; processes end with the test."""
    tmp_path.chmod(0o755)
    (tmp_path / "www").mkdir()
    (tmp_path / "www" / "index.html").write_text("hello\n")
    processes = []

    def start(*command, **options):
        log = open(tmp_path / "server.log", "ab")
        processes.append(subprocess.Popen([str(c) for c in command], stdout=log, stderr=log,
                                          stdin=subprocess.DEVNULL, **options))
        return processes[-1]

    yield tmp_path, start
    for process in reversed(processes):
        end(process)


def example(pattern, log):
    """The line of the manual that matches, with our binary and log file in its place."""
    line = re.search(pattern, unroff(MANUAL.read_text()), re.M)[0]
    line = line.replace("/usr/bin/sanitize", SANITIZE)
    return re.sub(r"/var/log/[a-z0-9/.-]+", str(log), line)


def visit(port, times):
    for _ in range(times):
        request(port, "GET", DIRTY_PATH)


def check(log, times):
    lines = wait_for(lambda: log.exists() and log.read_bytes().count(b"\n") == times
                     and log.read_bytes(), f"{times} lines in the log").splitlines()
    for line in lines:
        assert CLEAN_PATH in line and b"john" not in line and b"abc123" not in line
        assert b"127.0.0.0" in line and b"127.0.0.1" not in line


def until_up(port, process, place):
    wait_for(lambda: listening(port) or process.poll() is not None, "the server")
    assert process.poll() is None, (place / "server.log").read_text()


def as_root(directive):
    return directive if os.geteuid() == 0 else ""


def test_apache_custom_log(place):
    folder, start = place
    apache = need("apache2")
    port, log = free_port(), folder / "access.log"
    modules = "/usr/lib/apache2/modules"
    (folder / "apache.conf").write_text(
        f"ServerRoot {folder}\nServerName localhost\nListen 127.0.0.1:{port}\n"
        f"PidFile {folder}/pid\nErrorLog {folder}/error.log\nDocumentRoot {folder}/www\n"
        f"LoadModule mpm_event_module {modules}/mod_mpm_event.so\n"
        f"LoadModule authz_core_module {modules}/mod_authz_core.so\n"
        + as_root("User #65534\nGroup #65534\n") +
        'LogFormat "%h %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-Agent}i\\"" combined\n'
        + example(r"^CustomLog .*", log) + "\n")
    process = start(apache, "-f", folder / "apache.conf", "-DFOREGROUND")
    until_up(port, process, folder)
    visit(port, 5)
    check(log, 5)
    # Requests in the middle of a graceful restart are logged by the old processes.
    process.send_signal(signal.SIGUSR1)
    visit(port, 5)
    wait_for(lambda: (folder / "error.log").read_bytes().count(b"resuming normal") == 2,
             "the graceful restart")
    check(log, 10)
    visit(port, 5)
    # Apache answers before it logs: only a graceful stop waits for the lines of the last answers.
    process.send_signal(signal.SIGWINCH)
    process.wait(20)
    check(log, 15)
    assert b"sanitize:" not in (folder / "error.log").read_bytes()


def test_lighttpd_access_log(place):
    folder, start = place
    lighttpd = need("lighttpd")
    port, log = free_port(), folder / "access.log"
    (folder / "lighttpd.conf").write_text(
        f'server.document-root = "{folder}/www"\nserver.port = {port}\n'
        'server.bind = "127.0.0.1"\nserver.modules = ( "mod_accesslog" )\n'
        f'server.errorlog = "{folder}/error.log"\n'
        + example(r"^accesslog\.filename .*", log) + "\n")
    process = start(lighttpd, "-D", "-f", folder / "lighttpd.conf")
    until_up(port, process, folder)
    visit(port, 5)
    check(log, 5)
    visit(port, 5)
    end(process)
    check(log, 10)


def test_nginx_named_pipe(place):
    folder, start = place
    nginx = need("nginx")
    port, log, pipe = free_port(), folder / "access.log", folder / "access.fifo"
    manual = unroff(MANUAL.read_text())
    for command in (r"^mkfifo .*", r"^sanitize --follow /run/.*"):
        words = [str(pipe) if w.startswith("/run/") else str(log) if w.startswith("/var/") else w
                 for w in re.search(command, manual, re.M)[0].split()]
        if words[0] == "mkfifo":
            subprocess.run(words, check=True)
        else:
            follower = start(SANITIZE, *words[1:])
    directive = re.search(r"^access_log /run.*", manual, re.M)[0]
    directive = re.sub(r"/run/\S+", str(pipe), directive)
    (folder / "nginx.conf").write_text(
        f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n" + as_root("user root;\n") +
        f"events {{}}\nhttp {{\nclient_body_temp_path {folder}/t1;\nproxy_temp_path {folder}/t2;\n"
        f"fastcgi_temp_path {folder}/t3;\nuwsgi_temp_path {folder}/t4;\nscgi_temp_path {folder}/t5;\n"
        f"{directive}\nserver {{ listen 127.0.0.1:{port}; root {folder}/www; }}\n}}\n")
    for _ in range(2):
        process = start(nginx, "-c", folder / "nginx.conf", "-p", folder)
        until_up(port, process, folder)
        visit(port, 5)
        end(process)
    check(log, 10)
    assert follower.poll() is None


def test_journald_as_json():
    """Lines as `journalctl -o json` prints them; there is no journal to read in a build."""
    command = re.search(r"^journalctl .*", unroff(MANUAL.read_text()), re.M)[0]
    journal, _, filter_command = command.partition(" | ")
    arguments = journal.split()[1:]
    arguments.remove("-f")
    if shutil.which("journalctl"):
        done = subprocess.run(["journalctl", *arguments, "-n0"], capture_output=True, text=True)
        assert "option" not in done.stderr
    line = ('{"__CURSOR":"s=1","_HOSTNAME":"bob-laptop","PRIORITY":"6","_PID":"1234",'
            '"MESSAGE":"login of bob@example.com from 192.0.2.7","_BOOT_ID":"x"}\n')
    done = subprocess.run(["bash", "-c", filter_command], input=line, capture_output=True, text=True,
                          env={"PATH": f"{BUILD}:/usr/bin:/bin"})
    assert done.stdout == line.replace("bob-laptop", "[REDACTED]").replace(
        "bob@example.com", "[REDACTED_EMAIL]").replace("192.0.2.7", "192.0.2.0")
