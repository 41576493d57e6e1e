"""Mails of test addresses, for programs (docs/email.md#try-mail-without-a-mail-server)."""

from typing import Any

from litestar import get, post
from litestar.params import FromPath, JSONBody

from parley.conversations.messages.actions.limits import count_write
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.tickets import TICKET
from parley.email.channels.queries import channel_to_change
from parley.email.delivery.customer_mail import (
    answer_as_customer,
    check_may_answer,
    write_as_customer,
)
from parley.email.delivery.kept import KeptEmail, kept_mails, test_conversation
from parley.email.delivery.schemas import (
    CustomersAnswer,
    CustomersFirstMail,
    KeptHeader,
    KeptMailOut,
    ReceivedMail,
)
from parley.email.inbound.actions.receiving import keep_raw, record
from parley.email.inbound.schemas import IncomingMail
from parley.kernel.dependencies import ActorDependency, ServicesDependency, own_transaction
from parley.kernel.errors import AppError, NotFound
from parley.kernel.http.authorization import needs
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency import KEEPS, Replayed, keep
from parley.kernel.services import Services

CHANNEL = "/api/projects/{project_id:str}/conversations/email_channels/{channel_id:str}"


@get(f"{TICKET}/kept_mails", guards=[needs("ticket:read")])
async def list_kept_mails(
    key: FromPath[str], request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Page[KeptMailOut]:
    """List the latest mails of a conversation of a test address, newest first; none for every other conversation."""
    ticket = await ticket_by_key(services.database, actor, key)
    conversation = await test_conversation(services, actor.project_id, ticket)
    mails = await kept_mails(services, conversation) if conversation else []
    asked = page_request(request)
    shown = [_shown(one) for one in mails[asked.offset : asked.offset + asked.limit]]
    return page_of(request, asked, len(mails), shown)


def _shown(mail: KeptEmail) -> KeptMailOut:
    return KeptMailOut(
        id=mail.id,
        to=mail.to,
        subject=mail.subject,
        created_at=mail.at,
        headers=[KeptHeader(*one) for one in mail.headers],
        text=mail.text,
        html=mail.html,
        files=mail.files,
        source=mail.source,
    )


@post(f"{TICKET}/answer_as_customer", guards=[needs("ticket:write")], opt=KEEPS)
async def answer_mail_as_customer(
    key: FromPath[str],
    data: JSONBody[CustomersAnswer],
    request: ParleyRequest,
    actor: ActorDependency,
    services: ServicesDependency,
) -> ReceivedMail:
    """Have the customer of a test address answer: a mail comes in, as a real one would."""
    ticket = await ticket_by_key(services.database, actor, key)
    check_may_answer(ticket)
    conversation = await test_conversation(services, actor.project_id, ticket)
    if conversation is None:
        raise NotFound("This conversation has no test address.")
    await count_write(services, actor, "reply")
    subject = ticket.email_subject or ""
    return await _taken(
        request, services, await answer_as_customer(services, conversation, subject, data.message)
    )


@post(f"{CHANNEL}/write_as_customer", guards=[needs("ticket:write")], opt=KEEPS)
async def write_to_test_address(
    channel_id: FromPath[str],
    data: JSONBody[CustomersFirstMail],
    request: ParleyRequest,
    actor: ActorDependency,
    services: ServicesDependency,
) -> ReceivedMail:
    """Have somebody write to a test address: a mail comes in, as a real one would. For who may change the channel."""
    async with services.database.transaction(write=False) as db:
        channel = (await channel_to_change(db, actor, channel_id)).channel
    await count_write(services, actor, "compose")
    mail = write_as_customer(services, channel, data.from_address, data.subject, data.message)
    return await _taken(request, services, mail)


async def _taken(request: ParleyRequest, services: Services, mail: IncomingMail) -> ReceivedMail:
    """Take a mail in, once for each `Idempotency-Key`; no transaction waits for the storage of its raw form."""
    kept = await keep_raw(services, mail)
    try:
        async with own_transaction(request, services) as db:
            received = ReceivedMail(await record(db, mail, kept))
            await keep(request, 201, received)
    except (AppError, Replayed):
        await services.storage.delete([kept.raw_key])
        raise
    return received


handlers: list[Any] = [list_kept_mails, answer_mail_as_customer, write_to_test_address]
