"""What a member of a project may do with its tickets, as every request needs it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, select

from parley.accounts.access_levels.queries.levels import levels_with
from parley.accounts.access_levels.queries.visibility import (
    FOR_CALLER,
    LEVEL_AND_GRANTEE,
    ON_TICKETS,
    OPEN_TICKETS,
)
from parley.accounts.access_levels.rules import BUILT_IN, StoredLevel, deciding_level
from parley.accounts.access_levels.tables import access_control
from parley.accounts.memberships.tables import membership
from parley.accounts.projects.tables import project as project_table
from parley.accounts.roles.tables import role, role_membership
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.errors import PermissionDenied
from parley.kernel.http.authorization import ADMIN, Project, Rights

_PLACE = Prepared(
    select(membership.c.id, role_membership.c.role_id)
    .select_from(
        membership.outerjoin(
            role_membership.join(role, role.c.id == role_membership.c.role_id),
            and_(
                role_membership.c.user_id == membership.c.user_id,
                role.c.organization_id == membership.c.organization_id,
            ),
        )
    )
    .where(
        membership.c.organization_id == bindparam("organization_id"),
        membership.c.user_id == bindparam("user_id"),
    )
)
_ROWS_OF_ALL = Prepared(select(*LEVEL_AND_GRANTEE).where(ON_TICKETS, access_control.c.resource_id.is_(None)))


def _any(found: Select[Any]) -> ColumnElement[bool]:
    return exists(found.limit(1))


_HAS = Prepared(
    select(
        _any(select(access_control.c.id).where(access_control.c.project_id == bindparam("project_id"))),
        _any(
            select(access_control.c.id).where(
                ON_TICKETS, access_control.c.resource_id.is_not(None), FOR_CALLER
            )
        ),
        _any(OPEN_TICKETS),
    )
)


_MEMBER = Prepared(
    select(project_table.c.organization_id, membership.c.level)
    .join(membership, membership.c.organization_id == project_table.c.organization_id)
    .where(project_table.c.id == bindparam("project_id"), membership.c.user_id == bindparam("user_id"))
)


async def visible_to_user(
    database: Database, project_id: int, user_id: int, ticket_ids: Sequence[UUID]
) -> list[UUID]:
    """Return those of some tickets that a user sees, who isn't calling; nothing for who is no member (any more)."""
    found = await database.read(_MEMBER, project_id=project_id, user_id=user_id)
    if not found:
        return []
    organization_id, level = found[0]
    if level >= ADMIN:
        return list(ticket_ids)
    rights = await _rights(database, project_id, organization_id, user_id)
    if rights is None:
        return list(ticket_ids)
    levels = await levels_with(database, project_id, rights, ticket_ids)
    return [id for id in ticket_ids if levels[id] != "none"]


async def rights_of(database: Database, project: Project, user_id: int) -> Rights | None:
    """Return what a user, who is no admin, may do with tickets; None where nobody has set a level."""
    return await _rights(database, project.id, project.organization_id, user_id)


async def _rights(database: Database, project_id: int, organization_id: UUID, user_id: int) -> Rights | None:
    places = await database.read(_PLACE, organization_id=organization_id, user_id=user_id)
    if not places:
        raise PermissionDenied("You don't have access to the project.")
    membership_id = places[0][0]
    role_ids = tuple(role_id for _, role_id in places if role_id is not None)
    values = {
        "project_id": project_id,
        "access_member": membership_id,
        "access_roles": list(role_ids),
    }
    has_rows, has_exceptions, has_open_tickets = (await database.read(_HAS, **values))[0]
    if not has_rows:
        return None
    rows = [StoredLevel(*row) for row in await database.read(_ROWS_OF_ALL, project_id=project_id)]
    level = deciding_level(rows, membership_id, role_ids) or BUILT_IN
    return Rights(
        level=level,
        membership_id=membership_id,
        role_ids=role_ids,
        has_exceptions=bool(has_open_tickets if level == "none" else has_exceptions),
    )
