"""Making, changing and removing roles for an identity provider."""

from msgspec import UNSET
from sqlalchemy import delete

from parley.accounts.audit_log.actions import record
from parley.accounts.domains.queries import Domain
from parley.accounts.roles.actions import (
    change_role,
    change_role_members,
    delete_role,
    provided_role,
)
from parley.accounts.roles.schemas import RolePatch
from parley.accounts.scim.queries.groups import group_by_id, group_by_name
from parley.accounts.scim.queries.people import members_among
from parley.accounts.scim.tables import scim_group
from parley.accounts.scim_messages.errors import AlreadyExists
from parley.accounts.scim_messages.rules.groups import GroupChanges, net_change
from parley.accounts.scim_messages.rules.resources import FoundRole
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.services import Services

NAME_TAKEN = "Another group has this displayName already."


async def provision_group(db: Db, services: Services, domain: Domain, wanted: GroupChanges) -> FoundRole:
    """Return the role of exactly this name, made where there is none, with these members where any are given."""
    assert wanted.name is not UNSET
    role_id = await provided_role(db, services, organization_id=domain.organization_id, name=wanted.name)
    found = await group_by_id(db, domain, str(role_id))
    await _change_rest(db, services, domain, found, wanted)
    await _record(db, services, domain, "scim_provisioned", found, wanted)
    return await group_by_id(db, domain, str(role_id))


async def change_group(
    db: Db, services: Services, domain: Domain, found: FoundRole, wanted: GroupChanges, *, action: str
) -> FoundRole:
    """Change what is given, and return the role; raises AlreadyExists for the name of another one."""
    if wanted.name is not UNSET and wanted.name != found.name:
        other = await group_by_name(db, domain, wanted.name)
        if other is not None:
            raise AlreadyExists(NAME_TAKEN)
        try:
            patch = RolePatch(name=wanted.name)
            await change_role(db, services, domain.organization_id, found.id, patch, is_logged=False)
        except Invalid as error:
            raise AlreadyExists(NAME_TAKEN) from error
    await _change_rest(db, services, domain, found, wanted)
    await _record(db, services, domain, action, found, wanted)
    return await group_by_id(db, domain, str(found.id))


async def deprovision_group(db: Db, services: Services, domain: Domain, text: str) -> None:
    """Delete the role with this id; raises ResourceNotFound."""
    found = await group_by_id(db, domain, text)
    await delete_role(db, services, found.id, is_logged=False)
    await _record(db, services, domain, "scim_deprovisioned", found, GroupChanges())


async def _change_rest(
    db: Db, services: Services, domain: Domain, found: FoundRole, wanted: GroupChanges
) -> None:
    if wanted.members:
        net = net_change(wanted.members)
        members = await members_among(db, domain.organization_id, net.added)
        await change_role_members(db, services, role_id=found.id, added=members, removed=net.removed)
    if wanted.external_id is not UNSET and wanted.external_id != found.external_id:
        mine = (scim_group.c.domain_id == domain.id, scim_group.c.role_id == found.id)
        await db.execute(delete(scim_group).where(*mine))
        row = {"domain_id": domain.id, "role_id": found.id, "external_id": wanted.external_id}
        await db.execute(insert_for(db.dialect, scim_group).values(**row).on_conflict_do_nothing())


async def _record(
    db: Db, services: Services, domain: Domain, action: str, found: FoundRole, wanted: GroupChanges
) -> None:
    """Write what has changed into the audit log; of members their ids, as far as there are few."""
    after = {
        "name": wanted.name if wanted.name is not UNSET else found.name,
        "members": [
            {
                "change": "removed" if one.is_removal else "added",
                "users": "everybody" if one.user_ids is None else sorted(one.user_ids)[:MOST_LOGGED],
            }
            for one in wanted.members
        ],
    }
    is_end = action == "scim_deprovisioned"
    await record(
        db,
        services,
        organization_id=domain.organization_id,
        action=action,
        target=("role", str(found.id), found.name),
        before={"name": found.name},
        after=None if is_end else after,
    )


MOST_LOGGED = 100
"""Members of one operation whose ids are in the audit log."""
