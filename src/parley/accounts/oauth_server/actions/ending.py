"""The end of what somebody has granted: by themselves, by an admin, by the program, or because a token was stolen."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from parley.accounts.audit_log.actions import NOBODY, record, record_for_user
from parley.accounts.caller_cache import invalidate_callers
from parley.accounts.oauth_server.queries.grants import grants_of, name_of_grant
from parley.accounts.oauth_server.schemas import ConnectedApplication
from parley.accounts.oauth_server.tables import oauth_grant
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services


async def end_grant(
    db: Db,
    services: Services,
    user_id: int,
    grant_id: str,
    *,
    action: str = "oauth_application.disconnected",
    by: int | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """End a grant with all its tokens, and say so in the audit log; without `by` it was the caller of the request."""
    target = ("oauth_application", grant_id, await name_of_grant(db, grant_id))
    await db.execute(delete(oauth_grant).where(oauth_grant.c.id == grant_id))
    await record_for_user(db, services, user_id, action, by=by, target=target, after=after)
    invalidate_callers(db, services)


async def end_grant_in(
    db: Db, services: Services, found: ConnectedApplication, organization_id: UUID
) -> None:
    """Take a program out of one organization; where it reaches no other, its grant ends."""
    left = [one for one in found.covered_organizations if one != str(organization_id)]
    if not left:
        await end_grant(db, services, found.user_id, found.id)
        return
    mine = update(oauth_grant).where(oauth_grant.c.id == found.id)
    await db.execute(mine.values(covered_organizations=left))
    target = ("oauth_application", found.id, found.name)
    action = "oauth_application.disconnected"
    await record(db, services, organization_id=organization_id, action=action, target=target)
    invalidate_callers(db, services)


async def end_grants_of(db: Db, services: Services, user_id: int) -> None:
    """End everything that a user has granted."""
    for grant_id in await grants_of(db, user_id):
        await end_grant(db, services, user_id, grant_id)


async def end_stolen_grant(db: Db, services: Services, user_id: int, grant_id: str, what: str) -> None:
    """End a grant of which something was used twice, so that one of two must have been a thief (RFC 9700, section 4.14)."""
    action = "oauth_application.reuse_detected"
    await end_grant(db, services, user_id, grant_id, action=action, by=NOBODY, after={"reused": what})
