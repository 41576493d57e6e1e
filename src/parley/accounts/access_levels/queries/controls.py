"""The levels that were set, as they are shown and changed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from parley.accounts.access_levels.queries.visibility import TICKET
from parley.accounts.access_levels.rules import BUILT_IN, StoredLevel, deciding_level
from parley.accounts.access_levels.schemas import AccessControlOut, AccessControls, TicketLevel
from parley.accounts.access_levels.tables import access_control
from parley.accounts.memberships.queries import email_of_membership
from parley.accounts.roles.queries import organization_and_name_of
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import AccessLevel


async def has_controls(db: Db, project_id: int) -> bool:
    """Say whether any level is set in the project (primary key)."""
    mine = select(access_control.c.id).where(access_control.c.project_id == project_id)
    return (await db.execute(mine.limit(1))).first() is not None


def same_control(project_id: int, ticket_id: UUID | None, like: TicketLevel) -> list[ColumnElement[bool]]:
    """Return the condition for the row of the same thing and the same grantee; there is at most one."""
    wanted = (
        (access_control.c.resource_id, ticket_id),
        (access_control.c.membership_id, like.organization_member),
        (access_control.c.role_id, like.role),
    )
    same = [column.is_(None) if value is None else column == value for column, value in wanted]
    return [access_control.c.project_id == project_id, access_control.c.resource == TICKET, *same]


async def level_of_control(db: Db, same: Sequence[ColumnElement[bool]]) -> str | None:
    """Return the level that was set before, if one was."""
    found: str | None = (
        await db.execute(select(access_control.c.access_level).where(*same))
    ).scalar_one_or_none()
    return found


async def name_of_grantee(db: Db, organization_id: UUID, wanted: TicketLevel) -> str:
    """Return the name of the role or the address of the member to whom a level is given; else `everybody`."""
    if wanted.role is not None:
        return (await organization_and_name_of(db, wanted.role))[1]
    if wanted.organization_member is not None:
        return await email_of_membership(db, organization_id, wanted.organization_member)
    return "everybody"


async def access_controls(db: Db, project_id: int, ticket_id: UUID | None) -> AccessControls:
    """Return the levels on one ticket, or on all (ix_access_control_resource), in the order in which they were set."""
    of_all = await _controls(db, project_id, None)
    shown = of_all if ticket_id is None else await _controls(db, project_id, ticket_id)
    default = _everybodys(shown) or _everybodys(of_all) or BUILT_IN
    return AccessControls(default, shown)


async def stored_controls(db: Db, project_id: int, ticket_id: UUID) -> list[dict[str, Any]]:
    """Return the levels on one ticket as they are stored (ix_access_control_resource)."""
    mine = (access_control.c.project_id == project_id, access_control.c.resource == TICKET)
    found = await db.execute(select(access_control).where(*mine, access_control.c.resource_id == ticket_id))
    return [dict(row) for row in found.mappings()]


_CONTROL = StructColumns(
    AccessControlOut,
    access_control,
    organization_member=access_control.c.membership_id,
    role=access_control.c.role_id,
)


async def _controls(db: Db, project_id: int, ticket_id: UUID | None) -> list[AccessControlOut]:
    thing = access_control.c.resource_id
    found: Any = await db.execute(
        select(*_CONTROL.columns)
        .where(access_control.c.project_id == project_id, access_control.c.resource == TICKET)
        .where(thing.is_(None) if ticket_id is None else thing == ticket_id)
        .order_by(access_control.c.created_at, access_control.c.id)
    )
    return [_CONTROL(row) for row in found]


def _everybodys(controls: Sequence[AccessControlOut]) -> AccessLevel | None:
    return deciding_level(
        StoredLevel(one.access_level, one.organization_member, one.role) for one in controls
    )
