"""Roles: named groups of an organization's members."""

from uuid import UUID

from msgspec import structs
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from parley.accounts.audit_log.actions import record
from parley.accounts.audit_log.queries import user_target
from parley.accounts.caller_cache import invalidate_callers
from parley.accounts.roles.queries import (
    is_role_name_taken,
    organization_and_name_of,
    role_id_by_name,
    role_ids_of,
    user_ids_with_role,
)
from parley.accounts.roles.schemas import NewRole, RolePatch
from parley.accounts.roles.tables import role, role_membership
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import OrganizationActor
from parley.kernel.http.patches import patched_fields
from parley.kernel.ids import new_uuid
from parley.kernel.services import Services

CHUNK = 1000
"""Ids in one statement."""
NAME_TAKEN = "There is already a role with this name."


async def create_role(db: Db, services: Services, caller: OrganizationActor, new: NewRole) -> UUID:
    """Make a role and return its id; raises Invalid when the organization has one of this name."""
    statement = insert_for(db.dialect, role).values(
        **structs.asdict(new),
        id=new_uuid(),
        organization_id=caller.organization_id,
        created_by=caller.principal.user_id,
        created_at=services.clock.now(),
    )
    made = await db.execute(
        statement.on_conflict_do_nothing(index_elements=["organization_id", "name"]).returning(role.c.id)
    )
    role_id: UUID | None = made.scalar_one_or_none()
    if role_id is None:
        raise Invalid(NAME_TAKEN, code="unique", attr="name")
    target = ("role", str(role_id), new.name)
    await record(db, services, organization_id=caller.organization_id, action="role.made", target=target)
    return role_id


async def provided_role(db: Db, services: Services, *, organization_id: UUID, name: str) -> UUID:
    """Return the role of exactly this name, made where the organization has none; nobody counts as who made it."""
    statement = insert_for(db.dialect, role).values(
        id=new_uuid(), organization_id=organization_id, name=name, created_at=services.clock.now()
    )
    await db.execute(statement.on_conflict_do_nothing(index_elements=["organization_id", "name"]))
    return await role_id_by_name(db, organization_id, name)


async def change_role(
    db: Db,
    services: Services,
    organization_id: UUID,
    role_id: UUID,
    patch: RolePatch,
    *,
    is_logged: bool = True,
) -> None:
    """Change what the patch names; raises Invalid when another role of the organization has the name.

    Without `is_logged` the caller writes the audit log.
    """
    changes = patched_fields(patch)
    name = changes.get("name")
    if name is not None and await is_role_name_taken(db, organization_id, name, but_by=role_id):
        raise Invalid(NAME_TAKEN, code="unique", attr="name")
    if not changes:
        return
    _, before = await organization_and_name_of(db, role_id)
    try:
        async with db.savepoint():
            await db.execute(update(role).where(role.c.id == role_id).values(**changes))
    except IntegrityError as error:  # somebody has given it to another role in this very moment
        raise Invalid(NAME_TAKEN, code="unique", attr="name") from error
    if is_logged:
        await record(
            db,
            services,
            organization_id=organization_id,
            action="role.changed",
            target=("role", str(role_id), changes["name"]),
            before={"name": before},
            after=changes,
        )


async def delete_role(db: Db, services: Services, role_id: UUID, *, is_logged: bool = True) -> None:
    """Delete a role; nobody has it any more, nor what was open to it.

    Without `is_logged` the caller writes the audit log.
    """
    organization_id, name = await organization_and_name_of(db, role_id)
    await db.execute(delete(role).where(role.c.id == role_id))
    if is_logged:
        target = ("role", str(role_id), name)
        await record(db, services, organization_id=organization_id, action="role.deleted", target=target)
    invalidate_callers(db, services)


async def assign_role(db: Db, services: Services, *, role_id: UUID, user_id: int) -> UUID:
    """Give a role to a member and return the id of that; raises Invalid when they have it."""
    now = services.clock.now()
    statement = insert_for(db.dialect, role_membership).values(
        id=new_uuid(), role_id=role_id, user_id=user_id, joined_at=now, updated_at=now
    )
    made = await db.execute(
        statement.on_conflict_do_nothing(index_elements=["role_id", "user_id"]).returning(
            role_membership.c.id
        )
    )
    assigned_id: UUID | None = made.scalar_one_or_none()
    if assigned_id is None:
        raise Invalid("This user already has the role.", code="unique", attr="user_uuid")
    await _record_assignment(db, services, "role.given", role_id=role_id, user_id=user_id)
    invalidate_callers(db, services)
    return assigned_id


async def change_role_members(
    db: Db, services: Services, *, role_id: UUID, added: frozenset[int], removed: frozenset[int] | None
) -> None:
    """Give a role to members of its organization, and take it from those to be removed; None means from everybody else.

    Who has the role and keeps it has had it since the same moment. Unlogged: an identity provider's request is one entry.
    """
    now, of_role = services.clock.now(), role_membership.c.role_id == role_id
    if removed is None:
        removed = await user_ids_with_role(db, role_id)
    leaving = sorted(removed - added)
    for begin in range(0, len(leaving), CHUNK):
        ids = leaving[begin : begin + CHUNK]
        await db.execute(delete(role_membership).where(of_role, role_membership.c.user_id.in_(ids)))
    new = [
        {"id": new_uuid(), "role_id": role_id, "user_id": user_id, "joined_at": now, "updated_at": now}
        for user_id in sorted(added)
    ]
    if new:
        statement = insert_for(db.dialect, role_membership)
        await db.execute(statement.on_conflict_do_nothing(index_elements=["role_id", "user_id"]), new)
    invalidate_callers(db, services)


async def unassign_role(db: Db, services: Services, *, role_id: UUID, role_membership_id: UUID) -> None:
    """Take a role from somebody; raises NotFound."""
    ended = delete(role_membership).where(
        role_membership.c.role_id == role_id, role_membership.c.id == role_membership_id
    )
    user_id = (await db.execute(ended.returning(role_membership.c.user_id))).scalar_one_or_none()
    if user_id is None:
        raise NotFound
    await _record_assignment(db, services, "role.taken", role_id=role_id, user_id=user_id)
    invalidate_callers(db, services)


async def _record_assignment(db: Db, services: Services, action: str, *, role_id: UUID, user_id: int) -> None:
    organization_id, name = await organization_and_name_of(db, role_id)
    await record(
        db,
        services,
        organization_id=organization_id,
        action=action,
        target=await user_target(db, user_id),
        before={"role": name} if action == "role.taken" else None,
        after={"role": name} if action == "role.given" else None,
    )


async def unassign_roles_of(db: Db, services: Services, *, organization_id: UUID, user_id: int) -> None:
    """Take all roles of the organization from somebody."""
    await db.execute(
        delete(role_membership).where(
            role_membership.c.user_id == user_id, role_membership.c.role_id.in_(role_ids_of(organization_id))
        )
    )
    invalidate_callers(db, services)
