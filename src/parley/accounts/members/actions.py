"""Joining and leaving an organization, with everything that goes with it."""

from uuid import UUID

from parley.accounts.audit_log.actions import record
from parley.accounts.audit_log.queries import user_target
from parley.accounts.memberships.actions import change_level, create_membership, delete_membership
from parley.accounts.memberships.queries import first_organization_of
from parley.accounts.memberships.rules import level_name
from parley.accounts.memberships.schemas import MemberOut
from parley.accounts.projects.queries.projects import first_project_of
from parley.accounts.roles.actions import unassign_roles_of
from parley.accounts.users import actions
from parley.kernel.database.transaction import Db
from parley.kernel.http.origin import request_origin
from parley.kernel.services import Services


async def add_member(
    db: Db, services: Services, *, organization_id: UUID, user_id: int, level: int, is_logged: bool = True
) -> UUID:
    """Make the user a member and return the membership's id; raises Invalid for somebody who is one already.

    An organization that is the user's first becomes the current one. Without `is_logged` the caller writes the audit log.
    """
    membership_id = await create_membership(
        db, services, organization_id=organization_id, user_id=user_id, level=level
    )
    project_id = first_project_of(organization_id)
    await actions.set_first_current(
        db, user_id=user_id, organization_id=organization_id, project_id=project_id
    )
    origin = request_origin()
    if is_logged:
        await record(
            db,
            services,
            organization_id=organization_id,
            action="member.joined",
            by=None if origin and origin.principal else user_id,
            target=await user_target(db, user_id),
            after={"level": level_name(level)},
        )
    return membership_id


async def change_member_level(
    db: Db, services: Services, *, organization_id: UUID, member: MemberOut, level: int
) -> None:
    """Give a member another level; raises Invalid when no owner would be left."""
    user_id = member.user.id
    await change_level(db, services, organization_id=organization_id, user_id=user_id, level=level)
    if level != member.level:
        await record(
            db,
            services,
            organization_id=organization_id,
            action="member.level_changed",
            target=await user_target(db, user_id),
            before={"level": level_name(member.level)},
            after={"level": level_name(level)},
        )


async def set_current(
    db: Db, services: Services, *, user_id: int, organization_id: UUID, project_id: int | None
) -> int | None:
    """Remember where the user works now; without a project it is the organization's first. Return the project."""
    return await actions.set_current(
        db,
        services,
        user_id=user_id,
        organization_id=organization_id,
        project_id=project_id if project_id is not None else first_project_of(organization_id),
    )


async def remove_member(
    db: Db, services: Services, *, organization_id: UUID, user_id: int, is_logged: bool = True
) -> None:
    """End a membership with the roles that came with it; raises Invalid when no owner would be left.

    Without `is_logged` the caller writes the audit log.
    """
    await delete_membership(db, services, organization_id=organization_id, user_id=user_id)
    await unassign_roles_of(db, services, organization_id=organization_id, user_id=user_id)
    await actions.leave_current(
        db,
        user_id=user_id,
        organization_id=organization_id,
        next_organization_id=first_organization_of(user_id),
        next_project_id=first_project_of(first_organization_of(user_id)),
    )
    if not is_logged:
        return
    origin = request_origin()
    has_left = origin is not None and origin.principal is not None and origin.principal.user_id == user_id
    await record(
        db,
        services,
        organization_id=organization_id,
        action="member.left" if has_left else "member.removed",
        target=await user_target(db, user_id),
    )
