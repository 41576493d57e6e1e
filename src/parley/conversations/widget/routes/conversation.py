"""The widget's API: a visitor writes, reads, and marks as read (docs/wire/widget.md#requests-of-the-widget)."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath
from msgspec import Meta

from parley.conversations.files.attachments import file_links, with_links
from parley.conversations.files.rules.links import FOR_CUSTOMERS
from parley.conversations.files.schemas import Attachment, AttachmentOut
from parley.conversations.threads.actions.messages import receive_message
from parley.conversations.threads.queries.lists import visitor_tickets
from parley.conversations.threads.queries.messages import visitor_messages
from parley.conversations.threads.queries.threads import visitor_ticket
from parley.conversations.threads.schemas import Received
from parley.conversations.tickets.actions.customers import mark_read_by_customer
from parley.conversations.tickets.rules.comments import assistant_name
from parley.conversations.tickets.rules.fields import Status
from parley.conversations.widget.access import (
    READ_ADDRESS,
    WRITE_ADDRESS,
    check_page,
    count_request,
    project_of,
    visitor_of,
)
from parley.conversations.widget.errors import EXCEPTION_HANDLERS, in_words
from parley.conversations.widget.rules.requests import (
    MAX_ROWS,
    check_credentials,
    check_new_message,
    check_thread_query,
    check_ticket_id,
    check_tickets_query,
)
from parley.conversations.widget.schemas import (
    Caller,
    HexSignature,
    ReadOut,
    Seconds,
    ThreadOut,
    TicketListOut,
    VisitorMessage,
    WidgetMessageOut,
    WidgetProblem,
    WidgetTicketOut,
)
from parley.kernel.errors import PlainError
from parley.kernel.http.authorization import public
from parley.kernel.http.body import parse
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency import KEEPS, keep, transaction_once
from parley.kernel.openapi.documented import DocumentedAnswer, ErrorBody, Query, documented
from parley.kernel.services import Services
from parley.kernel.throttle import per_address

PREFIX = "/api/conversations/v1/widget"
MAX_BODY_BYTES = 256 * 1024
"""10,000 characters of a message take 120 KB where each of them is escaped; traits and context come on top."""
COMMON: dict[str, Any] = {
    "exception_handlers": EXCEPTION_HANDLERS,
    "request_max_body_size": MAX_BODY_BYTES,
}

# What the OpenAPI document says of these routes, which read everything by hand.
CALLER = [
    Query("widget_session_id", "The session of the widget.", UUID),
    Query("identity_distinct_id", "Whom the site's server has signed for."),
    Query("identity_hash", "That signature.", HexSignature),
    Query("identity_email", "An e-mail address that the site's server has signed."),
    Query("identity_hash_email", "That signature.", HexSignature),
    Query("identity_exp_email", "When the signed address expires, in seconds since 1970.", Seconds),
]
LIMIT = Query("limit", "How many to return at most.", Annotated[int, Meta(ge=1, le=MAX_ROWS)])
DOCUMENTED: dict[str, Any] = {
    "problem": WidgetProblem,
    "credentials": "widgetToken",
    "errors": {
        404: "There is no such ticket.",
        429: "Too many requests.",
    },
    "answers": {
        403: DocumentedAnswer(
            "The token is missing or not valid, or the caller may not do this.", (WidgetProblem, ErrorBody)
        )
    },
}
WRITE = documented(body=VisitorMessage, **DOCUMENTED)
READ = documented(body=Caller, **DOCUMENTED)
THREAD = documented(
    query=[*CALLER, Query("after", "Only messages later than this.", datetime), LIMIT], **DOCUMENTED
)
TICKETS = documented(
    query=[
        *CALLER,
        Query(
            "status",
            "Only tickets of this status.",
            Status,
        ),
        LIMIT,
        Query("offset", "How many to skip.", Annotated[int, Meta(ge=0)]),
    ],
    **DOCUMENTED,
)

reads, writes = per_address(*READ_ADDRESS), per_address(*WRITE_ADDRESS)


async def _body(request: ParleyRequest) -> dict[str, Any]:
    """Return the fields of the body; what no database stores is repaired, since nobody at the other end could."""
    return parse(await request.body(), request.headers.get("content-type", ""), repairs=True)


@post(f"{PREFIX}/message", guards=[public, writes], status_code=200, opt={**WRITE, **KEEPS}, **COMMON)
async def send_message(request: ParleyRequest) -> Received:
    """Store a visitor's message, in a new ticket or in one of theirs."""
    services: Services = request.app.state.services
    project = await project_of(request)
    fields = await _body(request)
    await count_request(request, project, fields, "write")
    if fields.get("_hp"):
        raise PlainError(400, {"error": "Invalid request"})
    check_page(request, project)
    credentials, message = check_new_message(fields, project.settings)
    visitor = await visitor_of(services, project, credentials)
    # Opened this late, so that a refused request costs the database nothing.
    async with transaction_once(
        request, services, project_id=project.id, caller=credentials.caller, in_words=in_words
    ) as db:
        received = await receive_message(db, services, project, message, visitor)
        await keep(request, 200, received)
    return received


