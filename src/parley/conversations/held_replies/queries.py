"""Held replies, and who sends them."""

from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import bindparam, select

from parley.accounts.access_levels.queries.rights import rights_of
from parley.accounts.memberships.acting import acting
from parley.accounts.memberships.queries import active_members
from parley.accounts.projects.queries.projects import projects_by_ids
from parley.accounts.users.tables import user_account
from parley.conversations.held_replies.schemas import HeldReply
from parley.conversations.held_replies.tables import held_reply
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.http.authorization import ADMIN, Actor
from parley.kernel.services import Services

HELD = StructColumns(HeldReply, held_reply)
_c = held_reply.c
_LATEST = Prepared(
    select(*HELD.columns)
    .where(
        _c.project_id == bindparam("project_id"),
        _c.ticket_id == bindparam("ticket_id"),
        _c.user_id == bindparam("user_id"),
    )
    .order_by(_c.send_at.desc())
    .limit(1)
)


async def latest_held(database: Database, actor: Actor, ticket_id: UUID) -> HeldReply | None:
    """Return the caller's reply that waits on a ticket, the latest where there are some (index on project and ticket)."""
    values = {"project_id": actor.project_id, "ticket_id": ticket_id, "user_id": actor.user_id}
    return next((HELD(row) for row in await database.read(_LATEST, **values)), None)


async def author_of(services: Services, project_id: int, user_id: int) -> Actor | None:
    """Return a member as who acts in a project now; None for somebody who is no active member any more (primary keys)."""
    async with services.database.transaction(write=False) as db:
        project = (await projects_by_ids(db, [project_id])).get(project_id)
        if project is None:
            return None
        row = (await db.execute(active_members(project).where(user_account.c.id == user_id))).first()
    if row is None:
        return None
    author = acting(project, row)
    if not project.has_access_controls or author.level >= ADMIN:
        return author
    return replace(author, rights=await rights_of(services.database, project, user_id))
