"""Against what people use today: the same event, connections and redactions, forwarding included.

Every way has one worker of its web server and sends what it took to the same null
upstream. CPU is of all its processes until it has nothing more to do.
"""
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from conftest import BUILD, SOURCE, WEBSITE, Tamis, free_port, listening, need, wait_for
from measure import ROUNDS, cpu_seconds, resident_mb, table, tree, wrk
from mounts import Site, apache, nginx

PEERS = SOURCE / "tests" / "bench" / "peers"
KEPT_THREADS = 32


def lua(site, upstream):
    """nginx with Debian's Lua module; None where that is not installed."""
    if not pathlib.Path("/usr/lib/nginx/modules/ngx_http_lua_module.so").exists():
        return None
    text = (PEERS / "nginx_lua.conf").read_text()
    for name, value in {"LUA": PEERS, "DIRECTORY": site.folder, "PORT": site.port, "UPSTREAM": upstream,
                        "USER": "user root;" if os.geteuid() == 0 else ""}.items():
        text = text.replace(f"@{name}@", str(value))
    site.starts(need("nginx"), "-c", site.write("nginx.conf", text), "-p", site.folder)
    return [site.server]


def node(site, upstream):
    if not shutil.which("node"):
        return None
    site.starts("node", PEERS / "clean.mjs", site.port, site.folder / "spool", upstream)
    return [site.server]


def flask(site, upstream):
    python = "/usr/bin/python3"  # Debian's gunicorn and Flask are this one's
    if not shutil.which("gunicorn") or subprocess.run([python, "-c", "import flask"], capture_output=True).returncode:
        return None
    site.tamis.set(PEER_SPOOL=site.folder / "spool", PEER_UPSTREAM=upstream)
    site.starts("gunicorn", "--chdir", PEERS, "-w", "1", "--threads", "8", "-b", f"127.0.0.1:{site.port}",
                "clean_app:app")
    return [site.server]


def tamis_kept(site, upstream):
    site.tamis.set(UMAMI_API_URL=f"http://127.0.0.1:{upstream}")
    site.responds()
    nginx(site)
    return [site.server, site.responder, site.tamis.forward()]


def null(start):
    def begin(site, _):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(site.socket))
            listener.listen(1024)
            site.socket.chmod(0o666)
            site.responder = subprocess.Popen([BUILD / "tests" / "bench" / "null_responder", str(KEPT_THREADS)],
                                              stdin=listener)
        site.tamis.processes.append(site.responder)
        start(site)
        return [site.server, site.responder]
    return begin


WAYS = {"tamis behind nginx, kept": tamis_kept, "nginx + Lua": lua, "Node": node, "Flask + gunicorn": flask,
        "(null responder behind nginx, kept)": null(nginx), "(null responder behind Apache, kept)": null(apache)}


def cpu_of(processes):
    """CPU seconds of each with all its children."""
    return [sum(cpu_seconds(p) for p in tree(process.pid)) for process in processes]


def settled(processes):
    """CPU seconds once they stand still for a second: the backlog is sent."""
    end, last = time.monotonic() + 30, cpu_of(processes)
    while time.monotonic() < end:
        time.sleep(1.2)
        now = cpu_of(processes)
        if sum(now) - sum(last) < 0.03:
            return now
        last = now
    return last


def one(begin):
    """requests/s, p99 ms, MB, CPU µs an event of each process; None where it is not installed."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        it = Tamis(pathlib.Path(directory))
        it.set(UMAMI_WEBSITE_ID=WEBSITE, TAMIS_SPOOL_MAX_BYTES=8 << 30)
        site, upstream = Site(it, True, KEPT_THREADS), free_port()
        try:
            it.start(BUILD / "tests" / "bench" / "null_upstream", upstream)
            wait_for(lambda: listening(upstream), "the null upstream")
            processes = begin(site, upstream)
            if processes is None:
                return None
            before = cpu_of(processes)
            rate, requests, p99 = wrk(site.port)
            memory = sum(resident_mb(p) for process in processes for p in tree(process.pid))
            costs = [(b - a) / requests * 1e6 for a, b in zip(before, settled(processes))]
            return rate, p99, memory, *costs
        finally:
            it.end()
            shutil.rmtree(site.folder, ignore_errors=True)


def peers():
    """One worker each, in turn."""
    if not shutil.which("wrk") or not shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin"):
        return "skipped: wrk or nginx is not installed"
    runs = {name: [] for name in WAYS}
    for _ in range(ROUNDS):
        for name, begin in WAYS.items():
            print(f"bench:   {name}", file=sys.stderr, flush=True)
            runs[name].append(one(begin))
    rows, cost = [], {}
    for name, results in runs.items():
        if None in results:
            rows.append([name, "skipped: not installed", "", "", "", ""])
            continue
        rate, p99, memory, *costs = (statistics.median(column) for column in zip(*results))
        cost[name] = sum(costs)
        rows.append([name, f"{rate:,.0f}", f"{cost[name]:.1f}", " + ".join(f"{c:.1f}" for c in costs),
                     f"{p99:.1f}", f"{memory:.0f}"])
    ratios = [f"{name}: **{value / cost['tamis behind nginx, kept']:.2f}**" for name, value in cost.items()
              if name[0] != "(" and "tamis" not in name]
    return (table(["", "requests/s", "CPU µs an event", "server + responder + forwarder", "p99 ms", "MB"], rows)
            + "\n\nWhere one process is all three, it is one number. CPU as a multiple of tamis' — "
            + "; ".join(ratios))
