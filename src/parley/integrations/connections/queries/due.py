"""Tokens that are due, and who hears of those that failed."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import select, true

from parley.accounts.memberships.queries import emails_of_admins
from parley.accounts.memberships.tables import membership
from parley.accounts.projects.tables import project
from parley.accounts.users.tables import user_account
from parley.integrations.connections.kinds import display_name_of
from parley.integrations.connections.queries.integrations import integration_key
from parley.integrations.connections.tables import integration
from parley.kernel.database.transaction import Db


async def due_integrations(db: Db, now: datetime, limit: int) -> Sequence[tuple[int, int]]:
    """Return project and id of accounts whose token is due, the longest due first (ix_integration_due)."""
    c = integration.c
    due = select(c.project_id, c.id).where(c.next_refresh_at <= now).order_by(c.next_refresh_at).limit(limit)
    return [(row.project_id, row.id) for row in await db.execute(due.with_for_update(skip_locked=True))]


class FailedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account whose token is taken no more, as a mail tells of it; `to` are the addresses that get one."""

    kind: str
    name: str
    project_name: str
    to: Sequence[str]


async def failed_account(db: Db, project_id: int, id: int) -> FailedAccount | None:
    """Return what a mail says of an account, None where nothing is wrong any more (primary key).

    It goes to whoever has connected it; where they have left, to the admins.
    """
    c = integration.c
    found = (
        select(c.kind, c.config, c.integration_id, c.created_by, project.c.name, project.c.organization_id)
        .join(project, project.c.id == c.project_id)
        .where(integration_key(project_id, id), c.errors != "")
    )
    row = (await db.execute(found)).first()
    if row is None:
        return None
    mine = (membership.c.organization_id == row.organization_id, membership.c.user_id == row.created_by)
    of_person = (
        select(user_account.c.email)
        .join(membership, membership.c.user_id == user_account.c.id)
        .where(*mine, user_account.c.is_active == true())
    )
    to = (await db.execute(of_person)).scalars().all() or await emails_of_admins(db, row.organization_id)
    name = display_name_of(row.kind, row.config, row.integration_id)
    return FailedAccount(kind=row.kind, name=name, project_name=row.name, to=to)
