"""Making and changing organizations."""

import re
from uuid import UUID

from msgspec import structs
from sqlalchemy import delete, update

from parley.accounts.audit_log.actions import record
from parley.accounts.audit_log.rules import changed_values
from parley.accounts.caller_cache import invalidate_callers
from parley.accounts.organizations.queries import settings_of
from parley.accounts.organizations.schemas import NewOrganization, OrganizationPatch
from parley.accounts.organizations.tables import organization
from parley.accounts.projects.actions.projects import delete_project
from parley.accounts.projects.queries.projects import project_ids_of_organization
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Throttled
from parley.kernel.http.patches import patched_fields
from parley.kernel.ids import new_token, new_uuid
from parley.kernel.services import Services
from parley.kernel.text.forms import normalized
from parley.kernel.throttle import DAY_S, Limit

SLUG_LENGTH = 48
PER_USER = Limit("organizations-day", 20, DAY_S)
"""Each organization has a share of what all have to wait for, such as large queries, so nobody makes many."""
TOO_MANY = "You have made 20 organizations within a day. Please make the next one tomorrow, or ask whoever runs the server."


async def count_organization(services: Services, user_id: int) -> None:
    """Count what a user makes, unless the settings want no limits; raises Throttled."""
    if not services.settings.limits_public:
        return
    try:
        await services.throttles.hit((PER_USER, str(user_id)))
    except Throttled as error:
        raise Throttled(int(error.headers["Retry-After"]), TOO_MANY) from error


async def create_organization(db: Db, services: Services, new: NewOrganization) -> UUID:
    """Make an organization without members and return its id."""
    organization_id, now = new_uuid(), services.clock.now()
    values = {**structs.asdict(new), "id": organization_id, "created_at": now, "updated_at": now}
    slug = _slug(new.name)
    while True:
        insert = insert_for(db.dialect, organization).values(**values, slug=slug)
        made = await db.execute(
            insert.on_conflict_do_nothing(index_elements=["slug"]).returning(organization.c.id)
        )
        if made.first() is not None:
            break
        slug = f"{_slug(new.name)[: SLUG_LENGTH - 7]}-{new_token(length=6).lower()}"
    target = ("organization", str(organization_id), new.name)
    await record(db, services, organization_id=organization_id, action="organization.made", target=target)
    return organization_id


def _slug(name: str) -> str:
    plain = normalized("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:SLUG_LENGTH].strip("-") or "organization"


async def change_organization(
    db: Db, services: Services, organization_id: UUID, patch: OrganizationPatch
) -> None:
    """Change what the patch names."""
    changes = patched_fields(patch)
    if changes:
        before = await settings_of(db, organization_id)
        values = {**changes, "updated_at": services.clock.now()}
        await db.execute(update(organization).where(organization.c.id == organization_id).values(**values))
        was, now = changed_values(before, before | changes)
        if now:
            await record(
                db,
                services,
                organization_id=organization_id,
                action="organization.changed",
                target=("organization", str(organization_id), before["name"]),
                before=was,
                after=now,
            )
        invalidate_callers(db, services)


async def delete_organization(db: Db, services: Services, organization_id: UUID) -> None:
    """Delete an organization with its projects and everything in them."""
    for project_id in await project_ids_of_organization(db, organization_id):
        await delete_project(db, services, project_id)
    await db.execute(delete(organization).where(organization.c.id == organization_id))
    invalidate_callers(db, services)
