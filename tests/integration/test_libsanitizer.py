"""libsanitizer for other programs: the examples, the manual's examples, pkg-config, symbols, ABI."""
import os
import re
import sys

import pytest

from conftest import SOURCE
from library import (INSTRUMENT, LIBRARIES, build, check_abi, check_exports, check_header, environment, install,
                     pkg_config, quietly)

LIBRARY = LIBRARIES / "libsanitizer.so.1"
HEADER = SOURCE / "sanitizer" / "sanitizer.h"
DIRTY = b"mail joe@example.com\ntoken=q1, then\n\xff\x00 4111 1111 1111 1111\n"
CLEAN = b"mail [REDACTED_EMAIL]\ntoken=[REDACTED], then\n\xff\x00 [REDACTED_CARD]\n"
MANUAL = (SOURCE / "docs" / "libsanitizer.md").read_text()


def build_here(source, program):
    """Against the build tree."""
    build(source, program, f"-I{SOURCE}/sanitizer", LIBRARY)


def run_c(program, folder, **options):
    env = dict(os.environ, LD_LIBRARY_PATH=str(folder))
    return quietly(program, env=env, **options)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The library, its header and its .pc file under a directory of their own, by `make install`."""
    return install(tmp_path_factory.mktemp("root"))


def test_c_example_in_the_build_tree(tmp_path):
    build_here(SOURCE / "examples/c/clean.c", tmp_path / "clean")
    assert run_c(tmp_path / "clean", LIBRARY.parent, input=DIRTY) == CLEAN


def test_c_example_against_what_is_installed(tmp_path, installed):
    flags = pkg_config(installed, "libsanitizer", "--cflags", "--libs")
    build(SOURCE / "examples/c/clean.c", tmp_path / "clean", *flags)
    assert run_c(tmp_path / "clean", next(installed.rglob("libsanitizer.so.1")).parent, input=DIRTY) == CLEAN


def test_python_example_in_the_build_tree():
    out = quietly(sys.executable, SOURCE / "examples/python/clean.py", input=DIRTY, env=environment(LIBRARY.parent))
    assert out == CLEAN


def test_python_example_with_what_is_installed(installed):
    folder = next(installed.rglob("libsanitizer.so.1")).parent
    out = quietly(sys.executable, SOURCE / "examples/python/clean.py", input=DIRTY, env=environment(folder))
    assert out == CLEAN


EXAMPLES = re.findall(r"```(c|python)\n(.*?)```\s+```text\n(.*?)```", MANUAL, re.S)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_manual_example(number, tmp_path):
    language, source, expected = EXAMPLES[number]
    path = tmp_path / ("example." + {"c": "c", "python": "py"}[language])
    path.write_text(source)
    if language == "c":
        build_here(path, tmp_path / "example")
        out = run_c(tmp_path / "example", LIBRARY.parent)
    else:
        out = quietly(sys.executable, path, env=environment(LIBRARY.parent))
    assert out.decode() == expected


def test_every_example_of_the_manual_has_an_output():
    assert len(EXAMPLES) == len(re.findall(r"```(?:c|python)\n", MANUAL)) >= 4


def test_pkg_config(installed):
    version = re.search(r'SAN_VERSION "(.*)"', HEADER.read_text()).group(1)
    assert pkg_config(installed, "libsanitizer", "--modversion") == [version]
    assert pkg_config(installed, "libsanitizer", "--validate") == []
    shared = [flag for flag in pkg_config(installed, "libsanitizer", "--libs") if flag.startswith("-l")]
    assert shared == ["-lsanitizer"]
    static = pkg_config(installed, "libsanitizer", "--libs", "--static")
    assert "-lpcre2-8" in static and "-lsodium" in static


@pytest.mark.parametrize("standard", ["c99", "c11", "c17"])
def test_header_by_itself(standard, tmp_path):
    check_header(HEADER, standard, tmp_path)


def test_exported_is_what_the_header_declares():
    check_exports(LIBRARY, HEADER, "san_", "SANITIZER_1", {"san_write_fn"})


if not INSTRUMENT:
    def test_abi_is_the_baseline(tmp_path):
        check_abi("libsanitizer", tmp_path)
