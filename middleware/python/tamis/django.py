"""Django: a middleware, sync and async.

    MIDDLEWARE = ['tamis.django.TamisMiddleware', ...]
    TAMIS = {'app_name': 'my_app', 'exclude': ['/static']}  # the options of Watch; may be left out

The first of the list sees all requests.
"""
from __future__ import annotations

import functools
import re
from typing import Any, AsyncIterator, Awaitable, Callable, Iterable, Iterator, Optional, Union

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from .analytics import get_analytics
from .visit import EnvironVisit, Visit, current
from .watch import Watch, clock

GetResponse = Callable[[HttpRequest], Union[HttpResponseBase, Awaitable[HttpResponseBase]]]


_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\.[*+]|\{\d+,?\d*\}|.", re.DOTALL)
_CLASS = re.compile(r"\\[dDwWsS]|\[.*\]|\.[*+]", re.DOTALL)
_GROUP = re.compile(r"\((?:\?P<(?P<name>\w+)>|(?P<plain>\?:)|(?P<silent>\?))?(?P<rest>.*)\)", re.DOTALL)
_ANCHORS = ("^", "$", r"\A", r"\Z", r"\b", r"\B")
_VARIABLE = "<var>"
"""What Django calls a part without a name."""


@functools.lru_cache(maxsize=2048)
def rule_of(route: str) -> str:
    """A rule from what Django's resolver tells, which may be a regular expression.

    >>> rule_of('orders/<int:id>/'), rule_of('api/^articles/(?P<year>[0-9]{4})/$')
    ('/orders/<int:id>/', '/api/articles/<year>/')
    >>> rule_of(r're/(?P<y>\\d+)/(\\w+)/$'), rule_of(r'^list(?:/page-(?P<n>\\d+))?/?$'), rule_of(r'^[a-z]\\w*\\.xml$')
    ('/re/<y>/<var>/', '/list/page-<n>/', '/<var>.xml')
    """
    return "/" + _written(route)


def _pieces(route: str) -> Iterator[str]:
    """Groups as a whole, classes, counts, single characters."""
    depth = start = 0
    for found in _PIECE.finditer(route):
        piece = found[0]
        if piece == "(":
            depth += 1
            if depth == 1:
                start = found.start()
        elif piece == ")" and depth:
            depth -= 1
            if not depth:
                yield route[start:found.end()]
        elif not depth:
            yield piece


def _written(route: str) -> str:
    """Without what only regular expressions have."""
    rule, before = "", ""
    for piece in _pieces(route):
        varies = len(before) > 1
        if piece == "?" or varies and (piece in "*+" or piece[0] == "{"):
            continue  # how often
        if piece[0] == "(" and len(piece) > 1:
            text = _of_group(piece)
        elif _CLASS.fullmatch(piece):
            text = _VARIABLE
        else:
            text = "" if piece in _ANCHORS else piece[-1]
        if text != _VARIABLE or not rule.endswith(_VARIABLE):
            rule += text
        before = piece
    return rule


def _of_group(piece: str) -> str:
    group = _GROUP.fullmatch(piece)
    if group is None or group["silent"]:
        return ""  # it looks ahead, or sets flags
    if group["name"]:
        return f"<{group['name']}>"
    return _written(group["rest"]) if group["plain"] and "|" not in group["rest"] else _VARIABLE


class _Visit(EnvironVisit):
    """Django's environ is that of WSGI, but for the path."""

    __slots__ = ("request", "ended")

    def __init__(self, watch: Watch, request: HttpRequest) -> None:
        self.watch, self.request, self.environ, self.ended = watch, request, request.META, False

    def path(self) -> str:
        path: str = self.request.path
        return path if path.isascii() else path.encode("utf-8", "replace").decode("latin-1")


class TamisMiddleware:
    """Counts requests, and sends page views."""

    sync_capable = async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        options = dict(getattr(settings, "TAMIS", {}))
        project = settings.ROOT_URLCONF.partition(".")[0] if getattr(settings, "ROOT_URLCONF", None) else "django"
        self.get_response: Any = get_response
        self._watch = Watch(get_analytics(options.pop("app_name", project)), **options)
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if self._watch.excludes and self._watch.excluded(request.path):
            return self.get_response(request)
        if self._is_async:
            return self._call_async(request)
        visit, started = self._begin(request), clock()
        try:
            response = self.get_response(request)
        except Exception:
            self._end(request, visit, 500, started, "")
            raise
        return self._answered(request, visit, started, response)

    async def _call_async(self, request: HttpRequest) -> HttpResponseBase:
        visit, started = self._begin(request), clock()
        try:
            response = await self.get_response(request)
        except Exception:
            self._end(request, visit, 500, started, "")
            raise
        return self._answered(request, visit, started, response)

    def _begin(self, request: HttpRequest) -> _Visit:
        visit = _Visit(self._watch, request)
        current.set(visit)
        return visit

    def _answered(self, request: HttpRequest, visit: _Visit, started: float,
                  response: HttpResponseBase) -> HttpResponseBase:
        def end(status: Optional[int] = None) -> None:
            """Once, whoever calls first. status: another one than was answered."""
            if not visit.ended:
                visit.ended = True
                self._end(request, visit, status or response.status_code, started, response.get("Content-Type", ""))

        if response.streaming:
            _end_with_its_parts(response, end)
        else:
            end()
        return response

    def _end(self, request: HttpRequest, visit: Visit, status: int, started: float, content_type: str) -> None:
        current.set(None)
        match = request.resolver_match
        route: Optional[str] = match.route if match is not None else None
        self._watch.end(visit, request.method or "", None if route is None else rule_of(route), status, started,
                        content_type)


End = Callable[..., None]


def _end_with_its_parts(response: Any, end: End) -> None:
    """When the server closes it, or where it breaks off."""
    close, parts = response.close, response.streaming_content

    def closed() -> None:
        try:
            close()
        finally:
            end()

    response.close = closed
    if getattr(response, "is_async", False):
        response.streaming_content = _each_async(parts, end)
    elif getattr(response, "file_to_stream", None) is None:  # else the server may send the file by itself
        response.streaming_content = _each(parts, end)


def _each(parts: Iterable[bytes], end: End) -> Iterator[bytes]:
    try:
        yield from parts
    except Exception:
        end(500)
        raise


async def _each_async(parts: AsyncIterator[bytes], end: End) -> AsyncIterator[bytes]:
    """Where its client goes away nobody closes the answer."""
    try:
        async for part in parts:
            yield part
    except Exception:
        end(500)
        raise
    finally:
        end()
