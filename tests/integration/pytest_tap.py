#!/usr/bin/env python3
"""Run one pytest file and speak TAP, so that `make check` counts its tests one by one."""
import os
import sys
import tempfile

try:
    import pytest
except ImportError:
    print("1..0 # SKIP python3 without pytest")
    sys.exit(0)


class Tap:
    """The hooks that turn reports into TAP lines; failures follow as diagnostics."""

    def __init__(self):
        self.number = 0
        # pytest's own words go nowhere; what is said here goes to the driver.
        self.out = os.fdopen(os.dup(1), "w")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def say(self, text):
        print(text, file=self.out, flush=True)

    def _line(self, verdict, name, rest=""):
        self.number += 1
        self.say(f"{verdict} {self.number} - {name.replace('#', '')}{rest}")

    def _diagnose(self, report):
        for line in str(report.longrepr).splitlines():
            self.say("# " + line)

    def pytest_collectreport(self, report):
        if report.failed:
            self._line("not ok", "collecting " + report.nodeid)
            self._diagnose(report)
        elif report.skipped:
            self._line("ok", report.nodeid, f" # SKIP {reason(report)}")

    def pytest_runtest_logreport(self, report):
        name = report.nodeid.rpartition("/")[2]
        if report.skipped:
            self._line("ok", name, f" # SKIP {reason(report)}")
        elif report.failed:
            self._line("not ok", f"{name} ({report.when})")
            self._diagnose(report)
            for title, text in report.sections:
                self.say(f"# --- {title}")
                for line in text.splitlines()[-60:]:
                    self.say("# " + line)
        elif report.when == "call":
            self._line("ok", name)


def reason(report):
    """The words of a skip, without their place."""
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ").replace("\n", " ")


if __name__ == "__main__":
    tap = Tap()
    # A directory of its own: pytest closes the one that all its runs share to other users again
    # each time it starts, also under a test that plays such a user.
    with tempfile.TemporaryDirectory(prefix="tamis-", ignore_cleanup_errors=True) as own:
        code = pytest.main(["-p", "no:cacheprovider", f"--basetemp={own}/t", *sys.argv[1:]], plugins=[tap])
    tap.say(f"1..{tap.number}")
    sys.exit(0 if code in (0, 1, 5) else 1)
