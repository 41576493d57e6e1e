"""People who grant something to a program."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, insert, update

from parley.accounts.audit_log.actions import record_for_user
from parley.accounts.memberships.queries import joined_at_of
from parley.accounts.oauth_server.queries.grants import n_grants
from parley.accounts.oauth_server.rules.lifetimes import APPLICATION, CODE
from parley.accounts.oauth_server.schemas import Application
from parley.accounts.oauth_server.tables import oauth_application, oauth_grant
from parley.accounts.projects.queries.projects import projects_of_organizations
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Principal
from parley.kernel.ids import new_token, token_hash
from parley.kernel.services import Services

MOST_GRANTS = 100
TOO_MANY = f"You have connected {MOST_GRANTS} applications. Disconnect one that you don't use any more."
NOWHERE = "Choose where the application may work."
NOTHING = "Choose what the application may do, or deny it."


class ConsentChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody has ticked: scopes, and projects, an organization, or everything that they are in."""

    scopes: Sequence[str]
    project_ids: frozenset[int] = frozenset()
    organization_id: UUID | None = None
    is_everywhere: bool = False


class NewGrant(msgspec.Struct, frozen=True, kw_only=True):
    """What belongs to a grant beside the choice of its user."""

    application: Application
    redirect_uri: str
    code: str
    code_challenge: str


async def grant_access(
    db: Db, services: Services, principal: Principal, new: NewGrant, choice: ConsentChoice
) -> None:
    """Store what the caller grants; raises Invalid for nothing, and for a place that they aren't in."""
    if not choice.scopes:
        raise Invalid(NOTHING)
    if await n_grants(db, principal.user_id) >= MOST_GRANTS:
        raise Invalid(TOO_MANY)
    limits = await _limits(db, principal, choice)
    now, grant_id = services.clock.now(), new_token(length=32)
    await db.execute(
        insert(oauth_grant).values(
            id=grant_id,
            application_id=new.application.id,
            user_id=principal.user_id,
            scopes=list(choice.scopes),
            redirect_uri=new.redirect_uri,
            code_hash=token_hash(new.code),
            code_challenge=new.code_challenge,
            created_at=now,
            expires_at=now + CODE,
            **limits,
        )
    )
    await keep_application(db, services, new.application.id)
    target = ("oauth_application", grant_id, new.application.name)
    after = {"scopes": list(choice.scopes), "redirect_uri": new.redirect_uri, **limits}
    after.pop("covered_organizations")
    shown = {name: value for name, value in after.items() if value}
    await record_for_user(
        db, services, principal.user_id, "oauth_application.connected", target=target, after=shown
    )


async def _limits(db: Db, principal: Principal, choice: ConsentChoice) -> dict[str, list[Any]]:
    """Return the columns that say where a grant reaches; `covered_organizations` are those that it ever reaches."""
    joined = await joined_at_of(db, principal.user_id)
    if choice.project_ids:
        found = await projects_of_organizations(db, list(joined))
        chosen = {one.id: one for one in found if one.id in choice.project_ids}
        if chosen.keys() != choice.project_ids:
            raise Invalid(NOWHERE)
        covered = {str(one.organization) for one in chosen.values()}
        return _columns(sorted(chosen), [], sorted(covered))
    if choice.is_everywhere and joined:
        return _columns([], [], sorted(map(str, joined)))
    if choice.organization_id is None or choice.organization_id not in joined:
        raise Invalid(NOWHERE)
    one = [str(choice.organization_id)]
    return _columns([], one, one)


def _columns(teams: list[int], organizations: list[str], covered: list[str]) -> dict[str, list[Any]]:
    return {
        "scoped_teams": teams,
        "scoped_organizations": organizations,
        "covered_organizations": covered,
    }


async def keep_application(db: Db, services: Services, application_id: str) -> None:
    """Note that a program is used, so that it is not forgotten soon."""
    used = update(oauth_application).where(oauth_application.c.id == application_id)
    await db.execute(used.values(expires_at=services.clock.now() + APPLICATION))


async def forget_expired_grants(db: Db, services: Services) -> int:
    """Delete grants that were not used in time; return how many. Safe to run twice."""
    over = delete(oauth_grant).where(oauth_grant.c.expires_at <= services.clock.now())
    return (await db.execute(over)).rowcount
