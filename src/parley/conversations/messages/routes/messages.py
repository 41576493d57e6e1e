"""The messages of a ticket (docs/tickets.md#replies-and-private-notes)."""

from typing import Any

from litestar import Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody

from parley.conversations.files.attachments import file_links
from parley.conversations.messages.actions import messages
from parley.conversations.messages.actions.limits import count_write, one_at_a_time
from parley.conversations.messages.queries.messages import (
    full_email_of,
    message_count,
    messages_of_ticket,
    of_ticket,
)
from parley.conversations.messages.schemas import (
    FullEmail,
    MessageOut,
    NewNote,
    NewReply,
    NoteChange,
    TicketProblem,
)
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.tickets import TICKET
from parley.kernel.dependencies import (
    ActorDependency,
    DbDependency,
    ServicesDependency,
    own_transaction,
)
from parley.kernel.errors import PlainError
from parley.kernel.http.authorization import Actor, needs
from parley.kernel.http.json_response import JsonResponse as JsonAnswer
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency import HEADER, KEEPS, keep
from parley.kernel.ids import uuid_or_none
from parley.kernel.openapi.documented import DocumentedAnswer, ErrorBody, documented
from parley.kernel.services import Services

DEFAULT_LIMIT, MAX_LIMIT = 50, 200
MESSAGE = TICKET + "/messages/{message_id:str}"
NOTE = TICKET + "/notes/{message_id:str}"
NO_EMAIL = {"detail": "This message has no full email.", "error_type": "full_email_not_found"}
BOTH = (ErrorBody, TicketProblem)
WRITES = {
    **documented(
        answers={
            200: DocumentedAnswer(
                "It repeats the last public message, sent within two minutes; this is it.", (MessageOut,)
            ),
            400: DocumentedAnswer("The body is not valid, or conversations are switched off.", BOTH),
            409: DocumentedAnswer(
                "The same message, or one with the same `Idempotency-Key`, is being sent.", BOTH
            ),
        }
    ),
    **KEEPS,
}
CHANGES = {
    403: DocumentedAnswer("The caller may not do this; it is somebody else's note.", BOTH),
    404: DocumentedAnswer("There is no such ticket or note.", BOTH),
}
EDITS = documented(
    answers={400: DocumentedAnswer("The body is not valid, or it is no private note.", BOTH), **CHANGES}
)
REMOVES = documented(answers={400: DocumentedAnswer("It is no private note.", (TicketProblem,)), **CHANGES})
FULL = documented(
    answers={404: DocumentedAnswer("There is no such ticket, or no mail behind the message.", BOTH)}
)


@get(TICKET + "/messages", guards=[needs("ticket:read")])
async def list_messages(
    key: FromPath[str], request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Page[MessageOut]:
    """List a ticket's messages and private notes, oldest first; nothing is marked as read."""
    asked = page_request(request, default=DEFAULT_LIMIT, most=MAX_LIMIT)
    ticket = await ticket_by_key(services.database, actor, key)
    count = await message_count(services.database, actor.project_id, ticket.id)
    thread = of_ticket(ticket, actor.project, file_links(services))
    found = await messages_of_ticket(services.database, thread, limit=asked.limit, offset=asked.offset)
    return page_of(request, asked, count, found)


@get(MESSAGE + "/full_email", guards=[needs("ticket:read")], opt=FULL)
async def show_full_email(
    key: FromPath[str], message_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> FullEmail:
    """Show the whole mail that a message came from; 404 for all other messages."""
    ticket = await ticket_by_key(services.database, actor, key)
    id = uuid_or_none(message_id)
    thread = of_ticket(ticket, actor.project, file_links(services))
    found = await full_email_of(services.database, thread, id) if id else None
    if found is None:
        raise PlainError(404, NO_EMAIL)
    return FullEmail(found)


@post(TICKET + "/reply", guards=[needs("ticket:write")], opt=WRITES)
async def post_reply(
    key: FromPath[str],
    data: JSONBody[NewReply],
    request: ParleyRequest,
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[MessageOut]:
    """Reply to the customer, or with `is_private` write a note that only the team sees."""
    await count_write(services, actor, "reply")
    return await _write(request, services, actor, key, data, is_private=data.is_private)


@post(TICKET + "/notes", guards=[needs("ticket:write")], opt=WRITES)
async def post_note(
    key: FromPath[str],
    data: JSONBody[NewNote],
    request: ParleyRequest,
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[MessageOut]:
    """Write a private note, which only the team sees."""
    await count_write(services, actor, "notes")
    return await _write(request, services, actor, key, data, is_private=True)


async def _write(
    request: ParleyRequest, services: Services, actor: Actor, key: str, new: NewNote, *, is_private: bool
) -> Response[MessageOut]:
    idempotency_key = request.headers.get(HEADER)
    kind: Any = {"is_private": is_private, "has_key": idempotency_key is not None}
    # Checked before there is a transaction, for which a second request might have to wait.
    async with (
        one_at_a_time(services, actor, (key.lower(), is_private, new, idempotency_key)),
        own_transaction(request, services) as db,
    ):
        message, is_new = await messages.add_message(db, services, actor, key, new, **kind)
        status = 201 if is_new else 200
        await keep(request, status, message)
    return JsonAnswer(message, status_code=status)


@patch(NOTE, guards=[needs("ticket:write")], opt=EDITS)
async def change_note(
    key: FromPath[str],
    message_id: FromPath[str],
    data: JSONBody[NoteChange],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> MessageOut:
    """Change one's own private note; `rich_content` that isn't sent is dropped."""
    await count_write(services, actor, "notes")
    return await messages.change_note(db, services, actor, key, message_id, data)


@delete(NOTE, guards=[needs("ticket:write")], opt=REMOVES)
async def remove_note(
    key: FromPath[str],
    message_id: FromPath[str],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> None:
    """Remove one's own private note."""
    await count_write(services, actor, "notes")
    await messages.remove_note(db, services, actor, key, message_id)


handlers: list[Any] = [list_messages, show_full_email, post_reply, post_note, change_note, remove_note]
