"""Switching a share on and off, changing it, and giving it another link."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, insert, update

from parley.accounts.passwords.hashing import new_form
from parley.analytics.sharing.actions.activity import changes_of, log_of
from parley.analytics.sharing.actions.passwords import copy_passwords
from parley.analytics.sharing.errors import SharingForbidden
from parley.analytics.sharing.queries.configurations import (
    current_share,
    may_share_publicly,
    replaced_links,
)
from parley.analytics.sharing.rules.configurations import (
    GRACE,
    TURN,
    check_link_end,
    checked_settings,
    new_access_token,
)
from parley.analytics.sharing.schemas import SharingPatch, StoredShare
from parley.analytics.sharing.tables import sharing_configuration
from parley.analytics.sharing.targets import SharedThing
from parley.kernel.database.dialect import take_turn
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.http.patches import patched_fields
from parley.kernel.ids import new_uuid, token_hash
from parley.kernel.secrets import Vault
from parley.kernel.services import Services


async def change_share(
    db: Db, services: Services, actor: Actor, thing: SharedThing, patch: SharingPatch
) -> StoredShare:
    """Change what the patch names, and make the share where there is none yet.

    Raises SharingForbidden, Invalid, and what the target raises. What was shared, is switched off and then on again gets
    another link; every older one is dead from the moment of switching off.
    """
    changes = patched_fields(patch)
    if changes.get("enabled") and not await may_share_publicly(db, actor.project_id):
        raise SharingForbidden
    await thing.target.check_may_share(db, actor, thing.id)
    now = services.clock.now()
    if "settings" in changes:
        changes["settings"] = checked_settings(changes["settings"])
    check_link_end(changes.get("link_expires_at"), now)
    before = await held_share(db, services, actor, thing)
    for_all = {name: value for name, value in changes.items() if (name, value) != ("enabled", True)}
    if before.enabled and changes.get("enabled") is False:
        for_all["disabled_at"] = now
    await _store(db, before, for_all, every_link=True)
    if changes.get("enabled") and not before.enabled:
        fresh = {} if before.disabled_at is None else new_link(services.vault)
        await _store(db, before, {"enabled": True, "disabled_at": None, **fresh})
    changed = {name: value for name, value in changes.items() if value != getattr(before, name)}
    if changed:
        entries = changes_of(thing.kind, before, changed)
        await log_of(db, services, actor, thing, _activity(changed), entries)
    return await _stored(db, actor, thing)


async def refresh_share(db: Db, services: Services, actor: Actor, thing: SharedThing) -> StoredShare:
    """Give the share another link; the one before goes on for GRACE. Raises what the target raises."""
    await thing.target.check_may_share(db, actor, thing.id)
    await take_turn(db, TURN, actor.project_id)
    before = await current_share(db, actor.project_id, thing.kind, thing.id)
    if before is None:
        return await held_share(db, services, actor, thing)
    now = services.clock.now()
    await _store(db, before, {"expires_at": now + GRACE})
    kept = (
        "target_type",
        "target_id",
        "enabled",
        "settings",
        "password_required",
        "hash_form",
        "link_expires_at",
    )
    id = await _insert(db, services, actor, {name: getattr(before, name) for name in kept})
    await copy_passwords(db, before, id)
    await log_of(db, services, actor, thing, "sharing link refreshed")
    return await _stored(db, actor, thing)


async def held_share(db: Db, services: Services, actor: Actor, thing: SharedThing) -> StoredShare:
    """Return the share of a target, made where there is none; nobody else changes it until the transaction ends."""
    await take_turn(db, TURN, actor.project_id)
    found = await current_share(db, actor.project_id, thing.kind, thing.id)
    if found is not None:
        return found
    values = {
        "target_type": thing.kind,
        "target_id": thing.id,
        "enabled": False,
        "password_required": False,
        "hash_form": new_form(),
    }
    await _insert(db, services, actor, values)
    return await _stored(db, actor, thing)


async def _insert(db: Db, services: Services, actor: Actor, values: dict[str, Any]) -> UUID:
    id = new_uuid()
    row = {"project_id": actor.project_id, "id": id, "created_at": services.clock.now(), **values}
    await db.execute(insert(sharing_configuration).values(**row, **new_link(services.vault)))
    return id


def new_link(vault: Vault) -> dict[str, str]:
    """Return the columns of a link that nobody knows yet."""
    token = new_access_token()
    return {"access_token": vault.encrypt(token), "token_hash": token_hash(token)}


async def _store(db: Db, share: StoredShare, values: dict[str, Any], *, every_link: bool = False) -> None:
    """Store values with this link, or with every link of what it opens."""
    columns = sharing_configuration.c
    wanted = [columns.project_id == share.project_id]
    if every_link:
        wanted += [columns.target_type == share.target_type, columns.target_id == share.target_id]
    else:
        wanted.append(columns.id == share.id)
    if values:
        await db.execute(update(sharing_configuration).where(*wanted).values(**values))


async def _stored(db: Db, actor: Actor, thing: SharedThing) -> StoredShare:
    found = await current_share(db, actor.project_id, thing.kind, thing.id)
    assert found is not None  # it was made, and is held
    return found


def _activity(changed: dict[str, Any]) -> str:
    if "enabled" not in changed:
        return "sharing changed"
    return "sharing enabled" if changed["enabled"] else "sharing disabled"


async def forget_replaced_links(db: Db, now: datetime, *, limit: int) -> int:
    """Delete links that were replaced and are over, so many at most (ix_sharing_configuration_expires)."""
    columns = sharing_configuration.c
    # The condition stands in both: by the ids alone SQLite would read the whole table.
    over = (columns.expires_at <= now, columns.id.in_(replaced_links(now, limit)))
    return (await db.execute(delete(sharing_configuration).where(*over))).rowcount


async def forget_links(db: Db, ids: Select[Any]) -> int:
    """Delete these links with their passwords; return how many."""
    found = delete(sharing_configuration).where(sharing_configuration.c.id.in_(ids))
    return (await db.execute(found)).rowcount
