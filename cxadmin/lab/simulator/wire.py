"""Requests of one simulated client to one server on this machine: connections that stay open, a pace, and a note of each."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from cxadmin.lab.running import is_loopback

TIMEOUT = 60
IDLE = 5.0
"""A connection that rested so long is opened anew: the server may have closed it meanwhile."""
MOST_WAITS = 5
LONGEST_WAIT = 60
MOST_SAID = 300


class NotLoopback(ValueError):
    """The address is not one of this machine: a simulator must never fill somebody's real tenant."""


class NoAnswer(Exception):
    """The server gave no answer that HTTP knows."""


class Stopped(Exception):
    """The run was told to stop."""


def loopback(url: str) -> SplitResult:
    """An http address of this machine, without a slash at its end.

    Raises:
        NotLoopback: it is none; the message is for whoever typed it.
    """
    try:
        parts = urlsplit(url.strip().rstrip("/"))
        is_ours = parts.scheme == "http" and is_loopback(parts.hostname or "") and parts.port != 0
    except ValueError:
        is_ours = False
    if not is_ours:
        raise NotLoopback(
            f"The simulator plays against servers on this machine only (http://127.0.0.1:…, http://localhost:…), not {url[:200]!r}."
        )
    return parts


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object; an empty one if it is none."""
        try:
            found = json.loads(self.content)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def resources(self) -> list[dict[str, Any]]:
        """Of a list, its resources."""
        found = self.document.get("Resources")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    @property
    def total(self) -> int:
        """Of a list, how many there are."""
        found = self.document.get("totalResults")
        return found if isinstance(found, int) else 0

    @property
    def request_id(self) -> str:
        return self.headers.get("x-request-id", "")

    @property
    def said(self) -> str:
        """The server's own sentence about a refusal, in SCIM's or OAuth's words, else the beginning of the body."""
        document = self.document
        for name in ("detail", "error_description", "error", "message"):
            if isinstance(document.get(name), str) and document[name]:
                return str(document[name])[:MOST_SAID]
        return self.content[:MOST_SAID].decode(errors="replace").strip() or "(an empty answer)"


@dataclass
class Pace:
    """At most so many requests a second over all connections; 0 for as many as it takes."""

    rate: float
    stopping: threading.Event
    _next: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self) -> None:
        """Wait for one's turn.

        Raises:
            Stopped: the run was told to stop meanwhile.
        """
        if self.rate:
            with self._lock:
                turn = max(self._next, time.monotonic())
                self._next = turn + 1 / self.rate
            self.stopping.wait(max(turn - time.monotonic(), 0))
        if self.stopping.is_set():
            raise Stopped


class Client:
    """Sends requests; every thread has a connection of its own.

    Args:
        base: the address that paths are joined to.
        note: told of every answer.
    """

    def __init__(self, base: str, headers: Mapping[str, str], pace: Pace, note: Callable[[Answer], None]) -> None:
        self.parts = loopback(base)
        self.base = self.parts.geturl()
        self.headers = dict(headers)
        self.pace = pace
        self.note = note
        self._open = threading.local()

    def call(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request and read its answer; one that says 429 is sent again after the time it names.

        Raises:
            NoAnswer: the connection was refused or dropped, or took too long.
            Stopped: the run was told to stop.
        """
        for _attempt in range(MOST_WAITS):
            self.pace.wait()
            answer = self._send(method, path, body, {**self.headers, **(headers or {})})
            self.note(answer)
            if answer.status != http.client.TOO_MANY_REQUESTS:
                break
            asked = answer.headers.get("retry-after", "")
            self.pace.stopping.wait(min(int(asked), LONGEST_WAIT) if asked.isdecimal() and len(asked) < 6 else 1)
        return answer

    def _send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        connection, began = self._connection(), time.perf_counter()
        try:
            connection.request(method, f"{self.parts.path}{path}", body, dict(headers))
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            where = f"{self.parts.scheme}://{self.parts.netloc}"
            raise NoAnswer(f"No answer from {where} to {method} {path[:100]} ({_reason(error)}).") from error
        self._open.rested = time.monotonic()
        received = {name.lower(): value for name, value in response.getheaders() if name.lower() != "set-cookie"}
        cookies = response.headers.get_all("set-cookie") or []
        if cookies:
            received["set-cookie"] = "\n".join(cookies)
        return Answer(response.status, received, content, time.perf_counter() - began)

    def _connection(self) -> http.client.HTTPConnection:
        known: http.client.HTTPConnection | None = getattr(self._open, "connection", None)
        if known is not None and time.monotonic() - self._open.rested > IDLE:
            self.close()
            known = None
        if known is None:
            known = http.client.HTTPConnection(self.parts.hostname or "", self.parts.port or 80, timeout=TIMEOUT)
            self._open.connection, self._open.rested = known, time.monotonic()
        return known

    def close(self) -> None:
        """Close this thread's connection."""
        known: http.client.HTTPConnection | None = getattr(self._open, "connection", None)
        if known is not None:
            known.close()
            self._open.connection = None


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def query(**values: object) -> str:
    """A query string as the providers write it: blanks as %20, in the order given."""
    return "?" + "&".join(f"{name}={quote(str(value), safe='')}" for name, value in values.items())


def equal(attribute: str, value: str) -> str:
    """A filter that compares with a text."""
    return f"{attribute} eq {json.dumps(value, ensure_ascii=False)}"
