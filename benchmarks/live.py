"""From the start of a visitor's POST to its notice in an open inbox."""

import asyncio
import statistics
import time
from urllib.parse import urlsplit

import msgspec

from benchmarks.load import Ask
from benchmarks.world import World

NOTICE = b"event: message.added"
MESSAGES = 400
WARM_UP = 50
PAUSE_S = 0.01
TIMEOUT_S = 5.0


class Live(msgspec.Struct, frozen=True):
    """Milliseconds, over several hundred messages."""

    p50_ms: float
    p95_ms: float


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
        """Read the head of an answer, and its body where its length is known; return the first line."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        if b"content-length:" in head:
            await self.reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
        return head.split(b"\r\n")[0]


async def measure_live(address: str, world: World, cookie: str, asks: list[Ask]) -> Live:
    """Open the stream of the inbox as a browser does, then post one message after the other."""
    stream = await Wire.open(address)
    stream.send(Ask("GET", "/inbox/stream"), {"Cookie": cookie, "Accept": "text/event-stream"})
    if b" 200" not in (first := await stream.answer()):
        raise RuntimeError(f"the stream answered {first!r}")
    heard: asyncio.Queue[float] = asyncio.Queue()
    listening = asyncio.create_task(_listen(stream, heard))
    poster = await Wire.open(address)
    times = []
    try:
        for place in range(WARM_UP + MESSAGES):
            started = time.perf_counter()
            poster.send(asks[place % len(asks)], world.headers)
            at = await asyncio.wait_for(heard.get(), TIMEOUT_S)
            if b" 200" not in (first := await poster.answer()):
                raise RuntimeError(f"a message was answered {first!r}")
            times.append((at - started) * 1000)
            await asyncio.sleep(PAUSE_S)
    finally:
        listening.cancel()
        stream.writer.close()
        poster.writer.close()
    cuts = statistics.quantiles(times[WARM_UP:], n=20)
    return Live(cuts[9], cuts[18])


async def _listen(stream: Wire, heard: asyncio.Queue[float]) -> None:
    rest = b""
    while data := await stream.reader.read(65536):
        rest += data
        while NOTICE in rest:
            heard.put_nowait(time.perf_counter())
            rest = rest.partition(NOTICE)[2]
