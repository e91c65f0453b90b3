"""The transport "spool": onto the local durable spool, counters in shared memory, in process.

What send() returned from outlives kill -9. The spool is brought to Umami by `tamis forward` where one
runs on this machine, else by a thread of one of the application's processes, elected by a lock.
"""
from __future__ import annotations

import json
from typing import Any, Callable, Dict, Mapping, Optional

from . import releases
from ._native import EINVALID, FORWARD, Gateway, GatewayError
from .errors import EventError
from .transport import Budget, Visitor

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_quote = json.encoder.encode_basestring  # type: ignore[attr-defined]


def encode(members: Dict[str, Any]) -> str:
    """JSON of a dict, without an encoder where all is simple: its set-up takes longer than what most events hold.

    >>> encode({'url': '/', 'data': {'n': 1.5, 'at': [None, True]}})
    '{"url":"/","data":{"n":1.5,"at":[null,true]}}'
    """
    try:
        return "{" + ",".join([
            f"{_quote(name)}:{_quote(value) if type(value) is str else _WRITERS.get(type(value), _encode)(value)}"
            for name, value in members.items()]) + "}"
    except TypeError:  # a name that is no text
        return _encode(members)


_WRITERS: Dict[type, Callable[[Any], str]] = {int: int.__repr__, float: float.__repr__, dict: encode}


class Spool:
    """A transport over one Gateway, which is thread and fork safe."""

    def __init__(self, app_name: str, config_path: Optional[str], settings: Any, *, explain: bool) -> None:
        self._gateway = Gateway(app_name, config_path, settings, FORWARD)
        self._explain = explain
        self.route, self.page = self._gateway.route, self._gateway.page

    def send(self, event: Dict[str, Any], visitor: Visitor) -> bool:
        text = f'{{"type":{_quote(event["type"])},"payload":{encode(event["payload"])}}}'
        try:
            body = text.encode()
        except UnicodeEncodeError:  # surrogates that stand alone
            body = text.encode("utf-8", "replace")
        address, user_agent, do_not_track = visitor
        return self._gateway.send(body, address, user_agent, do_not_track, explain=self._explain)

    def count(self, event_name: str, event_id: Optional[str], source: Optional[str], number: int) -> None:
        try:
            self._gateway.count(event_name, event_id, source, number)
        except GatewayError as error:
            if error.number == EINVALID:
                raise EventError(str(error)) from None
            raise

    def increment(self, metric: str, dimensions: Mapping[str, str], visitor: Visitor) -> bool:
        return releases.increment(self._gateway, metric, dimensions, visitor)

    def budget(self, visitor: Visitor) -> Dict[str, Budget]:
        return releases.budget(self._gateway, visitor)

    def flush(self, timeout_s: float) -> bool:
        return self._gateway.flush(int(timeout_s * 1000))

    def stop(self) -> None:
        self._gateway.stop()

    def metrics(self) -> str:
        return self._gateway.metrics()
