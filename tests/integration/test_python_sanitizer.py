"""Python: strings and structures are cleaned, types stay, nothing raw comes back from a failure; logs."""
import collections
import dataclasses
import datetime
import decimal
import doctest
import enum
import gzip
import io
import json
import logging
import os
import pathlib
import subprocess
import threading
import typing
import uuid

import middleware  # noqa: I001 - before tamis
import pytest
import sentry_sdk
import structlog
from conftest import shared
from hypothesis import given, settings
from hypothesis import strategies as st

import tamis
import tamis.logging
import tamis.sanitizer
import tamis.sentry
import tamis.structlog
from tamis import _library
from tamis import DataError, Sanitizer, find_pii, is_pii_detected, sanitize_data, sanitize_text, sanitize_url

CANARIES = middleware.CANARIES
EMAIL, CARD, SECRET = CANARIES["email"], CANARIES["card"], "hunter-2"


# the words of the origin

def test_the_examples_that_hold_to_the_byte():
    assert (sanitize_url("/user/john@example.com/reset?token=abc123")
            == "/user/[REDACTED_EMAIL]/reset?token=[REDACTED]")
    assert (sanitize_data({"email": "user@test.com", "action": "login"})
            == {"email": "[REDACTED_EMAIL]", "action": "login"})
    assert is_pii_detected("write to user@test.com") is True
    assert is_pii_detected("nothing to see") is False


def test_doctests():
    assert doctest.testmod(tamis.sanitizer).failed == 0


def test_tricky_cases():
    rules = Sanitizer({"ip": "redact"})
    modes = {"url": rules.sanitize_url, "text": rules.sanitize_text}
    with gzip.open(shared("data/sanitizer-tricky.jsonl.gz"), "rt") as lines:
        cases = [case for case in map(json.loads, lines)
                 if case.get("in") and case.get("out") and case["mode"] in modes]
    assert len(cases) > 20
    assert [case for case in cases if modes[case["mode"]](case["in"]) != case["out"]] == []


# strings

@pytest.mark.parametrize("text", ["", "plain", "größer", "\ud800 alone", "nul \0 inside", "a" * 100_000,
                                  "é" * 20_000, os.fsdecode(b"caf\xe9.txt")], ids=lambda text: ascii(text[:9]))
def test_what_is_clean_comes_back_as_it_is(text):
    assert sanitize_text(text) == text


@pytest.mark.parametrize("pad", [0, 10, 16_350, 16_384, 40_000, 1_000_000])
def test_any_length(pad):
    assert sanitize_text("x " * pad + EMAIL) == "x " * pad + "[REDACTED_EMAIL]"


def test_output_longer_than_the_buffer():
    text = " ".join(["a@b.de"] * 2000)
    assert sanitize_text(text) == " ".join(["[REDACTED_EMAIL]"] * 2000)


def test_surrogates_beside_personal_data():
    assert sanitize_text(f"\ud800 {EMAIL} \udcff") == "\ud800 [REDACTED_EMAIL] \udcff"


@pytest.mark.parametrize("wrong", [None, 7, b"bytes", ["list"]])
def test_a_string_has_to_be_one(wrong):
    for function in (sanitize_url, sanitize_text, is_pii_detected, find_pii):
        with pytest.raises((TypeError, AttributeError)):
            function(wrong)


def test_findings_are_in_characters():
    text = f"größer {EMAIL}, dann {CARD}"
    found = find_pii(text)
    assert [(f.pii_class, text[f.start:f.end]) for f in found] == [("email", EMAIL), ("card", CARD)]
    assert len(find_pii(" ".join([EMAIL] * 500))) == 500


def test_rules_of_ones_own():
    own = Sanitizer({"ip": "truncate", "card": "last4", "email": "keep"}, secret=["badge"], innocent=["token"],
                    allow=["10.0.0.0/8"])
    assert (own.sanitize_text(f"badge=7 token=x {EMAIL} 192.0.2.77 10.1.2.3 {CARD}")
            == f"badge=[REDACTED] token=x {EMAIL} 192.0.2.0 10.1.2.3 [REDACTED_CARD_1111]")
    pseudonyms = Sanitizer({"email": "pseudonym"}, key=b"0123456789abcdef")
    assert pseudonyms.sanitize_text(EMAIL) == pseudonyms.sanitize_text(EMAIL.upper()) != sanitize_text(EMAIL)
    for wrong in ({"nothing": "keep"}, {"email": "explode"}):
        with pytest.raises(ValueError):
            Sanitizer(wrong)
    with pytest.raises(ValueError):
        Sanitizer({"email": "last4"}).sanitize_text("x")


