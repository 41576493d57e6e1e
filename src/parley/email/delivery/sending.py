"""Sending: batches of one project, over some connections side by side, each answer recorded before the next mail."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from time import monotonic
from uuid import UUID

import structlog

from parley.email.channels.schemas import EmailChannel
from parley.email.delivery.outgoing import Outgoing, outgoing_mails
from parley.email.letters.composing import mail_address
from parley.email.letters.composition import composed
from parley.email.letters.signing import SigningKey
from parley.email.outbound.actions.batches import take_batch
from parley.email.outbound.actions.queue import leave_queue
from parley.email.outbound.actions.recording import record_answers, record_failure
from parley.email.outbound.rules.states import KEPT
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Unavailable
from parley.kernel.jobs import Work
from parley.kernel.network.smtp import Answer, MailServerConnection, NoAnswer
from parley.kernel.services import Services

log = structlog.get_logger(__name__)

RUN_S = 20.0
"""How long one piece of work goes on, before others get its slot."""
CONNECTIONS = 4
PAUSE_S = 0.5
"""How long an idle connection waits at most while another one is busy, before it looks for new mails or ends."""
PATIENCE_S = 600.0
"""How long it tries to record an answer while the database can't store. Less than the queue is leased for."""
NOT_VERIFIED = "No e-mail channel of the project is verified."
AWAY = "The mail server can't be reached."


async def send_due(services: Services, work: Work) -> None:
    """Send what is due for a project, on some connections side by side, until there is no more."""
    async with aclosing(SendingRun(services, work)) as run:
        await run.go_on()
    await run.leave()


class SendingRun:
    """One piece of work, with its connections.

    A slow mail keeps one connection busy while the others go on. Mails of a ticket go out one after the other.
    """

    def __init__(self, services: Services, work: Work) -> None:
        self._services, self._work = services, work
        self._project_id = work.project_id
        self._connections = [services.mailer.connection() for _ in range(CONNECTIONS)]
        self._until = monotonic() + RUN_S
        self._waiting: dict[UUID, list[Outgoing]] = {}  # by ticket
        self._busy: dict[UUID, list[Outgoing]] = {}
        self._keys: dict[str, SigningKey] = {}  # by their encrypted form, which differs from domain to domain
        self._refilling = asyncio.Lock()
        self._nobody_busy = asyncio.Event()
        self._is_server_away = False
        self._is_mine = False

    async def go_on(self) -> None:
        """Send until nothing is due, or the time is over. What ends one connection is raised once the others are done.

        Whoever began anew before that would send once more what they have in their hands.
        """
        each = (self._work_off(one) for one in self._connections)
        for ended in await asyncio.gather(*each, return_exceptions=True):
            if ended is not None:
                raise ended

    async def _work_off(self, connection: MailServerConnection) -> None:
        while not self._work.stopping.is_set() and await self._refill():
            if not self._waiting:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._nobody_busy.wait(), PAUSE_S)
                continue
            self._nobody_busy.clear()
            ticket_id = next(iter(self._waiting))
            mails = self._busy[ticket_id] = self._waiting.pop(ticket_id)
            try:
                for mail in mails:  # more may join them meanwhile
                    await self._send_one(mail, connection)
            finally:
                del self._busy[ticket_id]
                if not self._busy:
                    self._nobody_busy.set()

    async def _refill(self) -> bool:
        """See to it that mails wait; say whether there are any, or whether some connection is still busy."""
        async with self._refilling:
            if not self._waiting and (self._busy or monotonic() <= self._until):
                async with self._work.turns, self._services.database.transaction() as db:
                    in_hand = [mail.email.id for mails in self._busy.values() for mail in mails]
                    facts = (db, self._services, self._project_id)
                    taken = await take_batch(*facts, self._work.id, in_hand)
                    batch = await outgoing_mails(*facts, taken or ())
                self._is_mine = taken is not None
                for mail in batch:
                    ticket_id = mail.email.ticket_id
                    place = self._busy if ticket_id in self._busy else self._waiting
                    place.setdefault(ticket_id, []).append(mail)
            return bool(self._waiting or self._busy)

    async def _send_one(self, mail: Outgoing, connection: MailServerConnection) -> None:
        """Hand over one mail and record what came of it. Once the server is away, no more are tried."""
        if self._work.stopping.is_set():
            return  # it stays due
        error = AWAY if self._is_server_away else NOT_VERIFIED if mail.channel is None else None
        answers: Mapping[str, Answer] = {}
        if error is None and mail.open_recipients:
            try:
                answers = await self._hand_over(mail, connection)
            except NoAnswer as trouble:
                error, self._is_server_away = str(trouble), trouble.is_away or self._is_server_away
                log.warning("mail_waits", email=str(mail.email.id), error=error)
            except Unavailable as away:
                error = f"The mail can't be made at the moment. {away.detail}"
                log.warning("mail_waits", email=str(mail.email.id), error=error)
            except Exception as trouble:
                log.exception("mail_not_sent", email=str(mail.email.id))
                error = f"The mail could not be made: {type(trouble).__name__}."
        facts = (self._services, self._project_id, mail.email, mail.comment_ids)
        if error is None:
            await self._record(lambda db: record_answers(db, *facts, answers))
        else:
            await self._record(lambda db: record_failure(db, *facts, error))

    async def _hand_over(self, mail: Outgoing, connection: MailServerConnection) -> Mapping[str, Answer]:
        assert mail.channel is not None
        if mail.channel.is_test:
            return dict.fromkeys(mail.open_recipients, Answer(250, KEPT))
        raw = await composed(self._services, mail.letter, mail.files, self._key_of(mail.channel))
        envelope = {mail_address(one): one for one in mail.open_recipients}
        sender = mail_address(mail.channel.from_email)
        answers = await connection.send(mail.email.message_id, sender, list(envelope), raw)
        return {envelope[address]: answer for address, answer in answers.items()}

    def _key_of(self, channel: EmailChannel) -> SigningKey:
        encrypted = channel.dkim_private_key
        if encrypted not in self._keys:
            private_key = self._services.vault.decrypt(encrypted)
            self._keys[encrypted] = SigningKey(channel.domain, channel.dkim_selector, private_key)
        return self._keys[encrypted]

    async def _record(self, store: Callable[[Db], Awaitable[None]]) -> None:
        """Store what came of a mail, however long the database can't: it would be sent again otherwise."""
        until = monotonic() + PATIENCE_S
        while True:
            try:
                async with self._services.database.transaction() as db:
                    return await store(db)
            except Unavailable:
                if monotonic() > until:
                    raise
            await asyncio.sleep(0.5)

    async def leave(self) -> None:
        """Let others have the queue, if it is this work's, and call for them where more is due."""
        if self._is_mine:
            async with self._services.database.transaction() as db:
                await leave_queue(db, self._project_id, self._services.clock.now())

    async def aclose(self) -> None:
        """Close the connections."""
        await asyncio.gather(*(one.close() for one in self._connections))
