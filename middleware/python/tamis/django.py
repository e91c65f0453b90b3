"""Django: a middleware, sync and async.

    MIDDLEWARE = ['tamis.django.TamisMiddleware', ...]
    TAMIS = {'app_name': 'my_app', 'exclude': ['/static']}  # the options of Watch; may be left out

The first of the list sees all requests.
"""
from __future__ import annotations

import re
from typing import Any, Awaitable, Callable, Optional, Union

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from .analytics import get_analytics
from .visit import EnvironVisit, Visit, current
from .watch import Watch, clock

_GROUP = re.compile(r"\(\?P<(\w+)>(?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)")
_ANCHORS = re.compile(r"[\^$]|\\[AZ]|(?<=/)\?$")

GetResponse = Callable[[HttpRequest], Union[HttpResponseBase, Awaitable[HttpResponseBase]]]


def rule_of(route: str) -> str:
    """A rule from what Django's resolver tells, which may be a regular expression.

    >>> rule_of('orders/<int:id>/'), rule_of('api/^articles/(?P<year>[0-9]{4})/$')
    ('/orders/<int:id>/', '/api/articles/<year>/')
    """
    return "/" + _ANCHORS.sub("", _GROUP.sub(r"<\1>", route)).replace("\\", "")


def _both(first: Callable[[], None], second: Callable[[], None]) -> Callable[[], None]:
    def call() -> None:
        try:
            first()
        finally:
            second()
    return call


class _Visit(EnvironVisit):
    """Django's environ is that of WSGI, but for the path."""

    __slots__ = ("request",)

    def __init__(self, watch: Watch, request: HttpRequest) -> None:
        self.watch, self.request, self.environ = watch, request, request.META

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

    def _begin(self, request: HttpRequest) -> Visit:
        visit = _Visit(self._watch, request)
        current.set(visit)
        return visit

    def _answered(self, request: HttpRequest, visit: Visit, started: float,
                  response: HttpResponseBase) -> HttpResponseBase:
        def end() -> None:
            self._end(request, visit, response.status_code, started, response.get("Content-Type", ""))

        if response.streaming:  # ends when the server closes it
            setattr(response, "close", _both(response.close, end))
        else:
            end()
        return response

    def _end(self, request: HttpRequest, visit: Visit, status: int, started: float, content_type: str) -> None:
        current.set(None)
        match = request.resolver_match
        route: Optional[str] = match.route if match is not None else None
        self._watch.end(visit, request.method or "", None if route is None else rule_of(route), status, started,
                        content_type)
