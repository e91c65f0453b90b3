"""Find, load and check the shared libraries, once and at first need.

Looked for in this order, and the first one found is taken:

1. the directory that ``TAMIS_LIBRARY_DIR`` names,
2. ``tamis/_lib`` of this package, where the wheel carries them,
3. what the system's loader finds (packages libsanitizer1 and libtamis1, ``make install``).

Importing tamis never fails for want of a library: who needs it gets a LibraryError.
"""
from __future__ import annotations

import ctypes
import os
import pathlib
import time
from typing import Dict, Iterator, List, NamedTuple, Tuple

VERSION = "0.1.0"
"""Version of this package, and the oldest of the libraries that it works with."""

_BUNDLED = pathlib.Path(__file__).parent / "_lib"
_loaded: Dict[str, "Library"] = {}
_RETRY_S = 1.0
_missing: Dict[str, Tuple[float, str]] = {}
"""When looking for it failed last, and why: each look opens files, and an application asks with each request."""


class LibraryError(RuntimeError):
    """A shared library is missing, or not of this package's version."""


class Library(NamedTuple):
    """One shared library, loaded twice over: each handle has function objects of its own."""

    calls: ctypes.CDLL
    """Lets other threads run meanwhile: for what may take long or wait."""
    quick: ctypes.PyDLL
    """Keeps the interpreter's lock: for calls shorter than handing it over and back."""
    path: str


def _places(soname: str) -> Iterator[str]:
    own = os.environ.get("TAMIS_LIBRARY_DIR")
    if own:
        yield os.path.join(own, soname)
    if (_BUNDLED / soname).exists():
        yield str(_BUNDLED / soname)
    yield soname


def _numbers(version: str) -> Tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3])


def check_version(name: str, found: str, path: str) -> None:
    """Raise LibraryError unless `found` has the major version of this package and is not older."""
    if _numbers(found)[0] != _numbers(VERSION)[0] or _numbers(found) < _numbers(VERSION):
        raise LibraryError(f"{path} is {name} {found}, but the Python package tamis {VERSION} needs "
                           f"{name} {VERSION} or newer of the same major version: "
                           f"upgrade {name}, or install the Python package that belongs to it")


def _open(soname: str) -> Library:
    tried = []
    for place in _places(soname):
        try:
            return Library(ctypes.CDLL(place), ctypes.PyDLL(place), place)
        except OSError as error:
            tried.append(str(error))
    raise LibraryError(f"{soname} cannot be loaded ({'; '.join(tried)}): install the system's package, "
                       "or this Python package with pip, which builds and carries it")


def load(name: str, soname: str, version_function: str) -> Library:
    """The library `name`, checked.

    Raises LibraryError, each time again; what is installed meanwhile is found a second later.
    No lock: a fork could leave it held for ever, and to load twice does no harm.
    """
    if name not in _loaded:
        tried, why = _missing.get(name, (-_RETRY_S, ""))
        if time.monotonic() - tried < _RETRY_S:
            raise LibraryError(why)
        try:
            _loaded[name] = _checked(name, soname, version_function)
        except LibraryError as error:
            _missing[name] = time.monotonic(), str(error)
            raise
    return _loaded[name]


def _checked(name: str, soname: str, version_function: str) -> Library:
    library = _open(soname)
    version = getattr(library.calls, version_function)
    version.restype = ctypes.c_char_p
    check_version(name, version().decode(), library.path)
    return library


def sanitizer() -> Library:
    """libsanitizer: personal data and secrets out of text, URLs and JSON."""
    return load("libsanitizer", "libsanitizer.so.1", "san_version")


def loaded(name: str) -> List[Library]:
    """The library if it has been loaded, else nothing."""
    return [_loaded[name]] if name in _loaded else []
