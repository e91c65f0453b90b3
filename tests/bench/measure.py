"""What the benchmarks share: rounds, process accounting, Markdown tables."""
import contextlib
import json
import os
import pathlib
import re
import statistics
import subprocess
import tempfile

from conftest import BROWSER, WEBSITE

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "5"))
TURNS = int(os.environ.get("BENCH_TURNS", "15"))
TURN_SECONDS = int(os.environ.get("BENCH_TURN_SECONDS", "1"))
CONNECTIONS = 32
TICKS = os.sysconf("SC_CLK_TCK")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(c) for c in row) + " |" for row in rows]
    return "\n".join(lines)


def tree(pid):
    """The process and all its children."""
    yield pid
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            yield from tree(int(child))


def cpu_seconds(pid):
    """User and system time of one process."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def cpu_ms(pids):
    """What their threads ran, finely: the scheduler's own count; what has ended meanwhile ran nothing."""
    ran = 0
    for pid in pids:
        for path in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                ran += int(path.read_text().split()[0])
    return ran / 1e6


def quartiles(values, digits):
    """Median (lower to upper quartile)."""
    lower, median, upper = statistics.quantiles(values, n=4)
    return f"**{median:.{digits}f}** ({lower:.{digits}f}–{upper:.{digits}f})"


def resident_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def name(pid):
    return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()


def run_costs(command, stdin=None, environment=None):
    """CPU seconds (user + system) of one finished command whose output is thrown away."""
    with open(os.devnull, "wb") as null:
        process = subprocess.Popen([str(c) for c in command], stdin=stdin or subprocess.DEVNULL,
                                   stdout=null, stderr=null, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, process.returncode, usage.ru_maxrss / 1024


def in_turn(commands, rounds=ROUNDS):
    """commands: name -> (command, environment). Rounds in turn, so that drift hits all alike.

    name -> median CPU seconds, or None where a command failed.
    """
    seconds = {n: [] for n in commands}
    for _ in range(rounds):
        for n, (command, environment) in commands.items():
            cpu, code, _ = run_costs(command, environment=environment)
            seconds[n].append(cpu if code in (0, 1) else None)
    return {n: None if None in s else statistics.median(s) for n, s in seconds.items()}


def wrk(port, seconds=SECONDS):
    """Post an event from CONNECTIONS connections; requests/s, requests, p99 in ms."""
    body = json.dumps({"type": "event", "payload": {
        "website": WEBSITE, "hostname": "shop.example.com", "screen": "1920x1080",
        "language": "en-US", "title": "Pricing", "referrer": "https://www.example.org/search?q=x",
        "url": "/user/john@example.com/reset?token=abc123&lang=en"}}).replace('"', '\\"')
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f'wrk.method = "POST"\nwrk.body = "{body}"\n'
                     f'wrk.headers["Content-Type"] = "application/json"\n'
                     f'wrk.headers["User-Agent"] = "{BROWSER}"\n')
        script.flush()
        out = subprocess.run(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "--latency", "-s", script.name,
             f"http://127.0.0.1:{port}/api/send"], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out:
        raise SystemExit("answers were not 2xx:\n" + out)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", out)
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]),
            int(re.search(r"(\d+) requests in", out)[1]),
            float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]])