def test_threads_and_forks_share_one():
    wrong = []

    def work(number):
        for i in range(300):
            text = f"{number}.{i} {EMAIL}"
            if sanitize_text(text) != f"{number}.{i} [REDACTED_EMAIL]":
                wrong.append(text)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    child = os.fork()
    if child == 0:
        work(99)
        os._exit(len(wrong) > 0)
    for thread in threads:
        thread.join()
    assert os.waitpid(child, 0)[1] == 0 and not wrong


# structures

@dataclasses.dataclass(frozen=True)
class Login:
    name: str
    password: object
    tries: int = 0


class Point(typing.NamedTuple):
    x: int
    token: object


class Colour(enum.Enum):
    RED = "red"


class Names(list):
    pass


def test_types_stay():
    when, ordered = datetime.datetime(2026, 1, 2), collections.OrderedDict(a=1, b=EMAIL)
    counts = collections.defaultdict(list, {EMAIL: [1], "x@y.org": [2], 7: [3]})
    clean = sanitize_data([Login("n", 1234, 3), Point(1, 2), ordered, counts, (1, EMAIL), {3, "z"}, Names("ab"), when,
                           Colour.RED, decimal.Decimal("1.5"), None, True, 1.5, pathlib.PurePath("/a/b")])
    assert clean == [Login("n", "[REDACTED]", 3), Point(1, "[REDACTED]"), {"a": 1, "b": "[REDACTED_EMAIL]"},
                     {"[REDACTED_EMAIL]": [1], "[REDACTED_EMAIL] 2": [2], 7: [3]}, (1, "[REDACTED_EMAIL]"), {3, "z"},
                     ["a", "b"], when, Colour.RED, decimal.Decimal("1.5"), None, True, 1.5, pathlib.PurePath("/a/b")]
    assert [type(item) for item in clean] == [
        Login, Point, collections.OrderedDict, collections.defaultdict, tuple, set, Names, datetime.datetime, Colour,
        decimal.Decimal, type(None), bool, float, pathlib.PurePosixPath]
    assert clean[3].default_factory is list


def test_nothing_of_the_argument_is_changed():
    data = {"a": [EMAIL, {"password": 7}], "t": (EMAIL,)}
    clean = sanitize_data(data)
    assert data == {"a": [EMAIL, {"password": 7}], "t": (EMAIL,)}
    clean["a"].append(1)
    clean["a"][1]["x"] = 1
    assert data["a"] == [EMAIL, {"password": 7}]


def test_everything_below_a_secret_name_goes_and_the_shape_stays():
    assert sanitize_data({"password": [1, "x", {"deep": 2.5, "none": None, "yes": True}], "tokens_used": 7}) == {
        "password": ["[REDACTED]", "[REDACTED]", {"deep": "[REDACTED]", "none": None, "yes": True}], "tokens_used": 7}


@pytest.mark.parametrize("number", [int(CARD), uuid.UUID(CANARIES["uuid"])])
def test_what_is_no_string(number):
    assert str(sanitize_data([number])[0]).startswith("[REDACTED_")
    assert next(iter(sanitize_data({number: 1}))).startswith("[REDACTED_")


@pytest.mark.parametrize("binary", [b"x", bytearray(b"x"), memoryview(b"x"), open(os.devnull, "rb"), object()])
def test_what_nobody_can_look_into_is_refused_by_type(binary):
    for data in (binary, [binary], {"screenshot": binary}, Login("x", binary)):
        with pytest.raises(TypeError):
            sanitize_data(data)


