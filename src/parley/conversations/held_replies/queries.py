"""Held replies, and who sends them."""

from uuid import UUID

from sqlalchemy import select

from parley.accounts.access_levels.queries.rights import rights_of
from parley.accounts.memberships.tables import membership
from parley.accounts.projects.queries.projects import projects_by_ids
from parley.accounts.users.tables import user_account
from parley.conversations.held_replies.schemas import HeldReply
from parley.conversations.held_replies.tables import held_reply
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import ADMIN, Actor, Principal
from parley.kernel.services import Services

HELD = StructColumns(HeldReply, held_reply)


async def latest_held(db: Db, actor: Actor, ticket_id: UUID) -> HeldReply | None:
    """Return the caller's reply that waits on a ticket, the latest where there are some (index on project and ticket)."""
    c = held_reply.c
    mine = (c.project_id == actor.project_id, c.ticket_id == ticket_id, c.user_id == actor.user_id)
    found = select(*HELD.columns).where(*mine).order_by(c.send_at.desc()).limit(1)
    row = (await db.execute(found)).first()
    return HELD(row) if row else None


async def author_of(services: Services, project_id: int, user_id: int) -> Actor | None:
    """Return a member as who acts in a project now; None for somebody who is no active member any more (primary keys)."""
    async with services.database.transaction(write=False) as db:
        project = (await projects_by_ids(db, [project_id])).get(project_id)
        if project is None:
            return None
        columns = (
            user_account.c.uuid,
            user_account.c.email,
            user_account.c.first_name,
            user_account.c.last_name,
        )
        of = (membership.c.organization_id == project.organization_id, user_account.c.id == user_id)
        joined = membership.join(user_account, user_account.c.id == membership.c.user_id)
        found = select(*columns, membership.c.level).select_from(joined)
        row = (await db.execute(found.where(*of, user_account.c.is_active.is_(True)))).first()
    if row is None:
        return None
    principal = Principal(
        user_id=user_id,
        user_uuid=row.uuid,
        email=row.email,
        name=f"{row.first_name} {row.last_name}".strip(),
        levels={project.organization_id: row.level},
        current_project_id=project_id,
    )
    rights = None
    if project.has_access_controls and row.level < ADMIN:
        rights = await rights_of(services.database, project, user_id)
    return Actor(principal=principal, project=project, level=row.level, rights=rights)
