"""make bench: the Python package, against a call of nothing, regular expressions, Presidio, no middleware."""
import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from conftest import BUILD, SOURCE, WEBSITE, Tamis, free_port, listening, request, wait_for
from measure import cpu_ms, table, tree

CALLS = SOURCE / "tests" / "bench" / "python_calls.py"
VENV = BUILD / "bench-presidio"


NULL_UPSTREAM = BUILD / "tests" / "bench" / "null_upstream"
SERVED = 150
"""Requests a round to an application behind its server: short rounds in turn, so that what else the machine does hits
both alike."""


@contextlib.contextmanager
def place(up):
    """A spool of its own; the upstream takes everything, or is dead."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        it = Tamis(pathlib.Path(directory))
        port = free_port() if up else 1
        it.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL=f"http://127.0.0.1:{port}", TAMIS_LIBRARY_DIR=BUILD / ".libs",
               TAMIS_LIMIT_REQUESTS_PER_MINUTE=0, TAMIS_SPOOL_MAX_BYTES=8 << 30,
               PYTHONPATH=os.pathsep.join([str(SOURCE / "middleware" / "python"), str(CALLS.parent)]))
        try:
            if up:
                it.start(NULL_UPSTREAM, port)
                wait_for(lambda: listening(port), "the null upstream")
            yield it
        finally:
            it.end()


def measured(what, interpreter=sys.executable, up=False):
    """What python_calls.py tells."""
    with place(up) as it:
        done = subprocess.run([str(interpreter), str(CALLS), what], env=it.environment, capture_output=True,
                              text=True, timeout=300)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout)


SERVERS = {
    "flask behind gunicorn": lambda watched, port: [
        "/usr/bin/gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", f"python_calls:make_flask({watched})"],
    "fastapi behind uvicorn": lambda watched, port: [
        sys.executable, "-m", "uvicorn", "--factory", "--port", str(port), "--log-level", "warning", "--no-access-log",
        f"python_calls:fastapi_{'watched' if watched else 'plain'}"],
}


def serve(it, command):
    port = free_port()
    process = it.start(*command(port))
    wait_for(lambda: listening(port), "the server", 30)
    return process.pid, port


def cost_of_a_round(pid, port):
    """CPU µs a request of the server's processes with all their threads."""
    before = cpu_ms(tree(pid))
    for _ in range(SERVED):
        request(port, "GET", "/html/7", headers={"Host": "shop.example.com"})  # an address would be cut each time
    return (cpu_ms(tree(pid)) - before) / SERVED * 1e3


def served(up, rounds=51):
    """CPU µs more with the middleware, as a server's processes spend them: one request after the other.

    What the server costs by itself is in both: the same requests, to two servers that live as long.
    """
    found = {}
    for name, command in SERVERS.items():
        with place(up) as it:
            both = [serve(it, lambda port, watched=watched: command(watched, port)) for watched in (False, True)]
            costs = [[cost_of_a_round(*one) for one in both] for _ in range(rounds)]
        found[f"{name}, html"] = statistics.median(b - a for a, b in costs[1:])
    return found


def presidio():
    """Against Presidio, in an environment of its own that pip makes where it can."""
    try:
        if not (VENV / "made").exists():
            subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True, capture_output=True)
            subprocess.run([str(VENV / "bin" / "pip"), "install", "-q", "presidio-analyzer"], check=True,
                           capture_output=True, timeout=600, env=dict(os.environ, PYTHONPATH=""))
            (VENV / "made").touch()
        found = measured("presidio", VENV / "bin" / "python")
    except (subprocess.SubprocessError, OSError, RuntimeError) as error:
        return f"Presidio: skipped, {type(error).__name__}: {str(error).strip().splitlines()[-1][:160]}"
    return (f"Presidio's pattern recognisers, blank language model: {found['presidio']:,.0f} µs for the second URL, "
            f"**{found['presidio'] / found['dirty']:,.0f} times** ours")


def requests_table():
    """What the middleware adds to a request, by what the upstream does."""
    rows = []
    for up in (False, True):
        state = "up" if up else "dead"
        rows += [[name, state, f"{caller:.1f}", f"{whole:.1f}"] for name, (caller, whole)
                 in measured("middleware", up=up).items()]
        rows += [[name, state, "", f"{whole:.1f}"] for name, whole in served(up).items()]
    return table(["middleware, CPU µs a request", "upstream", "of the thread", "of all threads"], rows) + (
        "\n\nWithout a server requests follow each other at once; behind one a client waits for each answer, so that caches "
        "are cold and, with the upstream up, the forwarder's thread has few events in a batch.")


def python():
    """CPU time of calls, and of requests with and without the middleware."""
    calls = measured("calls")

    def both(cost):
        return f"{cost / calls['usual']:.2f} of the ctypes call, {cost / calls['nothing']:.2f} of ours over nothing"
    rows = [["ctypes call of a function that does nothing, with the arguments of sanitize_url's, declared",
             f"{calls['usual']:.2f}", "1"],
            ["sanitize_url over a function that does nothing", f"{calls['nothing']:.2f}", both(calls["nothing"])],
            ["sanitize_url, 100 bytes, clean", f"{calls['clean']:.2f}", both(calls["clean"])],
            ["sanitize_url, 100 bytes, e-mail and token", f"{calls['dirty']:.2f}", both(calls["dirty"])],
            ["careful `re`, clean", f"{calls['re_clean']:.2f}",
             f"{calls['re_clean'] / calls['clean']:.1f} times sanitize_url"],
            ["careful `re`, e-mail and token", f"{calls['re_dirty']:.2f}",
             f"{calls['re_dirty'] / calls['dirty']:.1f} times sanitize_url"],
            ["track_event on the spool", f"{calls['event']:.1f}", ""],
            ["track_page_view", f"{calls['view']:.1f}", ""], ["count_request", f"{calls['count']:.1f}", ""]]
    return "\n\n".join([table(["call", "CPU µs", "ratio"], rows), requests_table(), presidio()])
