"""A mail server that says what a test wants it to say (RFC 5321), and notes what it has taken."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

HANG_LATE = "hang after taking"


@dataclass
class Taken:
    """A mail that the server has said yes to, with its envelope."""

    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=default)


@dataclass
class SmtpPeer:
    """`refuses` says what it answers for a recipient, `at_data` after a mail: a line, or what it does without a word.

    With `hang` it waits for ever, with the whole mail in its hands, and with `drop` it closes the connection. With
    HANG_LATE and `late` it does the same and has taken the mail.
    """

    greeting: str = "220 peer.test ESMTP"
    extensions: Sequence[str] = ("SIZE 30000000", "8BITMIME")
    refuses: dict[str, str] = field(default_factory=dict)
    at_mail: str = "250 OK"
    at_data: str = "250 2.0.0 Queued"
    closes_after: int = 0  # mails on one connection; 0 for as many as come
    port: int = 0
    n_connections: int = 0
    taken: list[Taken] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.n_connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender, n_mails = "", 0
        recipients: list[str] = []
        await say(writer, self.greeting)
        while True:
            line = (await reader.readuntil(b"\r\n")).decode().strip()
            verb, argument = line[:4].upper(), line.partition(":")[2].strip()
            self.commands.append(line)
            if verb == "EHLO":
                await say(writer, "250-peer.test", *[f"250-{one}" for one in self.extensions], "250 HELP")
            elif verb == "MAIL":
                sender, recipients = argument.split("<")[1].split(">")[0], []
                await say(writer, self.at_mail)
            elif verb == "RCPT":
                address = argument.split("<")[1].split(">")[0]
                answer = self.refuses.get(address, "250 OK")
                recipients += [address] if answer.startswith("250") else []
                await say(writer, answer)
            elif verb == "DATA":
                at_data = self.at_data  # as it is when a test sees the command
                await say(writer, "354 Go on")
                raw = (await reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
                await self._take(writer, Taken(sender, recipients, raw), at_data)
                n_mails += 1
                if self.closes_after and n_mails >= self.closes_after:
                    return
            elif verb == "QUIT":
                await say(writer, "221 Bye")
                return
            else:
                await say(writer, "250 OK")

    async def _take(self, writer: asyncio.StreamWriter, mail: Taken, at_data: str) -> None:
        if at_data == "hang":
            await asyncio.Event().wait()
        if at_data in ("late", HANG_LATE) or at_data.startswith("2"):
            self.taken.append(mail)
        if at_data == HANG_LATE:
            await asyncio.Event().wait()
        if at_data in ("drop", "late"):
            raise ConnectionError
        await say(writer, at_data)


async def say(writer: asyncio.StreamWriter, *lines: str) -> None:
    """Send lines; a lone surrogate is a byte that is no UTF-8."""
    writer.write("".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape"))
    await writer.drain()


@asynccontextmanager
async def smtp_peer(**script: object) -> AsyncIterator[SmtpPeer]:
    """Serve on a loopback address; connections that are open at the end are cut."""
    made = SmtpPeer(**script)  # type: ignore[arg-type]
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.ensure_future(made.serve(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=2**26)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
