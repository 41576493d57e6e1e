"""How many tickets have each tag, and which ones."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, bindparam, case, func, select

from parley.accounts.access_levels.queries.visibility import access_values, visibility_of, visible_tickets
from parley.conversations.tags.schemas import TagOut
from parley.conversations.ticket_api.queries.tags import names_in_use
from parley.conversations.tickets.tables import ticket, ticket_tag
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.text.forms import normal_tag

MINE = ticket_tag.c.project_id == bindparam("project_id")
_IS_LIVE = ticket.c.deleted_at.is_(None)
_COUNTS = {
    visibility: Prepared(
        select(
            ticket_tag.c.name,
            func.sum(case((_IS_LIVE, 1), else_=0)),
            func.sum(case((and_(_IS_LIVE, ticket.c.status != "resolved"), 1), else_=0)),
        )
        .select_from(ticket_tag)
        .join(
            ticket,
            and_(ticket.c.project_id == ticket_tag.c.project_id, ticket.c.id == ticket_tag.c.ticket_id),
        )
        .where(
            MINE,
            is_one_of(ticket_tag.c.name, listed("names", ticket_tag.c.name)),
            *visible_tickets(visibility, ticket_tag.c.ticket_id),
        )
        .group_by(ticket_tag.c.name)
    )
    for visibility in ("all", "but", "only")
}


async def counted_tags(source: Db | Database, actor: Actor, names: Sequence[str]) -> list[TagOut]:
    """Return those of the tags that are on tickets which the caller sees, sorted (ix_ticket_tag_name).

    One that only deleted or merged tickets have is there, with no ticket.
    """
    read = source.rows if isinstance(source, Db) else source.read
    values = {"project_id": actor.project_id, "names": list(names), **access_values(actor)}
    rows = await read(_COUNTS[visibility_of(actor)], **values)
    return sorted((TagOut(*row) for row in rows), key=lambda one: one.name)


async def page_of_tags(
    database: Database, actor: Actor, search: str, asked: PageRequest
) -> tuple[int, list[TagOut]]:
    """Return how many tags have the text in their names, and a page of them; only those of the page are counted."""
    wanted = normal_tag(search)
    names = [name for name in await names_in_use(database, actor) if wanted in name]
    shown = names[asked.offset : asked.offset + asked.limit]
    return len(names), await counted_tags(database, actor, shown) if shown else []


async def next_with_tag(db: Db, project_id: int, name: str, after: UUID, most: int) -> list[UUID]:
    """Return the ids of the next tickets that have a tag, deleted and merged ones among them (ix_ticket_tag_name)."""
    c = ticket_tag.c
    found = await db.execute(
        select(c.ticket_id)
        .where(c.project_id == project_id, c.name == name, c.ticket_id > after)
        .order_by(c.ticket_id)
        .limit(most)
    )
    return list(found.scalars())
