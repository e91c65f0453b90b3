"""Personal data and secrets out of strings: libsanitizer, called in process.

The functions of the package are the methods of one `Sanitizer` with the default rules, as
those of `random` are. Nothing raw comes back from any of them: on a failure they raise.
"""
from __future__ import annotations

import ctypes
import functools
import sys
from typing import Any, Callable, Dict, Iterable, List, Mapping, NamedTuple, Optional

from . import _library
from ._walk import MAX_DEPTH, MAX_VALUES, T, walk
from .errors import SanitizeError

TEXT, URL, JSON = range(3)

CLASSES = ("secret", "jwt", "api_key", "email", "uuid", "card", "ip", "phone", "hex", "iban", "mac",
           "ssn", "own")
ACTIONS = ("keep", "redact", "truncate", "last4", "pseudonym")

_ENOSPC = -3
_LOCKED = getattr(sys, "_is_gil_enabled", lambda: True)()
"""No other thread of Python runs during a call that keeps the interpreter's lock."""


class Finding(NamedTuple):
    """A piece of personal data in a text."""

    start: int
    """Index of its first character."""
    end: int
    """Index behind its last character."""
    pii_class: str
    """One of `CLASSES`."""
    rule: str
    """The detector's name."""


class _Options(ctypes.Structure):
    """struct san_options"""

    _fields_ = [("size", ctypes.c_size_t), ("action", ctypes.c_int * len(CLASSES)),
                ("ip4_prefix", ctypes.c_uint), ("ip6_prefix", ctypes.c_uint), ("hex_min", ctypes.c_uint),
                ("key", ctypes.c_char_p), ("mask", ctypes.c_void_p),
                ("secret", ctypes.POINTER(ctypes.c_char_p)), ("innocent", ctypes.POINTER(ctypes.c_char_p)),
                ("allow", ctypes.POINTER(ctypes.c_char_p)), ("own", ctypes.c_void_p),
                ("n_own", ctypes.c_size_t)]


class _Span(ctypes.Structure):
    """struct san_span"""

    _fields_ = [("start", ctypes.c_size_t), ("end", ctypes.c_size_t), ("san_class", ctypes.c_int),
                ("rule", ctypes.c_char_p)]


def _not_done(*arguments: Any) -> bytes:
    """In the place of san_clean_short() where that cannot be called."""
    return b""


def _strings(texts: Iterable[str]) -> Any:
    items = [text.encode() for text in texts]
    return (ctypes.c_char_p * (len(items) + 1))(*items, None) if items else None


def _bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # surrogates that stand alone: bytes that are no UTF-8 in a file's name
        return text.encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("utf-8", "surrogatepass")


def _indices(data: bytes, offsets: Iterable[int]) -> Dict[int, int]:
    """From bytes of UTF-8 to characters; each character is looked at once."""
    index, behind, found = 0, 0, {}
    for offset in sorted(offsets):
        index += len(data[behind:offset].decode("utf-8", "surrogatepass"))
        behind, found[offset] = offset, index
    return found


