"""make bench: the Python package, against a call of nothing, regular expressions, Presidio, no middleware."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from conftest import BUILD, SOURCE, WEBSITE, Tamis
from measure import table

CALLS = SOURCE / "tests" / "bench" / "python_calls.py"
VENV = BUILD / "bench-presidio"


def measured(what, interpreter=sys.executable):
    """python_calls.py with a spool of its own and an upstream that is dead."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        it = Tamis(pathlib.Path(directory))
        it.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL="http://127.0.0.1:1", TAMIS_LIBRARY_DIR=BUILD / ".libs",
               TAMIS_LIMIT_REQUESTS_PER_MINUTE=0, TAMIS_SPOOL_MAX_BYTES=8 << 30,
               PYTHONPATH=SOURCE / "middleware" / "python")
        try:
            done = subprocess.run([str(interpreter), str(CALLS), what], env=it.environment, capture_output=True,
                                  text=True, timeout=300)
        finally:
            it.end()
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout)


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


def python():
    """CPU time of calls, and of requests with and without the middleware."""
    calls, requests = measured("calls"), measured("middleware")
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
            ["track_page_view", f"{calls['view']:.1f}", ""], ["count_request", f"{calls['count']:.1f}", ""],
            *([f"middleware, {name.replace('_', ', ')}", f"{cost:.1f}", ""] for name, cost in requests.items())]
    return table(["call", "CPU µs", "ratio"], rows) + "\n\n" + presidio()
