"""The API of drafts (docs/tickets.md#drafts)."""

from typing import Any

from litestar import delete, get, put
from litestar.params import FromPath, JSONBody

from parley.conversations.drafts import actions
from parley.conversations.drafts.queries import draft_of
from parley.conversations.drafts.schemas import DraftOut, NewDraft
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.tickets import TICKET
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs

DRAFT = TICKET + "/draft"


@get(DRAFT, guards=[needs("ticket:read")])
async def show_draft(key: FromPath[str], db: DbDependency, actor: ActorDependency) -> DraftOut:
    """Show what the caller has written on the ticket and not sent; nobody else sees it."""
    return await draft_of(db, actor, (await ticket_by_key(db, actor, key)).id)


@put(DRAFT, guards=[needs("ticket:write")])
async def keep_draft(
    key: FromPath[str],
    data: JSONBody[NewDraft],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> DraftOut:
    """Keep what the caller is writing on the ticket, in the place of what was kept before."""
    return await actions.keep_draft(db, services, actor, key, data)


@delete(DRAFT, guards=[needs("ticket:write")])
async def drop_draft(key: FromPath[str], db: DbDependency, actor: ActorDependency) -> None:
    """Drop the caller's draft on the ticket; there may be none."""
    await actions.drop_draft(db, actor, key)


handlers: list[Any] = [show_draft, keep_draft, drop_draft]
