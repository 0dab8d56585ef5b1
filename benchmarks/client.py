"""A small HTTP/1.1 load client: raw sockets kept alive, one event loop, every answer parsed and handed back to be verified.

Bounded in time and count, and for this machine only: it refuses any address that is not a loopback one.
"""

import gc
import ipaddress
import selectors
import socket
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

import orjson

Document = dict[str, Any]
"""A JSON object, as the answer holds it."""


class Wrong(Exception):
    """A server gave an answer that is not the one the work needs."""


@dataclass(slots=True)
class Answer:
    """What came back: the status and the JSON of the body, None without one."""

    status: int
    document: Document | None


Unit = Generator[bytes, Answer, None]
"""One unit of work: yields a complete request, is sent its answer, raises Wrong, ends when done."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a SCIM service listens, and how to get in."""

    host: str
    port: int
    base: str
    token: str

    def request(self, method: str, path: str, document: Document | None = None) -> bytes:
        """A complete request; `path` is relative to the base address and already percent-encoded."""
        body = orjson.dumps(document) if document is not None else b""
        kind = "Content-Type: application/scim+json\r\n" if body else ""
        head = (
            f"{method} {self.base}{path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\nAuthorization: Bearer {self.token}\r\n"
            f"Accept: application/scim+json\r\n{kind}Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


@dataclass(slots=True)
class Measured:
    """What a slice of work took: units done, seconds from the first request to the last answer, seconds of each unit."""

    units: int = 0
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.units / self.seconds if self.seconds else 0.0

    def latency(self, quantile: float) -> float:
        """The latency that this part of the units did not exceed, in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * quantile), len(ordered) - 1)] * 1000 if ordered else 0.0


class Lane:
    """One connection: its socket, what has arrived, and the unit it works on."""

    __slots__ = ("buffer", "request", "sock", "started", "target", "unit")

    def __init__(self, target: Target, patience: float) -> None:
        self.target = target
        self.buffer = b""
        self.request = b""
        self.unit: Unit | None = None
        self.started = 0.0
        self.sock = self._connect(patience)

    def _connect(self, patience: float) -> socket.socket:
        sock = socket.create_connection((self.target.host, self.target.port), timeout=patience)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def send(self, request: bytes) -> None:
        self.request = request
        self.sock.sendall(request)

    @property
    def asked(self) -> str:
        """Method and address of the last request."""
        return self.request.partition(b" HTTP/1.1")[0].decode()

    def receive(self) -> Answer | None:
        """What has arrived, once it is complete.

        Raises:
            Wrong: the connection ended before the answer did, or the answer is no HTTP.
        """
        chunk = self.sock.recv(262_144)
        if not chunk:
            raise Wrong(f"The connection was closed after {len(self.buffer)} bytes of an answer.")
        self.buffer = self.buffer + chunk if self.buffer else chunk
        found = parsed(self.buffer)
        if found is None:
            return None
        self.buffer = b""
        return found

    def close(self) -> None:
        self.sock.close()


def parsed(data: bytes) -> Answer | None:
    """The answer in these bytes; None as long as some are missing.

    Raises:
        Wrong: it is no HTTP/1.1 answer, or its body is not JSON.
    """
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = data[:end].lower()
    if not head.startswith(b"http/1.1 ") or not head[9:12].isdigit():
        raise Wrong(f"Not an HTTP answer: {data[:80]!r}")
    status = int(head[9:12])
    at = head.find(b"\r\ncontent-length:")
    if at >= 0:
        length = int(head[at + 17 :].split(b"\r\n", 1)[0])
        body = data[end + 4 : end + 4 + length]
        if len(body) < length:
            return None
    elif b"\r\ntransfer-encoding: chunked" in head:
        joined = _joined(data, end + 4)
        if joined is None:
            return None
        body = joined
    elif status in (204, 304):
        body = b""
    else:
        raise Wrong(f"An answer of unknown length: {data[:end]!r}")
    try:
        return Answer(status, orjson.loads(body) if body else None)
    except orjson.JSONDecodeError as error:
        raise Wrong(f"{status} with a body that is not JSON: {body[:200]!r}") from error


def _joined(data: bytes, at: int) -> bytes | None:
    """A chunked body; None as long as its end is missing."""
    parts: list[bytes] = []
    while True:
        line = data.find(b"\r\n", at)
        if line < 0:
            return None
        size = int(data[at:line].split(b";", 1)[0], 16)
        at = line + 2 + size + 2
        if len(data) < at:
            return None
        if size == 0:
            return b"".join(parts)
        parts.append(data[line + 2 : line + 2 + size])


def run(
    target: Target,
    unit: Callable[[int], Unit],
    *,
    connections: int,
    seconds: float,
    most: int = 1_000_000,
    patience: float = 60.0,
) -> Measured:
    """Work on a target for a while.

    Args:
        unit: makes the next unit of work for the connection of this number.
        seconds: no unit begins later; those that have begun are finished.
        most: no more units than this, counted over all connections.
        patience: how many seconds an answer may take.

    Raises:
        Wrong: an answer was not what the work needs, or did not come.
        ValueError: the target is not on this machine.
    """
    if not ipaddress.ip_address(target.host).is_loopback:
        raise ValueError(f"Load is for this machine only, and {target.host} is not a loopback address.")
    measured = Measured()
    lanes = [Lane(target, patience) for _ in range(connections)]
    selector = selectors.DefaultSelector()
    for number, lane in enumerate(lanes):
        selector.register(lane.sock, selectors.EVENT_READ, (number, lane))
    gc.disable()
    try:
        _work(selector, lanes, unit, measured, seconds, most, patience)
    finally:
        gc.enable()
        selector.close()
        for lane in lanes:
            lane.close()
    return measured


def _work(
    selector: selectors.BaseSelector,
    lanes: list[Lane],
    unit: Callable[[int], Unit],
    measured: Measured,
    seconds: float,
    most: int,
    patience: float,
) -> None:
    begun = busy = 0
    start = last = time.perf_counter()

    def begin(number: int, lane: Lane) -> bool:
        nonlocal begun
        if begun >= most or time.perf_counter() - start >= seconds:
            return False
        begun += 1
        lane.unit = unit(number)
        lane.started = time.perf_counter()
        lane.send(next(lane.unit))
        return True

    for number, lane in enumerate(lanes):
        busy += begin(number, lane)
    while busy:
        ready = selector.select(timeout=patience)
        if not ready:
            raise Wrong(f"No answer in {patience:.0f} seconds to {lanes[0].asked}")
        for key, _ in ready:
            number, lane = key.data
            answer = lane.receive()
            if answer is None:
                continue
            try:
                lane.send(lane.unit.send(answer))
            except StopIteration:
                last = time.perf_counter()
                measured.units += 1
                measured.latencies.append(last - lane.started)
                if not begin(number, lane):
                    busy -= 1
            except Wrong as error:
                raise Wrong(f"{lane.asked} was answered with {_shown(answer)}: {error}") from error
    measured.seconds = last - start


def _shown(answer: Answer) -> str:
    return f"{answer.status} {str(answer.document)[:300]}"
