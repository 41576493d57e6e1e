"""Personal API keys."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog
from sqlalchemy import delete, insert, or_, update

from parley.accounts.api_keys.queries import coverage_of
from parley.accounts.api_keys.tables import personal_api_key
from parley.accounts.caller_cache import invalidate_callers
from parley.accounts.memberships.queries import joined_at_of
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Unavailable
from parley.kernel.ids import new_token, token_hash
from parley.kernel.services import Services

log = structlog.get_logger(__name__)

PREFIX = "phx_"
NOTED_EVERY = timedelta(hours=1)


class CreatedKey(msgspec.Struct, frozen=True):
    """A key just made or rolled; `value` is never shown again."""

    id: str
    value: str


def mask(value: str) -> str:
    """Return what may be shown of a key: its first and last four characters."""
    return f"{value[:4]}...{value[-4:]}"


async def create_personal_api_key(
    db: Db,
    services: Services,
    *,
    user_id: int,
    label: str,
    scopes: Sequence[str],
    scoped_teams: Sequence[int] = (),
    scoped_organizations: Sequence[UUID] = (),
) -> CreatedKey:
    """Make a key of the user with checked scopes and limits; it covers the organizations that the user is in now."""
    key_id, value = new_token(length=32), new_token(PREFIX)
    await db.execute(
        insert(personal_api_key).values(
            id=key_id,
            user_id=user_id,
            label=label,
            value_hash=token_hash(value),
            mask_value=mask(value),
            scopes=list(scopes),
            scoped_teams=list(scoped_teams),
            scoped_organizations=[str(one) for one in scoped_organizations],
            covered_organizations=await _all_of(db, user_id),
            created_at=services.clock.now(),
        )
    )
    return CreatedKey(key_id, value)


async def _all_of(db: Db, user_id: int) -> list[str]:
    return sorted(map(str, await joined_at_of(db, user_id)))


async def widen_key(db: Db, services: Services, user_id: int, key_id: str) -> None:
    """Let the key cover all organizations that its owner is in by now."""
    await change_key(db, services, key_id, {"covered_organizations": await _all_of(db, user_id)})


async def cover_organization(db: Db, services: Services, key_id: str, organization_id: UUID) -> None:
    """Let the key cover the organization that it has just made, and no other that its owner joined meanwhile."""
    covered = {*await coverage_of(db, key_id), organization_id}
    await change_key(db, services, key_id, {"covered_organizations": sorted(map(str, covered))})


async def delete_keys_of(db: Db, services: Services, user_id: int) -> None:
    """End all keys of a user."""
    await db.execute(delete(personal_api_key).where(personal_api_key.c.user_id == user_id))
    invalidate_callers(db, services)


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
    return value


async def delete_key(db: Db, services: Services, key_id: str) -> None:
    """End a key."""
    await db.execute(delete(personal_api_key).where(personal_api_key.c.id == key_id))
    invalidate_callers(db, services)


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
