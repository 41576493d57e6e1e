"""From the start of a visitor's POST to its notice in an open inbox, and to the words themselves."""

import asyncio
import json
import re
import statistics
import time
from urllib.parse import urlsplit

import msgspec

from benchmarks.load import Ask
from benchmarks.operations import WIDGET_MESSAGE
from benchmarks.rows import MESSAGES_PER_TICKET
from benchmarks.world import Ticket, World

NOTICE = re.compile(rb"event: added-(\d+)")
N_MESSAGES = 400
WARM_UP = 50
PAUSE_S = 0.01
TIMEOUT_S = 5.0


class Live(msgspec.Struct, frozen=True):
    """Milliseconds, over several hundred messages: until the notice, and until the page has fetched the words."""

    notice_p50_ms: float
    notice_p95_ms: float
    words_p50_ms: float
    words_p95_ms: float

    def figures(self) -> dict[str, float]:
        return {
            "notice_p50.ms": self.notice_p50_ms,
            "notice_p95.ms": self.notice_p95_ms,
            "words_p50.ms": self.words_p50_ms,
            "words_p95.ms": self.words_p95_ms,
        }


class Wire:
    """A bare HTTP connection, so that the client's own time does not count much."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self.reader = reader
        self.writer = writer
        self.host = host

    @classmethod
    async def open(cls, address: str) -> "Wire":
        """Connect to a server."""
        host = urlsplit(address).netloc
        name, _, port = host.partition(":")
        reader, writer = await asyncio.open_connection(name, int(port))
        return cls(reader, writer, host)

    def send(self, ask: Ask, headers: dict[str, str]) -> None:
        """Write a request."""
        body = ask.body.encode()
        lines = [f"{ask.method} {ask.path} HTTP/1.1", f"Host: {self.host}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)

    async def answer(self) -> bytes:
        """Read the head of an answer, which must be 200, and its body where the length is known."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        if b" 200" not in head.split(b"\r\n")[0]:
            raise RuntimeError(f"a request was answered {head[:200]!r}")
        if b"content-length:" not in head:
            return b""
        return await self.reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))


async def measure_live(address: str, world: World, cookie: str, tickets: list[Ticket]) -> Live:
    """Open the stream of the inbox as a browser does, then post one message after the other to fresh tickets."""
    tickets = [ticket for ticket in tickets if ticket.is_open_to_session]
    stream, poster, page = [await Wire.open(address) for _ in range(3)]
    stream.send(Ask("GET", "/inbox/stream"), {"Cookie": cookie, "Accept": "text/event-stream"})
    await stream.answer()
    heard: asyncio.Queue[tuple[int, float]] = asyncio.Queue()
    listening = asyncio.create_task(_listen(stream, heard))
    notices, words = [], []
    try:
        for place in range(WARM_UP + N_MESSAGES):
            ticket = tickets[place % len(tickets)]
            shown = MESSAGES_PER_TICKET + place // len(tickets)
            started = time.perf_counter()
            poster.send(_message(ticket, f"message number {place}."), world.headers)
            number, at = await asyncio.wait_for(heard.get(), TIMEOUT_S)
            page.send(
                Ask("GET", f"/inbox/{number}/messages?from={shown}"), {"Cookie": cookie, "HX-Request": "true"}
            )
            if f"message number {place}." not in (await page.answer()).decode():
                raise RuntimeError(f"message {place} is not on the page of ticket {number}")
            notices.append((at - started) * 1000)
            words.append((time.perf_counter() - started) * 1000)
            await poster.answer()
            await asyncio.sleep(PAUSE_S)
    finally:
        listening.cancel()
        for wire in (stream, poster, page):
            wire.writer.close()
    return Live(*_cuts(notices[WARM_UP:]), *_cuts(words[WARM_UP:]))


def _cuts(times: list[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(times, n=20)
    return cuts[9], cuts[18]


def _message(ticket: Ticket, text: str) -> Ask:
    body = {
        "ticket_id": ticket.id,
        "widget_session_id": ticket.widget_session_id,
        "distinct_id": ticket.distinct_id,
        "message": text,
    }
    return Ask("POST", WIDGET_MESSAGE, json.dumps(body))


async def _listen(stream: Wire, heard: asyncio.Queue[tuple[int, float]]) -> None:
    rest = b""
    while data := await stream.reader.read(65536):
        rest += data
        while found := NOTICE.search(rest):
            if found.end() == len(rest):
                break  # the number may go on in the next piece
            heard.put_nowait((int(found.group(1)), time.perf_counter()))
            rest = rest[found.end() :]
