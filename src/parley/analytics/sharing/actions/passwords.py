"""Passwords of shares: added, copied for another link, and taken away."""

from uuid import UUID

import msgspec
from sqlalchemy import insert, update

from parley.accounts.activity_log.schemas import Change
from parley.accounts.passwords.hashing import hash_in_form
from parley.analytics.sharing.actions.activity import log_of
from parley.analytics.sharing.errors import PasswordProtectionIsOff, TooManySharePasswords
from parley.analytics.sharing.queries.configurations import (
    active_password_count,
    active_passwords,
    current_share,
    password_by_id,
)
from parley.analytics.sharing.rules.configurations import LOG_SCOPES, TURN
from parley.analytics.sharing.rules.passwords import (
    MOST_PASSWORDS,
    UNTITLED,
    compared_form,
    new_password_id,
)
from parley.analytics.sharing.schemas import NewSharePasswordOut, StoredShare
from parley.analytics.sharing.tables import share_password
from parley.analytics.sharing.targets import SharedThing
from parley.kernel.database.dialect import take_turn
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services


async def check_may_add_password(services: Services, actor: Actor, thing: SharedThing) -> StoredShare:
    """Return the share; raises PasswordProtectionIsOff, TooManySharePasswords, and what the target raises."""
    async with services.database.transaction(write=False) as db:
        return await _protected_share(db, actor, thing)


async def _protected_share(db: Db, actor: Actor, thing: SharedThing) -> StoredShare:
    await thing.target.check_may_share(db, actor, thing.id)
    found = await current_share(db, actor.project_id, thing.kind, thing.id)
    if found is None or not found.password_required:
        raise PasswordProtectionIsOff
    if await active_password_count(db, found) >= MOST_PASSWORDS:
        raise TooManySharePasswords(MOST_PASSWORDS)
    return found


async def add_password(
    services: Services, actor: Actor, thing: SharedThing, share: StoredShare, password: str, note: str
) -> NewSharePasswordOut:
    """Add a password to the share that `check_may_add_password` has found; raises what that raises.

    Opens its own transaction: none is held while the password is hashed.
    """
    hashed = await hash_in_form(compared_form(password), share.hash_form, address="")
    async with services.database.transaction() as db:
        await take_turn(db, TURN, actor.project_id)
        share = await _protected_share(db, actor, thing)
        id, now = new_password_id(), services.clock.now()
        await db.execute(
            insert(share_password).values(
                project_id=actor.project_id,
                id=id,
                configuration_id=share.id,
                original_id=id,
                password_hash=hashed,
                note=note,
                is_active=True,
                created_by=actor.user_id,
                created_at=now,
            )
        )
        await log_of(db, services, actor, thing, "share password created", [_logged(thing, id, note)])
    return NewSharePasswordOut(
        id=id, password=password, note=note, created_at=now, created_by_email=actor.principal.email
    )


async def delete_password(
    db: Db, services: Services, actor: Actor, thing: SharedThing, id: int | None
) -> None:
    """Close a password, on every link of the share; who came in by it is out at once. Raises NotFound.

    It may be named by the number that it has on a link that was replaced, while that one goes on.
    """
    await thing.target.check_may_share(db, actor, thing.id)
    await take_turn(db, TURN, actor.project_id)
    share = await current_share(db, actor.project_id, thing.kind, thing.id)
    found = None if share is None or id is None else await password_by_id(db, share, id, services.clock.now())
    if found is None:
        raise NotFound("Password not found")
    await db.execute(
        update(share_password)
        .where(
            share_password.c.project_id == actor.project_id, share_password.c.original_id == found.original_id
        )
        .values(is_active=False)
    )
    await log_of(db, services, actor, thing, "share password deleted", [_logged(thing, found.id, found.note)])


async def copy_passwords(db: Db, share: StoredShare, to: UUID) -> None:
    """Let the passwords of a share open another link, too, under numbers of its own."""
    rows = [
        {
            **msgspec.structs.asdict(one),
            "project_id": share.project_id,
            "id": new_password_id(),
            "configuration_id": to,
            "is_active": True,
        }
        for one in await active_passwords(db, share.project_id, share.id)
    ]
    if rows:
        await db.execute(insert(share_password), rows)


def _logged(thing: SharedThing, id: int, note: str) -> Change:
    after = {"password_id": id, "password_note": note or UNTITLED}
    return Change(
        type=LOG_SCOPES[thing.kind], action="changed", field="share_passwords", before=None, after=after
    )
