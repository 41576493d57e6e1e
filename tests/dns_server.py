"""A real little DNS server on loopback, over UDP and TCP, with the records that a test gives it."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

MOST_UDP_BYTES = 512
"""Longer answers are cut, as they were before EDNS, so that whoever asks comes again over TCP."""


class DnsServer(asyncio.DatagramProtocol):
    """`records` maps (name, type) to texts as a zone file has them; what is in `broken` gets SERVFAIL, or no answer."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[str]] = {}
        self.broken: set[str] = set()
        self.silent: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        self.port = 0
        self._transport: Any = None

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def publish(self, name: str, kind: str, *values: str) -> None:
        """Let a name have these records and no others of the type; texts are given without quotes."""
        quoted = [_quoted(value) if kind == "TXT" else value for value in values]
        self.records[name.lower(), kind] = quoted

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._answer(data, "udp")
        if answer is not None:
            self._transport.sendto(answer, addr)

    async def serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                answer = self._answer(await reader.readexactly(length), "tcp")
                if answer is not None:
                    writer.write(struct.pack("!H", len(answer)) + answer)
                    await writer.drain()
        writer.close()

    def _answer(self, data: bytes, over: str) -> bytes | None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        if name in self.silent:
            return None
        answer = dns.message.make_response(query)
        if name in self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif found := self.records.get((name, kind)):
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *found))
        elif not any(other == name or other.endswith(f".{name}") for other, _ in self.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        wire = answer.to_wire()
        if over == "udp" and len(wire) > MOST_UDP_BYTES:
            answer.answer.clear()
            answer.flags |= dns.flags.TC
            wire = answer.to_wire()
        return wire


def _quoted(text: str) -> str:
    """Return a text in pieces of at most 255 characters, as a TXT record holds it."""
    pieces = [text[start : start + 255] for start in range(0, len(text), 255)] or [""]
    escaped = (piece.replace("\\", "\\\\").replace('"', '\\"') for piece in pieces)
    return " ".join(f'"{piece}"' for piece in escaped)


@asynccontextmanager
async def dns_server() -> AsyncIterator[DnsServer]:
    """Serve on a free port of 127.0.0.1, the same for UDP and TCP."""
    made = DnsServer()
    loop = asyncio.get_running_loop()
    tcp = await asyncio.start_server(made.serve_tcp, "127.0.0.1", 0, family=socket.AF_INET)
    made.port = tcp.sockets[0].getsockname()[1]
    udp, _ = await loop.create_datagram_endpoint(lambda: made, local_addr=made.address)
    try:
        yield made
    finally:
        udp.close()
        tcp.close()