def test_bounds():
    deep = leaf = []
    for _ in range(70):
        leaf.append([])
        leaf = leaf[0]
    itself = {}
    itself["again"] = itself
    for data in (deep, itself):
        with pytest.raises(DataError, match="deeper than 64 levels"):
            sanitize_data(data)
    with pytest.raises(DataError, match="more than 100000 values"):
        sanitize_data(list(range(100_001)))
    assert sanitize_data([[1]], max_depth=2) == [[1]]
    with pytest.raises(DataError):
        sanitize_data({1: "a", "1": "b"})


# where the library is missing, or another's

def run_python(code, **variables):
    env = dict(middleware.environment(), **variables)
    return subprocess.run([middleware.PYTHON, "-c", code], env=env, capture_output=True, text=True, timeout=60)


def test_without_the_library_nothing_raw_comes_back(tmp_path):
    code = f"""
import io, logging, tamis, tamis.logging, tamis.sentry, tamis.structlog
for function in (tamis.sanitize_url, tamis.sanitize_text, tamis.sanitize_data, tamis.is_pii_detected, tamis.find_pii):
    try:
        print(function({EMAIL!r}))
    except tamis.LibraryError as error:
        print(type(error).__name__, error)
handler = logging.StreamHandler(io.StringIO())
handler.addFilter(tamis.logging.SanitizingFilter())
logging.getLogger().addHandler(handler)
logging.warning('to %s', {EMAIL!r}, extra=dict(who={EMAIL!r}))
print(handler.stream.getvalue())
print(tamis.structlog.sanitize(None, '', dict(event={EMAIL!r}, a=[{EMAIL!r}])))
print(tamis.sentry.before_send(dict(message={EMAIL!r}), dict()))
"""
    done = run_python(code, TAMIS_LIBRARY_DIR=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert EMAIL not in done.stdout + done.stderr
    assert done.stdout.count("LibraryError libsanitizer.so.1 cannot be loaded") == 5
    assert done.stdout.count("withheld") == 3 and "None" in done.stdout


def test_a_missing_library_is_not_looked_for_with_each_call(tmp_path):
    """It is found all the same where it comes meanwhile."""
    code = f"""
import os, sys, time, tamis
looks = []
sys.addaudithook(lambda event, args: event == 'ctypes.dlopen' and looks.append(args))
for _ in range(100):
    try: tamis.sanitize_url({EMAIL!r})
    except tamis.LibraryError: pass
assert 0 < len(looks) < 10, len(looks)
os.environ['TAMIS_LIBRARY_DIR'] = {middleware.environment()['TAMIS_LIBRARY_DIR']!r}
clean = None
while clean is None:
    try: clean = tamis.sanitize_url({EMAIL!r})
    except tamis.LibraryError: time.sleep(0.05)
print(clean)
"""
    done = run_python(code, TAMIS_LIBRARY_DIR=str(tmp_path))
    assert done.stdout == "[REDACTED_EMAIL]\n", done.stderr


@pytest.mark.parametrize("version, fits", [("0.1.0", True), ("0.1.1", True), ("0.2.0", True), ("0.0.9", False),
                                           ("1.0.0", False)])
def test_versions(version, fits):
    if fits:
        return _library.check_version("libsanitizer", version, "/usr/lib/libsanitizer.so.1")
    with pytest.raises(tamis.LibraryError, match=f"libsanitizer {version}, but the Python package tamis 0.1.0 needs"):
        _library.check_version("libsanitizer", version, "/usr/lib/libsanitizer.so.1")


# logs

@pytest.fixture
def log():
    """A logger with a filter, and what it wrote."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logging.Formatter("%(message)s %(who)s", defaults={"who": ""}))
    handler.addFilter(tamis.logging.SanitizingFilter())
    logger = logging.getLogger("test_python_sanitizer")
    logger.addHandler(handler)
    logger.propagate = False
    logger.written = handler.stream.getvalue
    yield logger
    logger.removeHandler(handler)


def test_the_filter_cleans_message_arguments_and_extra(log):
    log.warning("token=%s for %s", "tell", EMAIL, extra={"who": {"password": 7}, "what": EMAIL})
    assert log.written() == "token=[REDACTED] for [REDACTED_EMAIL] {'password': '[REDACTED]'}\n"
    log.warning("no %d format %s", EMAIL, extra={"who": object})
    assert EMAIL not in log.written() and "withheld" in log.written()


def test_the_filter_cleans_exceptions_and_stacks(log):
    try:
        raise ValueError(f"no such user: {EMAIL}")
    except ValueError:
        log.exception("failed", stack_info=True)
    text = log.written()
    assert "ValueError: no such user: [REDACTED_EMAIL]" in text and "Traceback" in text and EMAIL not in text


def test_structlog():
    out = []
    log = structlog.wrap_logger(structlog.PrintLogger(), processors=[
        tamis.structlog.sanitize, structlog.processors.JSONRenderer(), lambda _, __, text: out.append(text) or {}])
    try:
        raise ValueError(EMAIL)
    except ValueError:
        try:
            log.error(f"to {EMAIL}", password=7, user={"mail": [EMAIL]}, exc_info=True)
        except TypeError:  # PrintLogger does not take what the last processor gives
            pass
    event = json.loads(out[0])
    assert event["event"] == "to [REDACTED_EMAIL]" and event["password"] == "[REDACTED]"
    assert event["user"] == {"mail": ["[REDACTED_EMAIL]"]}
    assert "ValueError: [REDACTED_EMAIL]" in event["exception"]


def test_sentry():
    sent = []
    client = sentry_sdk.Client("http://key@127.0.0.1:1/1", transport=sent.append, default_integrations=False,
                               before_send=tamis.sentry.before_send, before_breadcrumb=tamis.sentry.before_breadcrumb)
    with sentry_sdk.Hub(client) as hub:
        hub.add_breadcrumb(message=f"clicked {EMAIL}")
        try:
            password = SECRET  # noqa: F841 - Sentry sends local variables
            raise ValueError(EMAIL)
        except ValueError:
            hub.capture_exception()
        client.close()
    text = json.dumps(sent[0], default=str)
    assert EMAIL not in text and SECRET not in text and "ValueError" in text
    assert len(sent[0]["event_id"]) == 32
    assert tamis.sentry.before_send({"extra": {"file": b"x"}}, {}) is None


# whatever is given

class_and_canary = st.sampled_from(sorted(CANARIES.items()))
around = st.text(st.characters(whitelist_categories=["L", "Zs"]), max_size=8)


@settings(max_examples=60, deadline=None, database=None)
@given(class_and_canary, around, around)
def test_no_canary_survives_in_a_string(canary, before, after):
    text = f"{before} {canary[1]} {after}"
    assert canary[1] not in sanitize_text(text)
    assert canary[1] not in sanitize_url("/p?q=" + text.replace(" ", "%20")).replace("%20", " ")
    assert is_pii_detected(text) and canary[0] in [f.pii_class for f in find_pii(text)]


def with_canary(canary):
    """Structures that hold the canary somewhere."""
    others = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    names = st.text("abcdefgh", min_size=1, max_size=8)
    return st.recursive(
        st.just(canary), lambda inner: st.one_of(
            st.tuples(others, inner).map(list), st.tuples(inner, others),
            st.dictionaries(names, others, max_size=2).flatmap(lambda d: inner.map(lambda i: {**d, "k": i})),
            others.map(lambda value: {canary: value}), inner.map(lambda i: Login("n", 1, i)),
            inner.map(lambda i: Point(i, 1))), max_leaves=4)


@settings(max_examples=60, deadline=None, database=None)
@given(class_and_canary.flatmap(lambda row: st.tuples(st.just(row[1]), with_canary(row[1]))))
def test_no_canary_survives_in_a_structure(case):
    canary, data = case
    clean = sanitize_data(data)
    assert canary not in repr(clean) and type(clean) is type(data)
    assert sanitize_data(clean) == clean or "nan" in repr(clean)


@settings(max_examples=30, deadline=None, database=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
                    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner)))
def test_any_structure_keeps_its_shape(data):
    def shape(value):
        if isinstance(value, dict):
            return [dict, [shape(v) for v in value.values()]]
        if isinstance(value, (list, tuple)):
            return [type(value), [shape(v) for v in value]]
        return None
    assert shape(sanitize_data(data)) == shape(data)
