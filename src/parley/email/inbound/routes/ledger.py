"""The ledger of inbound mail: listed, shown raw, and replayed (docs/email-inbound.md)."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Stream

from parley.email.inbound import PATH
from parley.email.inbound.access import check_may_read
from parley.email.inbound.actions import replaying
from parley.email.inbound.filters import ledger_filters
from parley.email.inbound.queries.ledger import inbound_message_by_id, ledger_page, raw_key_of
from parley.email.inbound.rules.states import STATES
from parley.email.inbound.schemas import InboundMessageOut, InboundMessagePage, LedgerPlace, Source
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import needs
from parley.kernel.http.paging import page_request
from parley.kernel.http.request import ParleyRequest, uuid_in_path
from parley.kernel.openapi.documented import DocumentedAnswer, Query, documented
from parley.kernel.storage.errors import NoSuchObject
from parley.kernel.text.cursors import encoded_cursor

ONE = f"{PATH}/{{inbound_id:str}}"
QUERY = [
    Query("state", f"Only mails in these states, separated by commas: {', '.join(STATES)}."),
    Query("source", "Only mails that came in this way.", Source),
    Query("channel_id", "Only mails of this e-mail channel.", UUID),
    Query("from_address", "Only mails of this sender, in any letter case."),
    Query("message_id", "Only mails with this Message-ID."),
    Query("ticket_id", "Only mails of this ticket.", UUID),
    Query("search", "Only mails whose subject or sender holds this text."),
    Query("date_from", "Only mails that came in then or later.", datetime),
    Query("date_to", "Only mails that came in then or before.", datetime),
    Query("limit", "How many to return at most: 100, or up to 1000.", int),
    Query("after_mark", "Where the page begins, from `next`."),
]
RAW_HEADERS = {"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, no-store"}


@get(PATH, guards=[needs("ticket:read")], opt=documented(query=QUERY))
async def list_inbound_messages(
    request: ParleyRequest, actor: ActorDependency, db: DbDependency
) -> InboundMessagePage:
    """List the mails that came in, newest first, with what became of each; for who may see every ticket.

    With `search`, `source` or `channel_id`, a page looks at the newest 10,000 mails that the other filters leave. It may
    have fewer results than `limit`, even none, and a `next` that goes on behind them.
    """
    check_may_read(actor)
    limit = page_request(request).limit
    results, last = await ledger_page(db, actor.project_id, ledger_filters(request.query_params), limit)
    cursor = encoded_cursor(LedgerPlace(last)) if last else None
    return InboundMessagePage(
        next=request.url_with({"after_mark": cursor}) if cursor else None, results=results
    )


@get(ONE, guards=[needs("ticket:read")])
async def show_inbound_message(
    inbound_id: FromPath[str], actor: ActorDependency, db: DbDependency
) -> InboundMessageOut:
    """Show one mail that came in, and what became of it; for who may see every ticket."""
    check_may_read(actor)
    return await inbound_message_by_id(db, actor.project_id, uuid_in_path(inbound_id))


@get(
    f"{ONE}/raw",
    guards=[needs("ticket:read")],
    opt=documented(answers={200: DocumentedAnswer("The mail as it came.", (str,))}),
)
async def show_raw_mail(
    inbound_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Stream:
    """Show the raw mail as text, byte for byte as it came in; for who may see every ticket."""
    check_may_read(actor)
    async with services.database.transaction(write=False) as db:
        key = await raw_key_of(db, actor.project_id, uuid_in_path(inbound_id))
    try:
        found = await services.storage.open(key)
    except NoSuchObject as error:
        raise NotFound from error
    chunks: AsyncIterator[bytes] = found.chunks
    return Stream(chunks, media_type="text/plain", headers=RAW_HEADERS)


@post(f"{ONE}/replay", guards=[needs("ticket:write")], status_code=200)
async def replay_inbound_message(
    inbound_id: FromPath[str], actor: ActorDependency, db: DbDependency
) -> InboundMessageOut:
    """Interpret a mail once more; what was ignored becomes a message. Where its message is there, nothing happens."""
    return await replaying.replay(db, actor, uuid_in_path(inbound_id))


handlers: list[Any] = [list_inbound_messages, show_inbound_message, show_raw_mail, replay_inbound_message]
