"""Everything at once: load, a slow and failing upstream that restarts, and kill -9 all the time.

Afterwards every acknowledged event is upstream, on the spool or among the dead letters, to
the unit, by the load's own numbers. SOAK_SECONDS=600 is the form of `make soak`.
"""
import json
import os
import pathlib
import random
import re
import signal
import threading
import time

from conftest import WEBSITE, end, request, wait_for
from upstream import Upstream

SECONDS = int(os.environ.get("SOAK_SECONDS", "8"))
KILL_EVERY_S = 5 if SECONDS > 60 else 1.0
SENDERS, BATCH, EVENTS_A_SECOND = 4, 20, 2000


class Load:
    """Senders of numbered events; a number counts as acknowledged when its element was taken."""

    def __init__(self, port):
        self.port, self.stopping = port, threading.Event()
        self.acknowledged, self.refused = [set() for _ in range(SENDERS)], 0
        self.threads = [threading.Thread(target=self.send, args=(i,), daemon=True)
                        for i in range(SENDERS)]
        for thread in self.threads:
            thread.start()

    def send(self, sender):
        number, pause = sender * 10**8, SENDERS * BATCH / EVENTS_A_SECOND
        while not self.stopping.wait(pause):
            numbers = range(number, number + BATCH)
            number += BATCH
            body = [{"type": "event", "payload": {"website": WEBSITE, "hostname": "shop.example.com",
                                                  "url": "/", "name": "soak", "data": {"n": n}}}
                    for n in numbers]
            try:
                answer = request(self.port, "POST", "/api/batch", body)
            except OSError:  # the responder was killed under it: not acknowledged
                self.refused += 1
                continue
            if answer.status != 200:
                self.refused += 1
                continue
            failed = {d["index"] for d in answer.json["details"]}
            self.acknowledged[sender].update(n for i, n in enumerate(numbers) if i not in failed)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(30)
        return set().union(*self.acknowledged)


def resident_kb(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1])


def children(pid):
    path = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()]


def numbers_of(lines):
    for line in lines:
        yield json.loads(line[line.index("{"):])["payload"]["data"]["n"]


def test_no_acknowledged_event_is_lost(tamis):
    with Upstream() as upstream:
        upstream.set(pace=200)
        upstream.fault("element", share=0.025)
        upstream.fault("status", code=503, share=0.025)
        tamis.set(UMAMI_WEBSITE_ID=WEBSITE, UMAMI_API_URL=upstream.url, TAMIS_FORWARD_TIMEOUT_SECONDS=5,
                  TAMIS_LIMIT_REQUESTS_PER_MINUTE=0, TAMIS_SPOOL_MAX_BYTES=4 << 30,
                  TAMIS_UMAMI_ASYNC_FLUSH_INTERVAL_SECONDS=1)
        lighttpd, forward = tamis.lighttpd(), tamis.forward()
        load, kills, memory = Load(tamis.port), 0, []
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            time.sleep(KILL_EVERY_S)  # the pace of the kills, not a wait for something
            victim = random.choice(["responder", "forwarder", "upstream"])
            if victim == "upstream":
                upstream.down()
                upstream.up()
            elif victim == "forwarder":
                memory.append(resident_kb(forward.pid))
                forward.send_signal(signal.SIGKILL)
                forward.wait()
                forward = tamis.forward()
            else:
                for pid in children(lighttpd.pid):
                    os.kill(pid, signal.SIGKILL)
            kills += 1
        acknowledged = load.stop()
        wait_for(lambda: len(upstream.events) > 0, "something upstream")
        end(forward)
        end(lighttpd)
        there = {r["event"]["payload"]["data"]["n"] for r in upstream.events}
        waiting = set(numbers_of(tamis.command("spool", "cat", check=True, timeout=300)
                                 .stdout.splitlines()))
        dead = set(numbers_of(line for line in tamis.command(
            "spool", "cat", "--dead", check=True, timeout=300).stdout.splitlines() if "{" in line))
        assert len(acknowledged) > 100 and kills > 3
        assert acknowledged - there - waiting - dead == set()
        assert not memory or max(memory) < 64 * 1024
