"""Passkeys: made in a session, and taken as proof of who somebody is. Each challenge is on the server, and works once."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from parley.accounts.audit_log.actions import record_for_user
from parley.accounts.sessions.queries import check_session
from parley.accounts.two_factor.actions.notices import notify
from parley.accounts.two_factor.actions.steps import begin_step, take_step
from parley.accounts.two_factor.queries.passkeys import PasskeyOwner, credential_ids_of, passkey_owner
from parley.accounts.two_factor.relying_party import (
    creation_options,
    handle_of,
    refused,
    request_options,
    verified_registration,
    verified_sign_count,
)
from parley.accounts.two_factor.schemas import PasskeyAnswer
from parley.accounts.two_factor.tables import passkey
from parley.accounts.users.queries import credentials_by_id
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import Principal
from parley.kernel.ids import new_uuid
from parley.kernel.services import Services

MAKING, USING = "passkey_making", "passkey_using"
MOST_PASSKEYS = 20
TRANSPORTS = frozenset({"ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"})


async def begin_passkey(db: Db, services: Services, principal: Principal) -> tuple[dict[str, Any], str]:
    """Return what the browser needs to make a passkey, and the token of this step."""
    known = await credential_ids_of(db, principal.user_id)
    if len(known) >= MOST_PASSKEYS:
        raise Invalid(f"You can have {MOST_PASSKEYS} passkeys at most.", code="limit_reached")
    options = creation_options(
        services.settings.site_url,
        handle=principal.user_uuid.bytes,
        email=principal.email,
        name=principal.name,
        known=known,
    )
    challenge = options["challenge"]
    token = await begin_step(db, services, MAKING, user_id=principal.user_id, challenge=challenge)
    return options, token


async def make_passkey(
    services: Services, principal: Principal, token: str | None, answer: PasskeyAnswer
) -> UUID:
    """Store the passkey that the caller's authenticator has made, and tell them by mail; raises Invalid."""
    async with services.database.transaction() as db:
        user_id, challenge = await take_step(db, services, token, MAKING)
    if user_id != principal.user_id:
        raise refused()
    made = await verified_registration(services.settings.site_url, answer.as_json(), challenge or "")
    async with services.database.transaction() as db:
        await check_session(db, principal)
        passkey_id = new_uuid()
        stored = insert_for(db.dialect, passkey).values(
            id=passkey_id,
            user_id=user_id,
            credential_id=made.credential_id,
            public_key=made.public_key,
            sign_count=made.sign_count,
            is_backed_up=made.is_backed_up,
            transports=_transports(answer),
            name=answer.label or "Passkey",
            created_at=services.clock.now(),
        )
        if (await db.execute(stored.on_conflict_do_nothing(index_elements=["credential_id"]))).rowcount == 0:
            raise refused()
        await record_for_user(db, services, user_id, "passkey.added", after={"name": answer.label})
        await notify(db, user_id, "passkey_added")
    return passkey_id


def _transports(answer: PasskeyAnswer) -> list[str]:
    said = answer.response.get("transports")
    return (
        sorted({one for one in said if isinstance(one, str)} & TRANSPORTS) if isinstance(said, list) else []
    )


async def rename_passkey(db: Db, user_id: int, passkey_id: UUID, name: str) -> None:
    """Call a passkey otherwise; raises NotFound."""
    own = passkey.c.id == passkey_id, passkey.c.user_id == user_id
    if (await db.execute(update(passkey).where(*own).values(name=name))).rowcount == 0:
        raise NotFound


async def delete_passkey(db: Db, services: Services, user_id: int, passkey_id: UUID) -> None:
    """Forget a passkey, and tell its owner by mail; raises NotFound."""
    own = passkey.c.id == passkey_id, passkey.c.user_id == user_id
    if (await db.execute(delete(passkey).where(*own))).rowcount == 0:
        raise NotFound
    await record_for_user(db, services, user_id, "passkey.deleted")
    await notify(db, user_id, "passkey_deleted")


async def begin_passkey_use(db: Db, services: Services) -> tuple[dict[str, Any], str]:
    """Return what a browser needs to sign in with a passkey, whoever uses it, and the token of this step."""
    options = request_options(services.settings.site_url)
    return options, await begin_step(db, services, USING, challenge=options["challenge"])


async def proven_owner(services: Services, token: str | None, answer: PasskeyAnswer) -> PasskeyOwner:
    """Return whose passkey has signed the challenge of this browser; raises Invalid, the same whatever is wrong."""
    async with services.database.transaction() as db:
        _, challenge = await take_step(db, services, token, USING)
        found = await passkey_owner(db, answer.id)
    if found is None or not found.is_active or handle_of(answer.as_json()) != found.user_uuid.bytes:
        raise refused()
    sign_count = await verified_sign_count(
        services.settings.site_url,
        answer.as_json(),
        challenge or "",
        public_key=found.public_key,
        sign_count=found.sign_count,
    )
    async with services.database.transaction() as db:
        used = update(passkey).where(passkey.c.id == found.id, passkey.c.sign_count == found.sign_count)
        used = used.values(sign_count=sign_count, last_used_at=services.clock.now())
        if (await db.execute(used)).rowcount == 0:
            raise refused()
    return found


async def hold_passkey(db: Db, owner: PasskeyOwner) -> None:
    """Hold a passkey and its account until the transaction ends that opens a session; raises Invalid if it is gone."""
    user = await credentials_by_id(db, owner.user_id, is_locking=True)
    known = await passkey_owner(db, owner.credential_id)
    if user is None or not user.is_active or known is None or known.user_id != owner.user_id:
        raise refused()
