"""The policy's tricky pairs, to the byte, through the C ABI: whole and in pieces."""
import base64
import ctypes
import gzip
import json

import pytest
from conftest import BUILD, shared

MODES = {"text": 0, "url": 1, "json": 2}
REDACT, IP = 1, 6


class Options(ctypes.Structure):
    """The head of struct san_options; the rest is the library's."""
    _fields_ = [("size", ctypes.c_size_t), ("action", ctypes.c_int * 13), ("rest", ctypes.c_byte * 256)]


@pytest.fixture(scope="module")
def library():
    san = ctypes.CDLL(str(BUILD / ".libs" / "libsanitizer.so"))
    san.san_options_init.restype = None
    return san


@pytest.fixture(scope="module")
def scanner(library):
    options, rules, scanner = Options(), ctypes.c_void_p(), ctypes.c_void_p()
    library.san_options_init(ctypes.byref(options))
    assert library.san_class_by_name(b"ip") == IP
    options.action[IP] = REDACT
    assert library.san_rules_new(ctypes.byref(rules), ctypes.byref(options), None, 0) == 0
    assert library.san_scanner_new(ctypes.byref(scanner), rules) == 0
    return scanner


def pairs():
    with gzip.open(shared("data/sanitizer-tricky.jsonl.gz"), "rt", encoding="utf-8") as file:
        for line in file:
            pair = json.loads(line)
            given = base64.b64decode(pair["in_b64"]) if "in_b64" in pair else pair["in"].encode()
            wanted = base64.b64decode(pair["out_b64"]) if "out_b64" in pair else pair["out"].encode()
            chunks = [c.encode() for c in pair.get("chunks", [])]
            yield pair["mode"], given, wanted, chunks, pair["why"]


def clean(library, scanner, mode, given):
    out, size = ctypes.create_string_buffer(2 * len(given) + 4096), ctypes.c_size_t()
    assert library.san_clean(scanner, MODES[mode], given, ctypes.c_size_t(len(given)), out,
                             ctypes.c_size_t(len(out)), ctypes.byref(size)) >= 0
    return out.raw[:size.value]


def stream(library, scanner, mode, chunks):
    pieces = []
    write = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ctypes.c_char),
                             ctypes.c_size_t)(lambda _, data, n: pieces.append(data[:n]) or 0)
    assert library.san_stream_begin(scanner, MODES[mode], write, None) == 0
    for chunk in chunks:
        assert library.san_stream_feed(scanner, chunk, ctypes.c_size_t(len(chunk))) == 0
    assert library.san_stream_end(scanner) >= 0
    return b"".join(pieces)


def test_tricky_pairs_hold_to_the_byte(library, scanner):
    wrong = [(why, given[:80], got[:120]) for mode, given, wanted, _, why in pairs()
             if (got := clean(library, scanner, mode, given)) != wanted]
    assert not wrong


def test_tricky_pairs_hold_byte_by_byte(library, scanner):
    for mode, given, wanted, chunks, why in pairs():
        single = [given[i:i + 1] for i in range(len(given))]
        for cut in ([single] if len(given) < 5000 else []) + ([chunks] if chunks else []):
            assert stream(library, scanner, mode, cut) == wanted, why