@get(PREFIX + "/messages/{ticket_id:str}", guards=[public, reads], opt=THREAD, **COMMON)
async def show_thread(request: ParleyRequest, ticket_id: FromPath[str]) -> ThreadOut:
    """Show the public messages of one of the visitor's tickets, oldest first."""
    services: Services = request.app.state.services
    project = await project_of(request)
    await count_request(request, project, request.query_params, "read")
    wanted = check_thread_query(request.query_params)
    id_ = check_ticket_id(ticket_id)
    visitor = await visitor_of(services, project, wanted.credentials)
    read = services.database.read
    ticket = await visitor_ticket(read, project.id, id_, visitor)
    found = await visitor_messages(read, project.id, ticket, after=wanted.after, limit=wanted.limit)
    name = assistant_name(project.settings)
    files = [_files_of(services, project.id, message.attachments) for message in found]
    messages = [
        WidgetMessageOut.of(message, ticket, name, of) for message, of in zip(found, files, strict=True)
    ]
    unread = ticket.unread_customer_count
    return ThreadOut(ticket.id, ticket.status, unread, messages, len(messages) == wanted.limit)


def _files_of(services: Services, project_id: int, text: str | None) -> list[AttachmentOut]:
    """Return the files of a message, with links that work for as long as a widget stays open."""
    if text is None:
        return []
    found = msgspec.json.decode(text, type=list[Attachment])
    return with_links(found, project_id, file_links(services), FOR_CUSTOMERS)


@get(f"{PREFIX}/tickets", guards=[public, reads], opt=TICKETS, **COMMON)
async def list_tickets(request: ParleyRequest) -> TicketListOut:
    """Show the visitor's tickets, newest first."""
    services: Services = request.app.state.services
    project = await project_of(request)
    await count_request(request, project, request.query_params, "read")
    wanted = check_tickets_query(request.query_params)
    visitor = await visitor_of(services, project, wanted.credentials)
    async with services.database.transaction(write=False) as db:
        count, found = await visitor_tickets(
            db, project.id, visitor, status=wanted.status, limit=wanted.limit, offset=wanted.offset
        )
    return TicketListOut(count, [WidgetTicketOut.of(ticket) for ticket in found])


@post(PREFIX + "/messages/{ticket_id:str}/read", guards=[public, writes], status_code=200, opt=READ, **COMMON)
async def read_thread(request: ParleyRequest, ticket_id: FromPath[str]) -> ReadOut:
    """Mark one of the visitor's tickets as read by the visitor."""
    services: Services = request.app.state.services
    project = await project_of(request)
    fields = await _body(request)
    await count_request(request, project, fields, "write")
    credentials = check_credentials(fields)
    id_ = check_ticket_id(ticket_id)
    visitor = await visitor_of(services, project, credentials)
    ticket = await visitor_ticket(services.database.read, project.id, id_, visitor)
    if ticket.unread_customer_count:
        async with services.database.transaction() as db:
            await mark_read_by_customer(db, services, project.id, ticket.id)
    return ReadOut()
