"""The API of drafts (docs/tickets.md#drafts)."""

from typing import Any

from litestar import delete, get, put
from litestar.params import FromPath, JSONBody

from parley.conversations.drafts import actions
from parley.conversations.drafts.queries import draft_of
from parley.conversations.drafts.schemas import DraftOut, MessageDraft, NewDraft
from parley.conversations.files.attachments import file_links, shown_file
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.tickets import TICKET
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.services import Services

DRAFT = TICKET + "/draft"


@get(DRAFT, guards=[needs("ticket:read")])
async def show_draft(
    key: FromPath[str], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> DraftOut:
    """Show what the caller has written on the ticket and not sent; nobody else sees it."""
    return _shown(services, await draft_of(db, actor, (await ticket_by_key(db, actor, key)).id))


@put(DRAFT, guards=[needs("ticket:write")])
async def keep_draft(
    key: FromPath[str],
    data: JSONBody[NewDraft],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> DraftOut:
    """Keep what the caller is writing on the ticket, in the place of what was kept before."""
    return _shown(services, await actions.keep_draft(db, services, actor, key, data))


@delete(DRAFT, guards=[needs("ticket:write")])
async def drop_draft(
    key: FromPath[str], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> None:
    """Drop the caller's draft on the ticket; there may be none."""
    await actions.drop_draft(db, services, actor, key)


def _shown(services: Services, draft: MessageDraft) -> DraftOut:
    links = file_links(services)
    return DraftOut(
        message=draft.message,
        rich_content=draft.rich_content,
        is_private=draft.is_private,
        actions=draft.actions,
        updated_at=draft.updated_at,
        files=[shown_file(one, links) for one in draft.files],
    )


handlers: list[Any] = [show_draft, keep_draft, drop_draft]
