"""Personal API keys."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog
from msgspec import structs
from sqlalchemy import delete, insert, or_, update

from parley.accounts.api_keys.queries import coverage_of, key_row
from parley.accounts.api_keys.rules import check_scopes
from parley.accounts.api_keys.schemas import KeyPatch, NewKey
from parley.accounts.api_keys.tables import personal_api_key
from parley.accounts.audit_log.actions import record_for_user
from parley.accounts.audit_log.rules import changed_values
from parley.accounts.caller_cache import invalidate_callers
from parley.accounts.memberships.queries import joined_at_of
from parley.accounts.projects.queries.projects import project_ids_of_user
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, Unavailable
from parley.kernel.http.authorization import Principal
from parley.kernel.http.patches import patched_fields
from parley.kernel.ids import new_token, token_hash
from parley.kernel.services import Services

log = structlog.get_logger(__name__)

PREFIX = "phx_"
NOTED_EVERY = timedelta(hours=1)
LIMITS = ("scoped_teams", "scoped_organizations")


class CreatedKey(msgspec.Struct, frozen=True):
    """A key just made or rolled; `value` is never shown again."""

    id: str
    value: str


def mask(value: str) -> str:
    """Return what may be shown of a key: its first and last four characters."""
    return f"{value[:4]}...{value[-4:]}"


async def create_personal_api_key(
    db: Db, services: Services, principal: Principal, new: NewKey
) -> CreatedKey:
    """Make a key of the caller; raises Invalid for an unknown scope, and for a limit to what the caller isn't in."""
    scopes, limits = check_scopes(new.scopes), await _checked_limits(db, principal, new)
    return await store_key(db, services, principal.user_id, structs.replace(new, scopes=scopes, **limits))


async def store_key(db: Db, services: Services, user_id: int, new: NewKey) -> CreatedKey:
    """Store a key of the user that is checked already; it covers the organizations that the user is in now."""
    key_id, value = new_token(length=32), new_token(PREFIX)
    limits = {name: _plain(getattr(new, name) or []) for name in LIMITS}
    await db.execute(
        insert(personal_api_key).values(
            **structs.asdict(new) | limits,
            id=key_id,
            user_id=user_id,
            value_hash=token_hash(value),
            mask_value=mask(value),
            covered_organizations=await _all_of(db, user_id),
            created_at=services.clock.now(),
        )
    )
    target = ("api_key", key_id, new.label)
    after = {"scopes": new.scopes, **{name: ids for name, ids in limits.items() if ids}}
    await record_for_user(db, services, user_id, "api_key.made", target=target, after=after)
    return CreatedKey(key_id, value)


async def _checked_limits(
    db: Db, principal: Principal, data: NewKey | KeyPatch
) -> dict[str, Sequence[int | UUID]]:
    """Return the limits that the body names; raises Invalid for a place that the caller isn't in."""
    limits: dict[str, Sequence[int | UUID]] = {
        name: ids or [] for name, ids in patched_fields(data, *LIMITS).items()
    }
    reachable = await project_ids_of_user(db, principal.user_id) if limits.get("scoped_teams") else ()
    for name, allowed in (("scoped_teams", reachable), ("scoped_organizations", principal.levels)):
        for one in limits.get(name, ()):
            if one not in allowed:
                raise Invalid(
                    f'Invalid pk "{one}" - object does not exist.', code="does_not_exist", attr=name
                )
    return limits


def _plain(ids: Sequence[int | UUID]) -> list[int | str]:
    return [one if isinstance(one, int) else str(one) for one in ids]


async def _all_of(db: Db, user_id: int) -> list[str]:
    return sorted(map(str, await joined_at_of(db, user_id)))


async def widen_key(db: Db, services: Services, user_id: int, key_id: str) -> None:
    """Let the key cover all organizations that its owner is in by now."""
    await change_key(db, services, key_id, {"covered_organizations": await _all_of(db, user_id)})
    await _record(db, services, key_id, "api_key.widened")


async def cover_organization(db: Db, services: Services, key_id: str, organization_id: UUID) -> None:
    """Let the key cover the organization that it has just made, and no other that its owner joined meanwhile."""
    covered = {*await coverage_of(db, key_id), organization_id}
    await change_key(db, services, key_id, {"covered_organizations": sorted(map(str, covered))})


async def delete_keys_of(db: Db, services: Services, user_id: int) -> None:
    """End all keys of a user."""
    ended = delete(personal_api_key).where(personal_api_key.c.user_id == user_id)
    keys = await db.execute(ended.returning(personal_api_key.c.id, personal_api_key.c.label))
    for key in keys.all():
        target = ("api_key", key.id, key.label)
        await record_for_user(db, services, user_id, "api_key.deleted", target=target)
    invalidate_callers(db, services)


async def patch_key(db: Db, services: Services, principal: Principal, key_id: str, patch: KeyPatch) -> None:
    """Change what the patch names; with a limit the key also covers organizations joined since. Raises Invalid."""
    changes = patched_fields(patch)
    if "scopes" in changes:
        changes["scopes"] = check_scopes(changes["scopes"])
    limits = await _checked_limits(db, principal, patch)
    changes |= {name: _plain(ids) for name, ids in limits.items()}
    before = await key_row(db, key_id)
    await change_key(db, services, key_id, changes)
    was, now = changed_values({name: before[name] for name in changes}, changes)
    if now:
        await _record(db, services, key_id, "api_key.changed", before=was, after=now)
    if limits:
        await widen_key(db, services, principal.user_id, key_id)


async def change_key(db: Db, services: Services, key_id: str, changes: dict[str, Any]) -> None:
    """Write checked columns."""
    if changes:
        await db.execute(update(personal_api_key).where(personal_api_key.c.id == key_id).values(**changes))
        invalidate_callers(db, services)


async def roll_key(db: Db, services: Services, key_id: str) -> str:
    """Give the key another value, which is returned; the old one stops to work."""
    value = new_token(PREFIX)
    now = services.clock.now()
    changes = {"value_hash": token_hash(value), "mask_value": mask(value), "last_rolled_at": now}
    await change_key(db, services, key_id, changes)
    await _record(db, services, key_id, "api_key.rolled")
    return value


async def delete_key(db: Db, services: Services, key_id: str) -> None:
    """End a key."""
    await _record(db, services, key_id, "api_key.deleted")
    await db.execute(delete(personal_api_key).where(personal_api_key.c.id == key_id))
    invalidate_callers(db, services)


async def _record(
    db: Db,
    services: Services,
    key_id: str,
    action: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    key = await key_row(db, key_id)
    target = ("api_key", key_id, key["label"])
    await record_for_user(db, services, key["user_id"], action, target=target, before=before, after=after)


async def record_use(services: Services, value_hash: str, last_used_at: datetime | None) -> None:
    """Note that a key was used now, at most once an hour."""
    now = services.clock.now()
    if last_used_at is not None and last_used_at > now - NOTED_EVERY:
        return
    stale = or_(
        personal_api_key.c.last_used_at.is_(None), personal_api_key.c.last_used_at <= now - NOTED_EVERY
    )
    statement = update(personal_api_key).where(personal_api_key.c.value_hash == value_hash, stale)
    try:
        async with services.database.transaction() as db:
            await db.execute(statement.values(last_used_at=now))
    except Unavailable:
        # The database may be readable only; then the request goes on, and the use isn't recorded.
        log.warning("key_use_not_noted")
