"""Every row of apikey.def: the shortest texts that its pattern matches are found.

The prefilter and the anchors ask how many bytes of a token stand behind an anchor, and read it
off the row's example. An example that is longer, or of other letters, than the pattern's
shortest match would hide keys. So the texts here are made from the patterns.
"""
import ast
import collections
import math
import os
import random
import re
import shlex
import subprocess

import pytest

from conftest import BUILD, SOURCE

parser = pytest.importorskip("re._parser", reason="patterns are possessive: Python 3.11")

EACH, TRIES = 12, 400
WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
ANY = [chr(c) for c in range(33, 127)]


def rows():
    """(name, anchor, pattern, entropy) of each row, as the preprocessor gives them."""
    head = '#define API_KEY(n, l, a, p, e, x) (#n, a, p, e),\n#include "apikey.def"\n'
    command = shlex.split(os.environ.get("CC", "cc")) + ["-E", "-P", f"-I{SOURCE / 'sanitizer'}", "-"]
    text = subprocess.run(command, input=head, capture_output=True, text=True, check=True).stdout
    return ast.literal_eval("[" + text + "]")


def letters(items):
    """The characters of a set of the pattern's."""
    found = set()
    for op, value in items:
        if op is parser.LITERAL:
            found.add(chr(value))
        elif op is parser.RANGE:
            found.update(map(chr, range(value[0], value[1] + 1)))
        elif op is parser.CATEGORY:
            found.update(WORD)  # no other category is used
    negated = items[0][0] is parser.NEGATE
    return [c for c in ANY if (c in found) != negated]


def shortest(tree, rng):
    """A text with as few repeats as the pattern allows."""
    out = ""
    for op, value in tree:
        if op is parser.LITERAL:
            out += chr(value)
        elif op is parser.NOT_LITERAL:
            out += rng.choice([c for c in ANY if ord(c) != value])
        elif op is parser.IN:
            out += rng.choice(letters(value))
        elif op in (parser.MAX_REPEAT, parser.MIN_REPEAT, parser.POSSESSIVE_REPEAT):
            out += "".join(shortest(value[2], rng) for _ in range(value[0]))
        elif op is parser.SUBPATTERN:
            out += shortest(value[-1], rng)
        elif op is parser.BRANCH:
            out += shortest(rng.choice(value[1]), rng)
        else:
            assert op in (parser.ASSERT, parser.ASSERT_NOT, parser.AT), op
    return out


def entropy(text):
    return -sum(n / len(text) * math.log2(n / len(text)) for n in collections.Counter(text).values())


def matches(name, pattern, least, seed):
    """EACH texts that match, and of each what is secret."""
    rng = random.Random(f"{name} {seed}")
    whole = re.compile(pattern.replace(r"\K", "(?P<secret>)"))
    tree = parser.parse(pattern.replace(r"\K", ""))
    found = []
    for _ in range(TRIES):
        text = shortest(tree, rng)
        match = whole.match(text + " end")
        if not match or match.end() != len(text) or entropy(text) * 100 < least:
            continue
        found.append((text, text[match.start("secret") if r"\K" in pattern else 0:]))
        if len(found) == EACH:
            break
    return found


@pytest.mark.parametrize("before, after", [("", ""), ("key ", " end"), ("{\"k\":\"", "\"}")])
def test_the_shortest_matches_of_each_pattern_are_found(before, after):
    made = {name: matches(name, pattern, least, before) for name, _, pattern, least in rows()
            if not name.startswith("private_key")}
    assert len(made) > 300
    assert [name for name, texts in made.items() if not texts] == []
    cases = [(name, text, secret) for name, texts in made.items() for text, secret in texts
             if not (after and set("\"'\\") & set(text))]
    done = subprocess.run([BUILD / "sanitize", "--format=text"], capture_output=True, check=True, timeout=120,
                          input="".join(f"{before}{text}{after}\n" for _, text, _ in cases).encode())
    lines = done.stdout.decode().split("\n")
    assert len(lines) == len(cases) + 1
    left = [f"{name}: {line}" for (name, _, secret), line in zip(cases, lines) if secret in line]
    assert left == []
