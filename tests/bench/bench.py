#!/usr/bin/env python3
"""make bench: what tamis costs, held against limits measured in the same run.

Each section is a function that returns a Markdown table; RESULTS.md is written anew
with the machine and the date. Ratios are what counts: single numbers of a shared
machine drift. Nothing here passes or fails.
"""
import contextlib
import datetime
import os
import pathlib
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(os.environ["top_srcdir"]).resolve()
BUILD = pathlib.Path(os.environ["top_builddir"]).resolve()
sys.path.insert(0, str(SOURCE / "tests" / "integration"))
sys.path.insert(0, str(SOURCE / "tests" / "bench"))
from cgi_bench import cgi  # noqa: E402
from counting_bench import counting  # noqa: E402
from conftest import BROWSER, WEBSITE, Tamis, free_port, listening, wait_for  # noqa: E402
from measure import resident_mb, table  # noqa: E402
from python_bench import python  # noqa: E402
from peers_bench import peers  # noqa: E402
from releases_bench import releases  # noqa: E402
from responder_bench import responder  # noqa: E402
from sanitizer_bench import sanitizer, small_strings, worst_inputs  # noqa: E402


def cpu_of_children():
    """User and system time of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def forwarder():
    """A prepared backlog drained to a null upstream."""
    events = int(os.environ.get("BENCH_EVENTS", "500000"))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        it = Tamis(pathlib.Path(directory))
        port = free_port()
        it.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL=f"http://127.0.0.1:{port}",
               TAMIS_SPOOL_MAX_BYTES=8 << 30)
        try:
            upstream = it.start(BUILD / "tests" / "bench" / "null_upstream", port)
            wait_for(lambda: listening(port), "the null upstream")
            log = pathlib.Path(directory) / "access.log"
            day = datetime.datetime.now(datetime.timezone.utc).strftime("%d/%b/%Y:%H:%M:%S +0000")
            with log.open("w") as f:
                for i in range(events):
                    f.write(f'198.51.{i % 200}.{i % 250} - - [{day}] "GET /orders/{i} HTTP/1.1" 200 '
                            f'512 "-" "{BROWSER}"\n')
            begin = time.monotonic()
            it.command("import", "--website", WEBSITE, "--hostname", "shop.example.com", log,
                       check=True, timeout=600)
            imported = time.monotonic() - begin
            before, begin, memory = cpu_of_children(), time.monotonic(), 0.0
            forward = it.start(BUILD / "tamis", "forward", "--once=300")
            while forward.poll() is None:
                with contextlib.suppress(OSError, TypeError):
                    memory = max(memory, resident_mb(forward.pid))
                time.sleep(0.05)
            took, cpu = time.monotonic() - begin, cpu_of_children() - before
            assert forward.returncode == 0, it.logs()
            rest = resident_mb(upstream.pid)
        finally:
            it.end()
    return table(["", "events/s", "CPU µs an event", "resident MB"], [
        ["tamis import", f"{events / imported:,.0f}", "", ""],
        ["tamis forward → null upstream", f"{events / took:,.0f}", f"{cpu / events * 1e6:.2f}",
         f"{memory:.1f}"],
        ["(the null upstream)", "", "", f"{rest:.1f}"]])


def events():
    """One event of 330 bytes from body to record, in one thread."""
    out = subprocess.run([BUILD / "tests" / "bench" / "event_calls"], capture_output=True, text=True,
                         check=True).stdout
    what = {"cjson": "(cJSON, parse and delete)", "parse": "read and checked", "bot": "bot or visitor",
            "view": "a page view, the whole way", "data": "an event with data, the whole way"}
    return table(["one event", "CPU µs"],
                 [[what[n], us] for n, us in (line.split() for line in out.splitlines())])


def counters():
    """Eight processes on one route; the program checks the totals."""
    out = subprocess.run([BUILD / "tests" / "bench" / "count_calls"], capture_output=True, text=True,
                         check=True).stdout
    what = {"accept": "an accepted event (5 cells, all or none)", "route": "a request of a route",
            "add": "one counter", "limit": "the rate limit, all of one client"}
    return table(["counted by 8 processes at once", "CPU ns"],
                 [[what[n], ns] for n, ns in (line.split() for line in out.splitlines())])


def spool():
    """A million events of 334 bytes; all costs are CPU at the caller."""
    out = subprocess.run([BUILD / "tests" / "bench" / "spool_calls"], capture_output=True, text=True,
                         check=True).stdout
    got = {name: float(number) for name, number in (line.split() for line in out.splitlines())}
    return table(["", ""], [
        ["a bare write() of the same bytes", f"{got['write_us']:.2f} µs"],
        ["append", f"{got['append_us']:.2f} µs"],
        ["append, 8 threads", f"{got['append8_us']:.2f} µs"],
        ["append, `always`, 8 threads", f"{got['always8_us']:.1f} µs "
         f"({1e6 / got['always8_wall_us']:,.0f}/s)"],
        ["open a backlog", f"{got['open_ms']:.1f} ms"],
        ["read and mark", f"{got['read_us']:.2f} µs ({got['read_per_s']:,.0f}/s)"],
        ["memory", f"{got['resident_mb']:.1f} MB"]])


def library():
    """CPU of the calling thread; the spool in `interval` mode."""
    with tempfile.TemporaryDirectory() as directory:
        out = subprocess.run([BUILD / "tests" / "bench" / "library_calls", directory], capture_output=True, text=True,
                             check=True).stdout
    got = {name: float(number) for name, number in (line.split() for line in out.splitlines())}
    return table(["a call of libtamis", "µs"], [
        ["a bare write() of 480 bytes", f"{got['write']:.2f}"],
        ["`tamis_send`, an event with a property", f"{got['event']:.2f}"],
        ["`tamis_send`, a page view of a visitor", f"{got['view']:.2f}"],
        ["`tamis_send`, 4 threads at once", f"{got['threads']:.2f}"],
        ["`tamis_route`", f"{got['route']:.3f}"],
        ["fork(), the child's first event, its end (elapsed)", f"{got['child']:.0f}"]])


SECTIONS = [("Python", python), ("Responder", responder), ("CGI", cgi), ("Against what people use today", peers),
            ("Events", events), ("Counters", counters), ("Declared counters", counting),
            ("Spool", spool), ("Library", library), ("Releases", releases), ("Forwarder", forwarder), ("Sanitizer, logs", sanitizer),
            ("Sanitizer, small strings", small_strings), ("Sanitizer, worst inputs", worst_inputs)]


def cpu_model():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    match = re.search(r"model name\s*:\s*(.+)", text)
    return match[1] if match else platform.machine()


def main():
    parts = ["# Measured by `make bench`", "",
             f"{datetime.date.today()}, {os.cpu_count()} × {cpu_model()}, {platform.system()} "
             f"{platform.release()}. Ratios within one run are what counts."]
    wanted, failed = sys.argv[1:], []
    for title, section in SECTIONS:
        if wanted and section.__name__ not in wanted:
            continue
        print(f"bench: {title} …", file=sys.stderr, flush=True)
        try:
            text = section()
        except Exception as failure:  # what the other sections took minutes for is kept
            text = f"failed: {failure}"
            failed.append(title)
        print(f"{text}\n", file=sys.stderr, flush=True)
        parts += ["", f"## {title}", "", text]
    text = "\n".join(parts) + "\n"
    if not wanted:
        (SOURCE / "tests" / "bench" / "RESULTS.md").write_text(text)
    if failed:
        sys.exit(f"bench: failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
