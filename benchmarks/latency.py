"""How long one client waits for its answers, asking one thing after the other on one connection."""

import socket
import statistics
import time
from collections.abc import Iterable, Mapping
from typing import Self
from urllib.parse import urlsplit

import msgspec

from benchmarks.load import Ask, LoadFailed

TIMEOUT_S = 60
HEAD_END = b"\r\n\r\n"


class Step(msgspec.Struct, frozen=True):
    """A request whose answer is waited for with a clock in hand, and perhaps one before it without."""

    ask: Ask
    before: Ask | None = None


class Client:
    """A bare HTTP client, so that its own time does not count."""

    def __init__(self, address: str, headers: Mapping[str, str]) -> None:
        place = urlsplit(address)
        self._socket = socket.create_connection((place.hostname, place.port), timeout=TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._headers = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._host = place.netloc

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def answer(self, ask: Ask) -> bytes:
        """Send a request and return the body of its answer; raises LoadFailed unless that is a success."""
        body = ask.body.encode()
        head = f"{ask.method} {ask.path} HTTP/1.1\r\nHost: {self._host}\r\n{self._headers}"
        self._socket.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        received = b""
        while HEAD_END not in received:
            received += self._received()
        answer_head, _, content = received.partition(HEAD_END)
        if answer_head.split(b" ", 2)[1][:1] != b"2":
            raise LoadFailed(f"{ask.method} {ask.path} was answered {answer_head[:200]!r} {content[:500]!r}")
        length = int(answer_head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        parts = [content]
        missing = length - len(content)
        while missing > 0:
            part = self._received()
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _received(self) -> bytes:
        part = self._socket.recv(262_144)
        if not part:
            raise LoadFailed("The server closed the connection.")
        return part


def waits_ms(
    address: str, headers: Mapping[str, str], steps: Iterable[Step], at_most_s: float
) -> list[float]:
    """Return how long each answer took; ends early once so many seconds are over."""
    waits = []
    end = time.monotonic() + at_most_s
    with Client(address, headers) as client:
        for step in steps:
            if step.before is not None:
                client.answer(step.before)
            started = time.perf_counter()
            client.answer(step.ask)
            waits.append((time.perf_counter() - started) * 1000)
            if time.monotonic() > end:
                break
    return waits


def p50_of(waits: list[float]) -> float:
    """Return the median."""
    return statistics.median(waits)


def p95_of(waits: list[float]) -> float:
    """Return the 95th percentile, which for a few values is the largest."""
    return sorted(waits)[min(len(waits) - 1, int(0.95 * len(waits)))]
