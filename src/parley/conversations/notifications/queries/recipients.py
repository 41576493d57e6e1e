"""Who is mailed: members who may be, and want to be."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, select, true

from parley.accounts.memberships.tables import membership
from parley.accounts.projects.tables import project
from parley.accounts.roles.tables import role_membership
from parley.accounts.users.tables import user_account
from parley.conversations.notifications.rules.kinds import is_wanted
from parley.conversations.notifications.rules.mentions import Mentionable
from parley.conversations.notifications.tables import notification_digest
from parley.conversations.ticket_changes.rules.changes import recipients
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db


class Recipient(msgspec.Struct, frozen=True):
    """A member of the team who gets mails; `settings` are what they have turned off."""

    user_id: int
    email: str
    settings: Any

    def wants(self, kind: str) -> bool:
        return is_wanted(kind, self.settings)


_RECIPIENT = StructColumns(
    Recipient, user_account, user_id=user_account.c.id, settings=user_account.c.notification_settings
)
_MENTIONABLE = StructColumns(Mentionable, user_account, user_id=user_account.c.id)


def _active_members(project_id: int, *columns: Any) -> Select[Any]:
    """Select the members of a project's organization who may sign in (unique index on organization and user)."""
    return (
        select(*columns)
        .join(membership, membership.c.user_id == user_account.c.id)
        .join(project, project.c.organization_id == membership.c.organization_id)
        .where(project.c.id == project_id, user_account.c.is_active == true())
        .order_by(user_account.c.id)
    )


async def recipients_among(db: Db, project_id: int, user_ids: Iterable[int], kind: str) -> list[Recipient]:
    """Return those of some users who are active members and want to be mailed about a kind of thing."""
    wanted = _active_members(project_id, *_RECIPIENT.columns).where(user_account.c.id.in_(sorted(user_ids)))
    found = [_RECIPIENT(row) for row in await db.execute(wanted)]
    return [one for one in found if one.wants(kind)]


async def recipient(db: Db, project_id: int, user_id: int) -> Recipient | None:
    """Return a user who may be mailed about a project, or None."""
    wanted = _active_members(project_id, *_RECIPIENT.columns).where(user_account.c.id == user_id)
    row = (await db.execute(wanted)).first()
    return _RECIPIENT(row) if row is not None else None


async def named_recipient_ids(db: Db, project_id: int) -> list[int]:
    """Return whom the project's settings name for new conversations, whoever they are."""
    settings = select(project.c.conversations_settings).where(project.c.id == project_id)
    found = (await db.execute(settings)).scalar_one_or_none()
    return [id for id in recipients(found or {}) if 0 < id < 2**31]


async def ids_with_role(db: Db, role_id: UUID) -> list[int]:
    """Return the users who have a role (unique index on role and user)."""
    found = await db.execute(select(role_membership.c.user_id).where(role_membership.c.role_id == role_id))
    return list(found.scalars())


async def mentionable_members(db: Db, project_id: int) -> list[Mentionable]:
    """Return everybody whom a note may mention."""
    found = await db.execute(_active_members(project_id, *_MENTIONABLE.columns))
    return [_MENTIONABLE(row) for row in found]


class Digest(msgspec.Struct, frozen=True):
    """When somebody was mailed last about a project, and when the next mail is due, if one is planned."""

    user_id: int
    mailed_at: datetime | None
    planned_for: datetime | None


_DIGEST = StructColumns(Digest, notification_digest)


async def locked_digests(db: Db, project_id: int, user_ids: Sequence[int]) -> list[Digest]:
    """Lock the digests of users until the transaction ends, in the order of their ids (primary key)."""
    c = notification_digest.c
    mine = select(*_DIGEST.columns).where(c.project_id == project_id, c.user_id.in_(user_ids))
    found = await db.execute(mine.order_by(c.user_id).with_for_update())
    return [_DIGEST(row) for row in found]
