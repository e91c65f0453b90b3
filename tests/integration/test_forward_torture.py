"""tamis forward when a call of its own fails: it never crashes, and the next run brings the rest."""
import os
import subprocess

import pytest

from conftest import BUILD, WEBSITE
from test_forward import site  # noqa: F401 (fixture)

PROGRAM = BUILD / ".libs" / "tamis"
FAILING = BUILD / ".libs" / "failing.so"
# ASan brings its own malloc, which cannot be made to fail from outside.
MALLOC = [] if b"__asan_init" in PROGRAM.read_bytes() else ["malloc"]
EVENTS = 12


def run(tamis, folder, plan=None):
    """`tamis forward --once`; the finished process, and whether the failure happened."""
    told = folder / "told"
    told.unlink(missing_ok=True)
    environment = {**tamis.environment, "LD_LIBRARY_PATH": str(BUILD / ".libs"),
                   "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}
    if plan:
        environment |= {"FAILING": plan, "FAILING_TOLD": str(told), "LD_PRELOAD": str(FAILING)}
    done = subprocess.run([str(PROGRAM), "forward", "--once=20"], env=environment,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode >= 0, (plan, done.returncode, done.stderr)
    return done, told.exists()


@pytest.mark.parametrize("name", [*MALLOC, "read", "write", "fsync"])
def test_a_failing_call_loses_nothing(site, tmp_path, name):  # noqa: F811
    number, happened, repeats = 1, True, 0
    while happened:
        site.feed(EVENTS)
        _, happened = run(site.tamis, tmp_path, f"{name}:{number}")
        done, _ = run(site.tamis, tmp_path)
        assert done.returncode == 0, (number, done.stderr)
        assert set(site.arrived()) == set(range(site.n)), number
        assert site.repeats() <= repeats + EVENTS, number
        repeats = site.repeats()
        number += 1 + number // 8
    assert number >= 2 and site.count("dead") == 0
