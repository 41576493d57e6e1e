"""What the door answers to each command, and what becomes of a mail: 250 only when it is durable."""

import ssl
from email.utils import format_datetime
from typing import Any
from uuid import UUID

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from parley.email.channels.queries import channel_by_token
from parley.email.channels.rules import token_of_recipient
from parley.email.channels.schemas import EmailChannel
from parley.email.inbound.actions.receiving import receive
from parley.email.inbound.schemas import IncomingMail
from parley.email.sender_verification import verification
from parley.email.smtp_listener.limits import (
    COMMANDS,
    CONNECTION_S,
    MAX_MAIL_BYTES,
    MOST_HELD_BYTES,
    MOST_HOPS,
    MOST_UNKNOWN,
    SILENCE_S,
    Admission,
)
from parley.kernel.errors import AppError
from parley.kernel.network.addresses import network_of
from parley.kernel.network.domains import ascii_domain
from parley.kernel.services import Services

log = structlog.get_logger(__name__)

AWAY = "451 4.3.0 The mail can't be stored at the moment, please try again later"
UNKNOWN = "550 5.1.1 There is no such mailbox here"
NO_RELAY = "550 5.7.1 This server takes no mail for that domain"
TOO_MANY_UNKNOWN = "421 4.7.0 Too many unknown recipients"
LOOP = "554 5.4.6 The mail goes in circles"
FULL = "421 4.3.2 Too many connections, please try again later"


class Door:
    """The handler of one listener (aiosmtpd's hooks); what belongs to a connection is in its session."""

    def __init__(self, services: Services, host: str) -> None:
        self._services, self._host = services, host

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Say what the door can do; nobody signs in here."""
        session.host_name = hostname
        return [line for line in responses if not line.startswith("250-AUTH")]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take mail for the forwarding addresses of channels that are connected."""
        if ascii_domain(address.rpartition("@")[2].lower()) != self._services.settings.inbound_domain:
            return self._unknown(server, session, NO_RELAY)
        try:
            channel = await self._channel(address)
        except AppError:
            return AWAY
        if channel is None:
            return self._unknown(server, session, UNKNOWN)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def _channel(self, address: str) -> EmailChannel | None:
        token = token_of_recipient(address)
        if token is None:
            return None
        async with self._services.database.transaction(write=False) as db:
            return await channel_by_token(db, token)

    def _unknown(self, server: SMTP, session: Session, answer: str) -> str:
        """Return the answer; who tries out one address after the other is sent away."""
        n_unknown: int = getattr(session, "n_unknown", 0) + 1
        session.n_unknown = n_unknown  # type: ignore[attr-defined]
        if n_unknown < MOST_UNKNOWN:
            return answer
        if server.transport is not None:
            server.loop.call_later(0.1, server.transport.close)
        return TOO_MANY_UNKNOWN

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Store a mail for each of its channels. Where one of them can't, the sender brings it again to all."""
        mail = bytes(envelope.original_content or b"")
        head, _, _ = mail[: verification.MAX_HEAD_BYTES].partition(b"\r\n\r\n")
        if head.lower().count(b"\nreceived:") > MOST_HOPS:
            return LOOP
        try:
            await self._take(mail, session, envelope)
        except AppError as error:
            log.warning("mail_not_taken", error=error.detail)
            return AWAY
        except Exception:
            log.exception("mail_not_taken")
            return AWAY
        return "250 2.0.0 The mail is stored"

    async def _take(self, mail: bytes, session: Session, envelope: Envelope) -> None:
        facts = verification.Envelope(
            client=_address(session),
            helo=_printable(session.host_name),
            mail_from=_without_brackets(envelope.mail_from),
        )
        channels: dict[tuple[int, UUID], tuple[EmailChannel, str]] = {}
        for address in envelope.rcpt_tos:
            channel = await self._channel(address)
            if channel is not None:  # disconnected since then: nobody is there to read it
                channels.setdefault((channel.project_id, channel.id), (channel, address))
        results = await verification.verified(self._services, facts, mail)
        traced = self._trace(facts, is_encrypted=session.ssl is not None) + mail
        for channel, address in channels.values():
            incoming = IncomingMail(
                channel=channel,
                source="smtp",
                raw=traced,
                recipient=address,
                envelope_from=facts.mail_from or None,
                authentication=results,
            )
            await receive(self._services, incoming)

    def _trace(self, facts: verification.Envelope, *, is_encrypted: bool) -> bytes:
        """Return the field that says how the mail came here (RFC 5321, section 4.4)."""
        with_ = "ESMTPS" if is_encrypted else "ESMTP"
        now = format_datetime(self._services.clock.now())
        line = f"Received: from {facts.helo} ([{facts.client}])\r\n by {self._host} with {with_}; {now}\r\n"
        return line.encode("ascii", "replace")


def _address(session: Session) -> str:
    peer: Any = session.peer
    return str(peer[0])


def _without_brackets(address: str | None) -> str:
    """Return a return path; the empty one of bounces is `<>`."""
    return (address or "").removeprefix("<").removesuffix(">")


def _printable(text: str | None) -> str:
    """Return what a client calls itself as it may stand in a header."""
    kept = "".join(letter for letter in text or "" if letter.isascii() and letter.isprintable())
    return kept.replace(" ", "")[:255] or "unknown"


class DoorConnection(SMTP):
    """One connection: aiosmtpd's protocol, with our limits around it."""

    line_length_limit = 256 * 1024
    """Lines of mails are longer than RFC 5321 allows (998) more often than one would think."""

    def __init__(self, door: Door, admission: Admission, host: str, tls: ssl.SSLContext | None) -> None:
        super().__init__(
            door,
            data_size_limit=MAX_MAIL_BYTES,
            enable_SMTPUTF8=True,
            hostname=host,
            ident="Parley",
            tls_context=tls,
            timeout=SILENCE_S,
            auth_exclude_mechanism=("LOGIN", "PLAIN"),
            command_call_limit=dict(COMMANDS),
        )
        self._admission = admission
        self._network: str | None = None
        self._end: Any = None
        self._held: int | None = None  # bytes of the mail that is being sent

    def connection_made(self, transport: Any) -> None:
        """Let the client in, unless too many are there; also called once a connection is encrypted."""
        if self._network is None:
            network = network_of((transport.get_extra_info("peername") or ("",))[0])
            if not self._admission.enter(network):
                transport.write(f"{FULL}\r\n".encode())
                transport.close()
                self.transport = None
                return
            self._network = network
            self._end = self.loop.call_later(CONNECTION_S, transport.close)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the client."""
        if self._network is None:
            return
        self._end.cancel()
        self._release()
        self._admission.leave(self._network)
        super().connection_lost(error)

    def eof_received(self) -> bool | None:
        return super().eof_received() if self._network is not None else False

    def data_received(self, data: bytes) -> None:
        """Count what is held of a mail; the connection is cut when all of them take too much together."""
        if self._network is None:
            return
        if self._held is not None:
            self._held += len(data)
            self._admission.held_bytes += len(data)
            if self._admission.held_bytes > MOST_HELD_BYTES and self.transport is not None:
                log.warning("mail_cut_off", held_bytes=self._admission.held_bytes)
                self._release()
                self.transport.close()
                return
        super().data_received(data)

    def _release(self) -> None:
        if self._held is not None:
            self._admission.end_mail(self._held)
            self._held = None

    async def smtp_DATA(self, arg: str) -> None:
        """Read a mail, and hand it over."""
        self._held = 0
        self._admission.begin_mail()
        try:
            await super().smtp_DATA(arg)
        finally:
            self._release()
