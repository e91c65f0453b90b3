"""tamis.fcgi against null responders, many short rounds in turn with all of them up.

A neighbour's load hits the rounds of a turn alike, so that the ratios within a turn hold on a
busy machine; CPU is nanoseconds of the scheduler's own account. Of each figure the median of
all turns stands here, and the quartiles.
"""
import pathlib
import shutil
import socket
import statistics
import sys
import tempfile

from conftest import BUILD, WEBSITE, Tamis, wait_for
from measure import TURNS, TURN_SECONDS, cpu_ms, name, quartiles, resident_mb, table, tree, wrk
from mounts import Site, apache, h2o, nginx

NULL = BUILD / "tests" / "bench" / "null_responder"
# responder: what libfcgi's manual shows; with the accepting and closing of ours.
NULLS = {"null_responder": (), "null, connections as ours": ("direct",)}


def stands(server, responder):
    """True once the server's only child is the responder (libtool's wrapper runs a shell first)."""
    try:
        names = [name(p) for p in tree(server.pid)]
    except FileNotFoundError:
        return False
    return len(names) == 2 and responder.startswith(names[1])


class Stand:
    """A web server with one responder; its figures over a round."""

    def __init__(self, tamis, port, server, responder, folder=None):
        self.tamis, self.port, self.server, self.responder, self.folder = tamis, port, server, responder, folder

    def cpu(self):
        """ms of the server, of the responder"""
        pids = [p for p in tree(self.server) if p != self.responder]
        return cpu_ms(pids), cpu_ms([self.responder])

    def round(self):
        """requests/s, CPU µs a request of server and responder, p99 ms"""
        before = self.cpu()
        rate, requests, p99 = wrk(self.port, TURN_SECONDS)
        server, responder = ((b - a) * 1000 / requests for a, b in zip(before, self.cpu()))
        return rate, server, responder, p99

    def ends(self):
        self.tamis.end()
        for folder in (self.tamis.directory, self.folder):
            if folder:
                shutil.rmtree(folder, ignore_errors=True)


def fresh(sync):
    it = Tamis(pathlib.Path(tempfile.mkdtemp(prefix="tamis-bench-")))
    it.set(UMAMI_WEBSITE_ID=WEBSITE, TAMIS_SPOOL_MAX_BYTES=16 << 30, TAMIS_SPOOL_SYNC=sync)
    return it


def below_lighttpd(command, sync):
    """lighttpd starts the responder, which accepts on descriptor 0."""
    it = fresh(sync)
    script = it.directory / "start"
    script.write_text("#!/bin/sh\nexec " + " ".join(map(str, command)) + "\n")
    script.chmod(0o755)
    server = it.lighttpd(binary=script)
    wait_for(lambda: stands(server, pathlib.Path(command[0]).name), "the responder")
    return Stand(it, it.port, server.pid, list(tree(server.pid))[1])


def kept(start, threads):
    """The responder by itself, behind connections that the server keeps."""
    def begin(command, sync):
        it = fresh(sync)
        site = Site(it, True, threads)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(site.socket))
            listener.listen(1024)
            site.socket.chmod(0o666)
            responder = it.start(*command, stdin=listener)
        start(site)
        wait_for(lambda: pathlib.Path(command[0]).name.startswith(name(responder.pid)), "the responder")
        return Stand(it, site.port, site.server.pid, responder.pid, site.folder)
    return begin


# server, how it stands, threads, modes of the spool
SERVERS = {"lighttpd": (below_lighttpd, 8, ("interval", "always")),
           "nginx, kept": (kept(nginx, 32), 32, ("interval", "always")),
           "Apache, kept": (kept(apache, 32), 32, ("interval",)),
           "h2o, kept": (kept(h2o, 64), 64, ("interval",))}


def turns(begin, threads, sync):
    """Figures of each responder, turn by turn."""
    commands = {n: (NULL, threads, *arguments) for n, arguments in NULLS.items()}
    commands["tamis.fcgi"] = (BUILD / "tamis.fcgi",)
    stands_up, figures = {}, {n: [] for n in commands}
    try:
        for n, command in commands.items():
            stands_up[n] = begin(command, sync)
        for turn in range(TURNS):
            for n in sorted(figures, reverse=turn % 2 == 1):
                figures[n].append(stands_up[n].round())
        memory = {n: resident_mb(s.responder) for n, s in stands_up.items()}
    finally:
        for stand in stands_up.values():
            stand.ends()
    return figures, memory


def against(figures, null):
    """requests/s, CPU over it, p99 of tamis against a null responder, each with its spread."""
    pairs = list(zip(figures["tamis.fcgi"], figures[null]))
    return (quartiles([t[0] / z[0] for t, z in pairs], 2), quartiles([t[2] - z[2] for t, z in pairs], 1),
            quartiles([t[1] - z[1] for t, z in pairs], 1), quartiles([t[3] / z[3] for t, z in pairs], 2))


def responder():
    """tamis.fcgi and null responders in turn."""
    if not shutil.which("wrk"):
        return "skipped: wrk is not installed"
    rows, ratios = [], []
    for server, (begin, threads, modes) in SERVERS.items():
        for sync in modes:
            print(f"bench:   {server}, {sync}", file=sys.stderr, flush=True)
            figures, memory = turns(begin, threads, sync)
            for n, rounds in figures.items():
                if n != "tamis.fcgi" and sync != modes[0]:
                    continue
                m = [statistics.median(column) for column in zip(*rounds)]
                what = f"{n}, {sync}" if n == "tamis.fcgi" else n
                rows.append([server, what, f"{m[0]:,.0f}", *(f"{value:.1f}" for value in m[1:]), f"{memory[n]:.1f}"])
            for n in NULLS:
                ratios.append([server, sync, n, *against(figures, n)])
    return (table(["server", "responder", "requests/s", "its CPU µs", "responder's", "p99 ms", "MB"], rows)
            + "\n\n" + table(["server", "mode", "tamis.fcgi against", "requests/s", "CPU µs over it", "server's", "p99"],
                             ratios)
            + f"\n\n{TURNS} turns of {TURN_SECONDS} s each; median (quartiles).")
