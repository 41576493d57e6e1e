"""Sending: batches of one project, over some connections side by side, each answer recorded before the next mail."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from time import monotonic
from uuid import UUID

import structlog

from parley.email.letters.composing import mail_address
from parley.email.outbound.actions.batches import Outgoing, take_batch
from parley.email.outbound.actions.queue import give_up_queue
from parley.email.outbound.actions.recording import record_answers, record_failure
from parley.email.outbound.composition import composed
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Unavailable
from parley.kernel.jobs import Work
from parley.kernel.network.smtp import Answer, MailServerConnection, NoAnswer
from parley.kernel.services import Services

log = structlog.get_logger(__name__)

RUN_S = 20.0
"""How long one piece of work takes batch after batch, before others get its slot."""
CONNECTIONS = 4
PATIENCE_S = 600.0
"""How long it tries to record an answer while the database can't store. Less than the queue is leased for."""
NOT_VERIFIED = "No e-mail channel of the project is verified."


async def send_due(services: Services, work: Work) -> None:
    """Send what is due for a project, batch after batch, on connections that are kept meanwhile."""
    until = monotonic() + RUN_S
    run = SendingRun(services, work)
    try:
        while not work.stopping.is_set():
            batch = await run.next()
            if batch is None:
                return
            await run.send(batch)
            if monotonic() > until:
                break
    finally:
        await run.close()
    await run.leave()


class SendingRun:
    """One piece of work, with its connections."""

    def __init__(self, services: Services, work: Work) -> None:
        self._services, self._work = services, work
        self._project_id = work.project_id
        self._connections = [services.mailer.connection() for _ in range(CONNECTIONS)]
        self._is_server_away = False

    async def next(self) -> Sequence[Outgoing] | None:
        """Take the next batch; None when there is nothing to do."""
        async with self._work.turns, self._services.database.transaction() as db:
            return await take_batch(db, self._services, self._project_id, self._work.id)

    async def send(self, batch: Sequence[Outgoing]) -> None:
        """Send a batch: several tickets side by side, the mails of a ticket in their order."""
        self._is_server_away = False
        tickets = iter(_by_ticket(batch))
        await asyncio.gather(*(self._work_off(tickets, one) for one in self._connections))

    async def _work_off(
        self, tickets: Iterator[Sequence[Outgoing]], connection: MailServerConnection
    ) -> None:
        for mails in tickets:
            for mail in mails:
                await self._send_one(mail, connection)

    async def _send_one(self, mail: Outgoing, connection: MailServerConnection) -> None:
        """Hand over one mail and record what came of it. Once the server is away, the rest of the batch isn't tried."""
        error = None
        answers: Mapping[str, Answer] = {}
        if self._work.stopping.is_set():
            return  # it stays due
        if self._is_server_away:
            error = "The mail server can't be reached."
        elif mail.channel is None:
            error = NOT_VERIFIED
        else:
            try:
                answers = await self._hand_over(mail, connection)
            except (NoAnswer, OSError) as trouble:
                error, self._is_server_away = str(trouble), True
            except Exception as trouble:
                log.exception("mail_not_composed", email=str(mail.email.id))
                error = f"The mail could not be made: {type(trouble).__name__}."
        facts = (self._services, self._project_id, mail.email, mail.comment_ids)
        if error is None:
            await self._record(lambda db: record_answers(db, *facts, answers))
        else:
            await self._record(lambda db: record_failure(db, *facts, error))

    async def _hand_over(self, mail: Outgoing, connection: MailServerConnection) -> Mapping[str, Answer]:
        assert mail.channel is not None
        raw = await composed(self._services, mail.letter, mail.files, mail.channel)
        envelope = {mail_address(one): one for one in mail.open_recipients}
        sender = mail_address(mail.channel.from_email)
        answers = await connection.send(mail.email.message_id, sender, list(envelope), raw)
        return {envelope[address]: answer for address, answer in answers.items()}

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
        """Let others have the queue, and call for them: there may be more."""
        async with self._services.database.transaction() as db:
            await give_up_queue(db, self._project_id, self._services.clock.now())

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.gather(*(one.close() for one in self._connections))


def _by_ticket(batch: Sequence[Outgoing]) -> list[list[Outgoing]]:
    found: dict[UUID, list[Outgoing]] = {}
    for mail in batch:
        found.setdefault(mail.email.ticket_id, []).append(mail)
    return list(found.values())
