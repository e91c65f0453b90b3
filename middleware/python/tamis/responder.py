"""Talking to a tamis responder over HTTP: one kept connection, and what its answers mean."""
from __future__ import annotations

import contextlib
import http.client
import json
import select
import socket
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple
from urllib.parse import urlsplit

BATCH, ROUTES, COUNTS = "/api/batch", "/api/tamis/routes", "/api/counts"
TIMEOUT_S = 10.0
RETRY_AFTER_MAX_S = 300.0

Answer = Tuple[int, float, bytes]
"""Status, Retry-After in seconds, body."""


class Waiting(NamedTuple):
    """An event on its way."""

    text: str
    """JSON, strained."""
    do_not_track: bool


class Outcome(NamedTuple):
    """What became of a batch."""

    again: Sequence[Waiting] = ()
    """What may go better later."""
    refused: int = 0
    """What the responder will never take."""
    halve: bool = False
    """It was too large as a whole."""
    wait_s: float = 0.0
    """The responder's wish, before `again`."""


class Responder:
    """For one thread at a time."""

    def __init__(self, url: str, token_file: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("app.responder_url is no URL of a server")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=TIMEOUT_S)
        self._prefix = parts.path.rstrip("/")
        self._token_file = token_file

    def events(self, batch: List[Waiting]) -> Outcome:
        """Bring events whose do_not_track is the same; never raises for what the network does."""
        headers = {"DNT": "1"} if batch[0].do_not_track else {}
        with contextlib.suppress(OSError):  # without it the responder limits what it takes, no more
            headers.update(self._token())
        try:
            status, retry_after, body = self._post_kept(BATCH, f"[{','.join(item.text for item in batch)}]", headers)
        except (OSError, http.client.HTTPException):
            return Outcome(again=batch)
        if 200 <= status < 300:
            return _of_items(batch, body)
        if status == 413 and len(batch) > 1:
            return Outcome(again=batch, halve=True)
        if _passes(status):
            return Outcome(again=batch, wait_s=retry_after)
        return Outcome(refused=len(batch))

    def routes(self, rows: List[Dict[str, Any]]) -> bool:
        """Report counts of requests; True: they were counted. Raises OSError when they have not arrived for sure.

        A report that may have arrived must not be sent again: it would count twice.
        """
        return self._post_once(ROUTES, json.dumps({"routes": rows})) is not None

    def counts(self, rows: List[Dict[str, Any]]) -> "List[Optional[bool]]":
        """Report declared counts, likewise: True, counted; False, never; None, it may go better later."""
        body = self._post_once(COUNTS, json.dumps(rows))
        if body is None:
            return [False] * len(rows)
        verdicts: List[Optional[bool]] = [True] * len(rows)
        with contextlib.suppress(ValueError, KeyError, TypeError, IndexError):
            for item in json.loads(body)["refused"]:
                verdicts[item["index"]] = None if _passes(item["error"]["status"]) else False
        return verdicts

    def _post_once(self, path: str, text: str) -> Optional[bytes]:
        """The answer; None: refused, or it may have arrived and must not be sent again."""
        headers = self._token()
        try:
            self._connection.connect()
        except http.client.HTTPException as error:
            raise OSError("no connection") from error
        try:
            status, _, body = self._post(path, text, headers)
        except (OSError, http.client.HTTPException):
            return None
        if _passes(status):
            raise OSError(f"the responder answers {status}")
        return body if 200 <= status < 300 else None

    def _token(self) -> Dict[str, str]:
        if not self._token_file:
            return {}
        with open(self._token_file, encoding="ascii") as file:
            return {"Authorization": "Bearer " + file.read().strip()}

    @property
    def has_token(self) -> bool:
        """Without one only events are taken."""
        return bool(self._token_file)

    def _post_kept(self, path: str, text: str, headers: Dict[str, str]) -> Answer:
        """On the kept connection. Servers close one on which nothing comes: then on a new one, at once.

        Where it is found closed, nothing was sent. Where it is closed just now, with no answer, the request comes
        again: the server may have taken it, though it hardly ever has.
        """
        kept = self._connection.sock
        if kept is not None and _is_closed(kept):
            self._connection.close()
            kept = None
        try:
            return self._post(path, text, headers)
        except ConnectionError:
            if kept is None:
                raise
        return self._post(path, text, headers)

    def _post(self, path: str, body: str, headers: Dict[str, str]) -> Answer:
        headers["Content-Type"] = "application/json"
        try:
            self._connection.request("POST", self._prefix + path, body.encode("utf-8", "replace"), headers)
            response = self._connection.getresponse()
            wait = response.getheader("Retry-After") or ""
            return response.status, min(float(wait), RETRY_AFTER_MAX_S) if wait.isdigit() else 0.0, response.read()
        except Exception:
            self._connection.close()  # the next request opens it again
            raise


def _is_closed(sock: socket.socket) -> bool:
    """Between requests nothing comes on a connection but its end."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _passes(status: int) -> bool:
    """Is it a failure that passes by itself?"""
    return status in (408, 429) or status >= 500


def _of_items(batch: List[Waiting], body: bytes) -> Outcome:
    """A batch is answered with 200 even where elements failed; the details tell which."""
    try:
        details = json.loads(body)["details"]
        failed = {item["index"]: item["response"]["error"]["status"] for item in details}
    except (ValueError, KeyError, TypeError):
        return Outcome()
    again = [batch[index] for index, status in failed.items() if _passes(status)]
    return Outcome(again=again, refused=len(failed) - len(again))
