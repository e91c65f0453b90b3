"""make bench: a process for each request, tamis.cgi held against one that does nothing.

Once started by the bench itself, where all that counts is the process, and once by lighttpd
as examples/lighttpd/tamis-cgi.conf mounts it, server included. In turn, medians.
"""
import contextlib
import http.client
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import tempfile

from conftest import BROWSER, BUILD, WEBSITE, Tamis, free_port, listening, wait_for
from measure import table

REQUESTS, TURNS = 100, 7
PROGRAMS = {"null CGI": BUILD / "tests" / "bench" / "null_cgi", "tamis.cgi": BUILD / "tamis.cgi"}
BODY = json.dumps({"type": "event", "payload": {
    "website": WEBSITE, "hostname": "shop.example.com", "language": "en-US", "screen": "1920x1080",
    "title": "Shoes, and more shoes", "referrer": "https://www.example.org/",
    "url": "/products/shoes?size=42&color=red"}}).encode()


def alone(it, program):
    """CPU µs of one process, in `it`'s environment."""
    environment = {**it.environment, "REQUEST_METHOD": "POST", "SCRIPT_NAME": "/api/send",
                   "CONTENT_LENGTH": str(len(BODY)), "REMOTE_ADDR": "198.51.100.7",
                   "HTTP_USER_AGENT": BROWSER}
    path = it.directory / "body"
    path.write_bytes(BODY)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with path.open("rb") as body, open(os.devnull, "wb") as out:
        for _ in range(REQUESTS):
            os.lseek(body.fileno(), 0, os.SEEK_SET)
            child = os.posix_spawn(program, [program], environment, file_actions=[
                (os.POSIX_SPAWN_DUP2, body.fileno(), 0), (os.POSIX_SPAWN_DUP2, out.fileno(), 1)])
            assert os.waitpid(child, 0)[1] == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) / REQUESTS * 1e6


def start(it, program):
    """lighttpd that runs the program for /api/send; its port and process."""
    port = free_port()
    variables = ", ".join(f'"{k}" => "{v}"' for k, v in it.environment.items()
                          if k.startswith(("TAMIS_", "UMAMI_")))
    configuration = it.directory / f"{program.name}.conf"
    configuration.write_text(
        f'server.document-root = "{it.directory}"\nserver.port = {port}\nserver.bind = "127.0.0.1"\n'
        f'server.modules += ("mod_alias", "mod_cgi", "mod_setenv")\n'
        f'setenv.set-environment = ({variables})\n'
        f'alias.url = ("/api/send" => "{program}")\ncgi.assign = ("{program.name}" => "")\n')
    server = it.start(shutil.which("lighttpd", path=os.environ["PATH"] + ":/usr/sbin"), "-D", "-f", configuration)
    wait_for(lambda: listening(port), "lighttpd")
    return port, server


def spent(process):
    """CPU seconds of a process and of its children that have ended."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(f) for f in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def served(port, server):
    """CPU µs of one request, lighttpd and its child."""
    before = spent(server)
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as c:
        for _ in range(REQUESTS):
            c.request("POST", "/api/send", BODY, {"User-Agent": BROWSER})
            answer = c.getresponse()
            assert answer.status == 200, answer.read()
            answer.read()
    return (spent(server) - before) / REQUESTS * 1e6


def linked(program):
    """How it is linked."""
    text = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    count = text.count("=>")
    return f"{count} shared" if count else "static"


def cgi():
    """Each way for each program, in turn."""
    runs = {name: ([], []) for name in PROGRAMS}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        it = Tamis(pathlib.Path(directory))
        it.set(UMAMI_WEBSITE_ID=WEBSITE)
        try:
            servers = {name: start(it, path) for name, path in PROGRAMS.items()}
            for _ in range(TURNS):
                for name, path in PROGRAMS.items():
                    runs[name][0].append(alone(it, path))
                    runs[name][1].append(served(*servers[name]))
        finally:
            it.end()
    rows = []
    for name, path in PROGRAMS.items():
        ratios = [statistics.median(a / b for a, b in zip(runs[name][way], runs["null CGI"][way])) for way in (0, 1)]
        rows.append([name, linked(path), f"{statistics.median(runs[name][0]):.0f}", f"{ratios[0]:.2f}",
                     f"{statistics.median(runs[name][1]):.0f}", f"{ratios[1]:.2f}"])
    return table(["one request", "libraries", "process CPU µs", "/ null", "with lighttpd CPU µs", "/ null"], rows)
