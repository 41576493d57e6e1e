"""A real little mail server, which takes mails or hangs, as a test wants."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Literal

Stage = Literal["greeting", "data"]
"""Where it hangs: before its first word, or with the whole mail in its hands."""


class MailServer:
    """What has come; `hangs_at` may be changed at any time."""

    def __init__(self, hangs_at: Stage | None) -> None:
        self.hangs_at = hangs_at
        self.port = 0
        self.n_hanging = 0
        self.taken: list[EmailMessage] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk with one client (RFC 5321), as far as the stage at which it hangs."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._pass("greeting")
            await self._say(writer, "220 mail.test")
            while True:
                verb = (await reader.readuntil(b"\r\n"))[:4].upper()
                if verb == b"DATA":
                    await self._say(writer, "354 Go on")
                    data = await reader.readuntil(b"\r\n.\r\n")
                    await self._pass("data")
                    self.taken.append(message_from_bytes(data[:-3], policy=default))
                await self._say(writer, "221 Bye" if verb == b"QUIT" else "250 OK")
                if verb == b"QUIT":
                    break
        writer.close()

    async def _pass(self, stage: Stage) -> None:
        if self.hangs_at == stage:
            self.n_hanging += 1
            await asyncio.Event().wait()

    async def _say(self, writer: asyncio.StreamWriter, line: str) -> None:
        writer.write(f"{line}\r\n".encode())
        await writer.drain()


@asynccontextmanager
async def mail_server(hangs_at: Stage | None = None) -> AsyncIterator[MailServer]:
    """Serve on a loopback address; connections that are open at the end are cut."""
    made = MailServer(hangs_at)
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.ensure_future(made.serve(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
