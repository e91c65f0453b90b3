"""Python: what is said at the start and of events, where the application's own handlers track events, too."""
import re

import pytest
from test_python_frameworks import events
from test_python_spool import START, local, output, python  # noqa: F401 - a fixture

# Every line of the log becomes an event.
TRACKING = """
import faulthandler, logging
faulthandler.dump_traceback_later(20, exit=True)
import tamis
class Tracking(logging.Handler):
    def emit(self, record):
        lines.append(record.getMessage())
        tamis.track_event('line')
lines = []
logging.getLogger().addHandler(Tracking())
"""


def started(local, monkeypatch, code, **variables):
    """What an application writes whose handler was there before its analytics."""
    monkeypatch.setattr("test_python_spool.START", TRACKING + START)
    return output(local, code, **variables)


def test_a_handler_that_tracks_events(local, monkeypatch):
    assert started(local, monkeypatch, "print(lines, a.lost())", UMAMI_WEBSITE_ID=None) == (
        "['UMAMI_WEBSITE_ID is not set: events are kept and counted here, and none is forwarded'] {}\n")
    assert [event["name"] for event in events(local)] == ["line"]


@pytest.mark.parametrize("wrong", [{"TAMIS_FORWARD_TIMEOUT_SECONDS": "soon"}, {"TAMIS_LIBRARY_DIR": "/nowhere"}],
                         ids=lambda wrong: next(iter(wrong)))
def test_a_handler_that_tracks_events_where_analytics_cannot_start(local, monkeypatch, wrong):
    out = started(local, monkeypatch, "print(len(lines), lines[0].partition(':')[0], sum(a.lost().values()))", **wrong)
    assert out == "1 analytics is off, the application runs on 1\n"


def test_a_handler_that_tracks_the_library_s_lines_has_an_end(local, monkeypatch):
    """Each event is a line of its own under umami.debug, and each line an event."""
    out = started(local, monkeypatch, "for i in range(3): a.track_event('own')\nprint(len(lines), a.lost())", UMAMI_DEBUG="true")
    assert out == "3 {}\n"


@pytest.mark.parametrize("before, after", [("", ""), ("logging.basicConfig()", ""), ("", "logging.basicConfig()"),
                                           ("logging.getLogger('tamis').addHandler(logging.StreamHandler())", "")])
def test_events_of_debug_mode_are_printed_once(local, monkeypatch, before, after):
    monkeypatch.setattr("test_python_spool.START", f"import logging\n{before}\n{START}\n{after}\n")
    done = python(local, "a.track_event('signup')", UMAMI_DEBUG="true")
    assert done.returncode == 0 and len(re.findall('"name":"signup"', done.stderr)) == 1, done.stderr
