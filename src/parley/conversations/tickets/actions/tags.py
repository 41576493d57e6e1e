"""Tags of tickets."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, delete, insert

from parley.conversations.ticket_changes.rules.log import Retagged
from parley.conversations.tickets.queries.tickets import renamed_rows, tag_names
from parley.conversations.tickets.tables import ticket_tag
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db


async def replace_tags(db: Db, project_id: int, ticket_id: UUID, wanted: Sequence[str]) -> Retagged:
    """Give a ticket exactly these tags; say what has changed."""
    present = await tag_names(db, project_id, ticket_id)
    if list(wanted) == present:
        return Retagged()
    gone = [name for name in present if name not in wanted]
    if gone:
        mine = (ticket_tag.c.project_id == project_id, ticket_tag.c.ticket_id == ticket_id)
        await db.execute(delete(ticket_tag).where(*mine, ticket_tag.c.name.in_(gone)))
    added = [name for name in wanted if name not in present]
    await add_tags(db, project_id, ticket_id, added)
    return Retagged(added, gone)


_INSERT_TAG = Prepared(
    insert(ticket_tag).values(
        {name: bindparam(name, type_=ticket_tag.c[name].type) for name in ("project_id", "ticket_id", "name")}
    )
)


async def add_tags(db: Db, project_id: int, ticket_id: UUID, names: Sequence[str]) -> None:
    """Give a ticket tags that it doesn't have yet."""
    rows = [{"project_id": project_id, "ticket_id": ticket_id, "name": name} for name in names]
    await db.each(_INSERT_TAG, rows)


async def move_tag(db: Db, project_id: int, ids: Sequence[UUID], name: str, into: str | None) -> None:
    """Give tickets that have a tag another one instead, or nothing; which merge has brought it stays known."""
    old = (ticket_tag.c.project_id == project_id, ticket_tag.c.name == name, ticket_tag.c.ticket_id.in_(ids))
    if into is not None:
        columns = ["project_id", "ticket_id", "merge_id", "name"]
        moved = insert_for(db.dialect, ticket_tag).from_select(columns, renamed_rows(old, into))
        await db.execute(moved.on_conflict_do_nothing())
    await db.execute(delete(ticket_tag).where(*old))
