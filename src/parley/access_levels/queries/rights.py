"""What a member of a project may do with its tickets, as every request needs it."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, select

from parley.access_levels.queries.levels import FOR_CALLER, LEVEL_AND_HOLDER, ON_TICKETS, OPEN_TICKETS
from parley.access_levels.rules import BUILT_IN, Row, deciding_level
from parley.access_levels.tables import access_control
from parley.accounts.tables import membership, role, role_membership
from parley.kernel.access import Project, Rights
from parley.kernel.db import Database
from parley.kernel.errors import PermissionDenied
from parley.kernel.prepared import Prepared

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
_ROWS_OF_ALL = Prepared(select(*LEVEL_AND_HOLDER).where(ON_TICKETS, access_control.c.resource_id.is_(None)))


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


async def rights_of(database: Database, project: Project, user_id: int) -> Rights | None:
    """Return what a user, who is no admin, may do with tickets; None where nobody has set a level."""
    places = await database.read(_PLACE, organization_id=project.organization_id, user_id=user_id)
    if not places:
        raise PermissionDenied("You don't have access to the project.")
    membership_id = places[0][0]
    role_ids = tuple(role_id for _, role_id in places if role_id is not None)
    values = {
        "project_id": project.id,
        "access_member": membership_id,
        "access_roles": list(role_ids),
    }
    has_rows, has_exceptions, has_open_tickets = (await database.read(_HAS, **values))[0]
    if not has_rows:
        return None
    rows = [Row(*row) for row in await database.read(_ROWS_OF_ALL, project_id=project.id)]
    level = deciding_level(rows, membership_id, role_ids) or BUILT_IN
    return Rights(
        level=level,
        membership_id=membership_id,
        role_ids=role_ids,
        has_exceptions=bool(has_open_tickets if level == "none" else has_exceptions),
    )
