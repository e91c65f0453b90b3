"""The transport "spool": onto the local durable spool, counters in shared memory, in process.

What send() returned from outlives kill -9. The spool is brought to Umami by `tamis forward` where one
runs on this machine, else by a thread of one of the application's processes, elected by a lock.
"""
from __future__ import annotations

import json
from typing import Any, Dict, Optional

from ._native import FORWARD, Gateway
from .transport import Visitor

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Spool:
    """A transport over one Gateway, which is thread and fork safe."""

    def __init__(self, app_name: str, config_path: Optional[str], settings: Any, *, explain: bool) -> None:
        self._gateway = Gateway(app_name, config_path, settings, FORWARD)
        self._explain = explain

    def send(self, event: Dict[str, Any], visitor: Visitor) -> bool:
        text = _encode(event)
        try:
            body = text.encode()
        except UnicodeEncodeError:  # surrogates that stand alone
            body = text.encode("utf-8", "replace")
        address, user_agent, do_not_track = visitor
        return self._gateway.send(body, address, user_agent, do_not_track, explain=self._explain)

    def route(self, method: str, route: str, status: int, duration_us: int) -> None:
        self._gateway.route(method, route, status, duration_us)

    def flush(self, timeout_s: float) -> bool:
        return self._gateway.flush(int(timeout_s * 1000))

    def stop(self) -> None:
        self._gateway.stop()

    def metrics(self) -> str:
        return self._gateway.metrics()
