"""Labelled cases through `sanitize --ip=redact`: per class, how much is gone and what stays.

The cases: tests/data/labelled (log lines and texts that must stay, one by one), labelled.py
(values times places) and, where it is present, the sample of ../shared.
"""
import collections
import gzip
import json
import os
import re
import subprocess

import pytest

import labelled
from conftest import BUILD, SOURCE, shared

RECALL = collections.defaultdict(lambda: 0.99, api_key=0.97)
STAY, HOLDS = 0.997, 0.98
OPTIONAL = {"iban", "mac", "ssn"}  # off by default


def read(path):
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def segments(case):
    """The text cut into (kind, bytes): "kept", "span" or "may"."""
    text, at = case["text"].encode(), 0
    marks = [(s, e, "span") for s, e, _ in case["spans"]] + [(s, e, "may") for s, e in case.get("may") or []]
    for start, end, kind in sorted(marks):
        if start > at:
            yield "kept", text[at:start]
        yield kind, text[max(start, at):end]
        at = max(at, end)
    if at < len(text):
        yield "kept", text[at:]


def judge(case, out):
    """(spans that are gone, is everything else there in its order?)"""
    parts = list(segments(case))
    pattern = b"".join(re.escape(text) if kind == "kept" else b"(.*?)" for kind, text in parts)
    match = re.fullmatch(pattern, out, re.S)
    spans = [text for kind, text in parts if kind == "span"]
    if not match:
        return sum(secret not in out for secret in spans), False
    groups = iter(match.groups())
    found = [(kind, text, next(groups)) for kind, text in parts if kind != "kept"]
    return sum(not leaks(text, left) for kind, text, left in found if kind == "span"), True


def leaks(secret, left):
    """Does a piece of the secret stand where it was? Five bytes of it, or half."""
    n = min(5, max(2, (len(secret) + 1) // 2))
    return any(secret[i:i + n] in left for i in range(len(secret) - n + 1))


def clean(cases):
    """What comes out for each case; its environment may force a code path."""
    text = b"".join(case["text"].encode() + b"\n" for case in cases)
    done = subprocess.run([BUILD / "sanitize", "--ip=redact"], input=text, capture_output=True, timeout=120, check=True,
                          env=dict(os.environ))
    lines = done.stdout.split(b"\n")
    assert len(lines) == len(cases) + 1, "lines came in and other ones went out"
    return lines


class Score:
    def __init__(self):
        self.spans = self.gone = self.cases = self.clean = self.held = 0
        self.bad = []

    def add(self, case, out):
        gone, intact = judge(case, out)
        self.spans += len(case["spans"])
        self.gone += gone
        self.cases += 1
        self.clean += intact
        self.held += intact and gone == len(case["spans"])
        if not intact or gone < len(case["spans"]):
            self.bad.append(f"{case['text']}\n   => {out.decode('utf-8', 'replace')}")


def assert_score(cases):
    """Every threshold of the policy, class by class."""
    cases = [c for c in cases if c["class"] not in OPTIONAL and not set("\n\r\0") & set(c["text"])]
    scores = collections.defaultdict(Score)
    everything = Score()
    for case, out in zip(cases, clean(cases)):
        scores[case["class"]].add(case, out)
        everything.add(case, out)
    wrong = []
    for name, score in scores.items():
        if score.spans and score.gone < RECALL[name] * score.spans:
            wrong.append(f"{name}: {score.gone} of {score.spans} are gone")
        if not score.spans and score.clean < STAY * score.cases:
            wrong.append(f"{name}: {score.clean} of {score.cases} stay")
    if everything.held < HOLDS * everything.cases:
        wrong.append(f"{everything.held} of {everything.cases} hold")
    assert not wrong, "\n".join(wrong + everything.bad[:40])


@pytest.mark.parametrize("name", ["logs", "stay", "field", "wild", "blind", "unseen", "fresh"])
def test_written_cases(name):
    assert_score(read(SOURCE / f"tests/data/labelled/{name}.jsonl"))


def test_made_cases():
    assert_score(list(labelled.cases()))


def test_every_made_key_is_found():
    cases = [case for case in labelled.cases() if case["class"] == "api_key"]
    assert [case["text"] for case, out in zip(cases, clean(cases)) if judge(case, out)[0] < len(case["spans"])] == []


def test_shared_sample():
    assert_score(read(shared("data/sanitizer-cases.jsonl.gz")))


def test_cleaning_twice_changes_nothing():
    cases = list(labelled.cases(seed=8))
    once = clean(cases)[:-1]
    again = clean([{"text": line.decode()} for line in once])[:-1]
    assert [(a, b) for a, b in zip(once, again) if a != b] == []