class Sanitizer:
    """libsanitizer under one set of rules; threads, greenlets and forked processes may share it.

    actions: what to do with a class of `CLASSES`, one of `ACTIONS`. The default redacts all but
    ``ip``, ``iban``, ``mac`` and ``ssn``, which it keeps. ``truncate`` is for ``ip``, ``last4`` for ``card``.
    secret, innocent: further names whose values are secrets, and names that are none after all.
    allow: texts and networks that stay. key: 16 bytes for ``pseudonym``.

    Raises ValueError at its first use when a rule is wrong, LibraryError where libsanitizer is missing.
    """

    def __init__(self, actions: Optional[Mapping[str, str]] = None, *, secret: Iterable[str] = (),
                 innocent: Iterable[str] = (), allow: Iterable[str] = (), key: Optional[bytes] = None) -> None:
        self._actions: Dict[str, str] = dict(actions or {})
        self._names = (tuple(secret), tuple(innocent), tuple(allow))
        self._key = key
        if key is not None and len(key) != 16:
            raise ValueError("key has to be 16 bytes")
        for name, action in self._actions.items():
            if name not in CLASSES or action not in ACTIONS:
                raise ValueError(f"actions knows no {name}: {action}")
        # A stack that threads and greenlets take a scanner from and put it back to: both are one
        # atomic operation, and there are as many as were ever in use at once.
        self._idle: List[ctypes.c_void_p] = []
        self._rules: Optional[ctypes.c_void_p] = None
        # Of calls that keep the interpreter's lock: one at a time, so one scanner serves all threads.
        self._short: Callable[..., Optional[bytes]] = _not_done
        self._scanner: Any = None

    # making: without locks, which a fork could leave held for ever; to make twice does no harm

    @property
    def _library(self) -> _library.Library:
        return _library.sanitizer()

    def _new_rules(self) -> ctypes.c_void_p:
        san, options, why = self._library.calls, _Options(), ctypes.create_string_buffer(256)
        san.san_options_init(ctypes.byref(options))
        for name, action in self._actions.items():
            options.action[CLASSES.index(name)] = ACTIONS.index(action)
        options.secret, options.innocent, options.allow = map(_strings, self._names)
        options.key = self._key
        rules = ctypes.c_void_p()
        if san.san_rules_new(ctypes.byref(rules), ctypes.byref(options), why, ctypes.c_size_t(len(why))):
            raise ValueError("sanitizer rules: " + why.value.decode())
        san.san_rules_compile(rules)
        return rules

    def _error(self, number: int) -> SanitizeError:
        san_strerror = self._library.calls.san_strerror
        san_strerror.restype = ctypes.c_char_p
        return SanitizeError("libsanitizer: " + san_strerror(number).decode())

    def _new_scanner(self) -> ctypes.c_void_p:
        if self._rules is None:
            self._rules = self._new_rules()
        scanner = ctypes.c_void_p()
        if self._library.calls.san_scanner_new(ctypes.byref(scanner), self._rules):
            raise SanitizeError("libsanitizer: no memory")
        return scanner

    def _take(self) -> ctypes.c_void_p:
        try:
            return self._idle.pop()
        except IndexError:
            return self._new_scanner()

    def _prepare_short(self) -> None:
        self._scanner = ctypes.c_void_p.from_param(self._new_scanner().value)  # converted for all calls
        short = self._library.quick.san_clean_short
        short.restype = ctypes.c_char_p
        self._short = short

    # cleaning

    def sanitize_url(self, url: str) -> str:
        """`url` without personal data and secrets, absolute or a path, with or without query.

        >>> sanitize_url('/user/john@example.com/reset?token=abc123')
        '/user/[REDACTED_EMAIL]/reset?token=[REDACTED]'
        """
        try:  # _clean() written out: one call less for what is called most
            data = url.encode()
        except UnicodeEncodeError:
            data = _bytes(url)
        short = self._short  # called as an attribute, it would be looked up as a method first
        cleaned = short(self._scanner, URL, data, len(data))
        if cleaned is None:
            return url
        if cleaned:
            try:
                return cleaned.decode()
            except UnicodeDecodeError:
                return _text(cleaned)
        return self._clean_long(URL, data)

    def sanitize_text(self, text: str) -> str:
        """`text` without personal data and secrets: prose, log lines, ``key=value``, JSON lines.

        >>> sanitize_text('mail joe@example.com, password=hunter2')
        'mail [REDACTED_EMAIL], password=[REDACTED]'
        """
        return self._clean(TEXT, text)

    def sanitize_json(self, document: str) -> str:
        """A JSON document without personal data and secrets, still JSON.

        >>> sanitize_json('{"password": 1234, "n": 5}')
        '{"password": "[REDACTED]", "n": 5}'
        """
        return self._clean(JSON, document)

    def sanitize_data(self, data: T, *, max_depth: int = MAX_DEPTH, max_values: int = MAX_VALUES) -> T:
        """A copy of `data` without personal data and secrets; `data` itself is not changed.

        Walks dicts, lists, tuples, sets, named tuples and dataclasses, keys too, and keeps their types.
        What is personal data becomes a placeholder, be it a number under a secret name.

        Subclasses of dict, list, tuple and set stay what they are as long as they change nothing of how items
        are kept and carry no attributes: others come back as the type they derive from, without those. Any
        other mapping (os.environ, a shelf, requests' headers) becomes a dict, and one that has several values
        under a name (Werkzeug, Django, Starlette: arguments, forms, cookies) a dict of lists, of one value too.
        Dataclasses are made without their constructor; attributes that are no fields come along where it is
        known what they hold.

        >>> sanitize_data({'email': 'user@test.com', 'action': 'login'})
        {'email': '[REDACTED_EMAIL]', 'action': 'login'}

        Raises DataError beyond `max_depth` levels or `max_values` values, for numbers of more than 4000 digits
        and for two keys of the same text; TypeError for binary values and for objects of which it is not known
        what they hold.
        """
        return walk(data, functools.partial(self._clean, JSON), max_depth, max_values)

    def _clean(self, mode: int, text: str) -> str:
        try:
            data = text.encode()
        except UnicodeEncodeError:
            data = _bytes(text)
        cleaned = self._short(self._scanner, mode, data, len(data))
        if cleaned is None:
            return text
        return _text(cleaned) if cleaned else self._clean_long(mode, data)

    def _clean_long(self, mode: int, data: bytes) -> str:
        """Whatever the length and with the interpreter's lock free, into a buffer that grows until it suffices."""
        if self._scanner is None and _LOCKED:
            self._prepare_short()
        scanner = self._take()
        pieces, used = _ENOSPC, ctypes.c_size_t(2 * len(data) + 256)
        while pieces == _ENOSPC:
            room, out = ctypes.c_size_t(used.value), ctypes.create_string_buffer(used.value)
            pieces = self._library.calls.san_clean(scanner, mode, data, ctypes.c_size_t(len(data)), out, room,
                                                   ctypes.byref(used))
        self._idle.append(scanner)
        if pieces < 0:
            raise self._error(pieces)
        return _text(out.raw[:used.value])

    # looking

    def is_pii_detected(self, text: str) -> bool:
        """Is there personal data or a secret in `text`?

        >>> is_pii_detected('mail joe@example.com'), is_pii_detected('mail Joe')
        (True, False)
        """
        return self._find(_bytes(text), None, 0) > 0

    def find_pii(self, text: str) -> List[Finding]:
        """Where personal data stands in `text`, and of what class, in ascending order.

        >>> find_pii('mail joe@example.com')
        [Finding(start=5, end=20, pii_class='email', rule='email')]
        """
        data, room, found = _bytes(text), 0, 32
        while found > room:
            room, spans = found, (_Span * found)()
            found = self._find(data, spans, room)
        filled = spans[:found]
        index = _indices(data, (offset for span in filled for offset in (span.start, span.end)))
        return [Finding(index[span.start], index[span.end], CLASSES[span.san_class], span.rule.decode())
                for span in filled]

    def _find(self, data: bytes, spans: Any, room: int) -> int:
        scanner = self._take()
        found: int = self._library.calls.san_find(scanner, TEXT, data, ctypes.c_size_t(len(data)), spans,
                                                  ctypes.c_size_t(room))
        self._idle.append(scanner)
        if found < 0:
            raise self._error(found)
        return found


_default = Sanitizer()
sanitize_url = _default.sanitize_url
sanitize_text = _default.sanitize_text
sanitize_json = _default.sanitize_json
sanitize_data = _default.sanitize_data
is_pii_detected = _default.is_pii_detected
find_pii = _default.find_pii
