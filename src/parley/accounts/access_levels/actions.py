"""Levels: set, changed and taken back."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, update

from parley.accounts.access_levels.queries.controls import (
    has_controls,
    level_of_control,
    name_of_grantee,
    same_control,
    stored_controls,
)
from parley.accounts.access_levels.queries.levels import default_level
from parley.accounts.access_levels.queries.visibility import TICKET
from parley.accounts.access_levels.rules import check_at_least
from parley.accounts.access_levels.schemas import ResourceLevel, TicketLevel
from parley.accounts.access_levels.tables import access_control
from parley.accounts.memberships.queries import is_membership_of
from parley.accounts.projects.actions.audit import record_in_project
from parley.accounts.projects.actions.flags import update_has_access_controls
from parley.accounts.roles.queries import is_role_of
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import new_uuid
from parley.kernel.services import Services


async def set_level_of_all(db: Db, services: Services, actor: Actor, wanted: ResourceLevel) -> None:
    """Set a level on all tickets of the project, or take it back. Raises PermissionDenied and Invalid."""
    check_at_least(default_level(actor), "manager")
    await set_level(db, services, actor, None, wanted)


async def set_level(
    db: Db, services: Services, actor: Actor, ticket_id: UUID | None, wanted: TicketLevel
) -> None:
    """Set a level for a caller who may, on one ticket or on all, or take it back; safe to repeat. Raises Invalid."""
    await _check_holder(db, actor.project.organization_id, wanted)

    async def store() -> bool:
        before = await level_of_control(db, same_control(actor.project_id, ticket_id, wanted))
        await _store(db, services, actor, ticket_id, wanted)
        if before != wanted.access_level:
            await _record(db, services, actor, ticket_id, wanted, before)
        return await has_controls(db, actor.project_id)

    await update_has_access_controls(db, services, actor.project_id, store)
    # Somebody may now see more or less than their open pages show.
    db.after_commit(partial(services.live.publish, f"project:{actor.project_id}", "resync"))


async def _check_holder(db: Db, organization_id: UUID, wanted: TicketLevel) -> None:
    member, role = wanted.organization_member, wanted.role
    if member is not None and role is not None:
        raise Invalid("Give either organization_member or role, not both.")
    if member is not None and not await is_membership_of(db, organization_id, member):
        raise Invalid(
            "This member does not exist in the organization.",
            code="does_not_exist",
            attr="organization_member",
        )
    if role is not None and not await is_role_of(db, organization_id, role):
        raise Invalid("This role does not exist in the organization.", code="does_not_exist", attr="role")


async def _store(
    db: Db, services: Services, actor: Actor, ticket_id: UUID | None, wanted: TicketLevel
) -> None:
    same = same_control(actor.project_id, ticket_id, wanted)
    if wanted.access_level is None:
        await db.execute(delete(access_control).where(*same))
        return
    changed = await db.execute(update(access_control).where(*same).values(access_level=wanted.access_level))
    if changed.rowcount == 0:
        row = {
            "project_id": actor.project_id,
            "id": new_uuid(),
            "resource": TICKET,
            "resource_id": ticket_id,
            "access_level": wanted.access_level,
            "membership_id": wanted.organization_member,
            "role_id": wanted.role,
            "created_by": actor.user_id,
            "created_at": services.clock.now(),
        }
        await db.execute(insert(access_control).values(row))


async def _record(
    db: Db, services: Services, actor: Actor, ticket_id: UUID | None, wanted: TicketLevel, before: str | None
) -> None:
    grantee = await name_of_grantee(db, actor.project.organization_id, wanted)
    await record_in_project(
        db,
        services,
        actor.project_id,
        "access_level.changed",
        target=("ticket", str(ticket_id), "") if ticket_id else None,
        before={"level": before, "of": grantee},
        after={"level": wanted.access_level, "of": grantee},
    )


_INSERT = Prepared(
    insert(access_control).values(
        {column.name: bindparam(column.name, type_=column.type) for column in access_control.c}
    )
)


async def copy_levels(db: Db, project_id: int, source: UUID, target: UUID, at: datetime) -> None:
    """Give one ticket the levels that another one has."""
    own = await stored_controls(db, project_id, source)
    rows = [{**row, "id": new_uuid(), "resource_id": target, "created_at": at} for row in own]
    await db.each(_INSERT, rows)


async def forget_tickets(db: Db, project_id: int, ids: Sequence[UUID]) -> None:
    """Drop the levels on tickets that are gone for good (ix_access_control_resource)."""
    gone = (access_control.c.resource == TICKET, access_control.c.resource_id.in_(ids))
    await db.execute(delete(access_control).where(access_control.c.project_id == project_id, *gone))
