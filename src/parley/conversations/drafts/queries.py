"""Drafts, found through whoever wrote them."""

from collections.abc import Collection, Sequence
from uuid import UUID

from msgspec import structs
from sqlalchemy import bindparam, select

from parley.conversations.drafts.schemas import MessageDraft
from parley.conversations.drafts.tables import message_draft
from parley.conversations.files.queries import files_of_draft
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor

_c = message_draft.c
_DRAFT = StructColumns(MessageDraft, message_draft, message=_c.content)
_OWN = Prepared(
    select(*_DRAFT.columns).where(
        _c.project_id == bindparam("project_id"),
        _c.user_id == bindparam("user_id"),
        _c.ticket_id == bindparam("ticket_id"),
    )
)


async def draft_of(source: Db | Database, actor: Actor, ticket_id: UUID) -> MessageDraft:
    """Return the caller's draft on a ticket (primary key); raises NotFound where there is none."""
    read = source.rows if isinstance(source, Db) else source.read
    found = await read(_OWN, project_id=actor.project_id, user_id=actor.user_id, ticket_id=ticket_id)
    if not found:
        raise NotFound("You have no draft on this ticket.")
    return structs.replace(_DRAFT(found[0]), files=await files_of_draft(source, actor, ticket_id))


async def first_draft_of(
    source: Db | Database, actor: Actor, ticket_ids: Sequence[UUID]
) -> MessageDraft | None:
    """Return the caller's draft on the first of some tickets that has one (primary key)."""
    for ticket_id in ticket_ids:
        try:
            return await draft_of(source, actor, ticket_id)
        except NotFound:
            continue
    return None


async def ids_of_numbers(db: Db, actor: Actor, numbers: Collection[int]) -> Sequence[UUID]:
    """Return the ids of tickets by their numbers (unique index on project and number)."""
    if not numbers:
        return ()
    found = select(ticket.c.id).where(ticket.c.project_id == actor.project_id, ticket.c.number.in_(numbers))
    return (await db.execute(found)).scalars().all()
