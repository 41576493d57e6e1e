"""The passkeys of a user."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from parley.accounts.two_factor.schemas import PasskeyOut
from parley.accounts.two_factor.tables import passkey
from parley.accounts.users.tables import user_account
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound


class PasskeyOwner(msgspec.Struct, frozen=True):
    """A passkey with what is needed to let its user in."""

    id: UUID
    credential_id: str
    public_key: str
    sign_count: int
    user_id: int
    user_uuid: UUID
    email: str
    is_active: bool
    last_used_at: datetime | None


_PASSKEY = StructColumns(PasskeyOut, passkey, label=passkey.c.name)
_OWNER = StructColumns(
    PasskeyOwner,
    passkey,
    user_uuid=user_account.c.uuid,
    email=user_account.c.email,
    is_active=user_account.c.is_active,
)


async def passkeys_of(db: Db, user_id: int) -> list[PasskeyOut]:
    """Return the passkeys of a user, newest first (index on user_id)."""
    wanted = select(*_PASSKEY.columns).where(passkey.c.user_id == user_id)
    rows = await db.execute(wanted.order_by(passkey.c.created_at.desc(), passkey.c.id))
    return [_PASSKEY(row) for row in rows]


async def passkey_by_id(db: Db, user_id: int, passkey_id: UUID) -> PasskeyOut:
    """Return one passkey of the user (primary key); raises NotFound."""
    wanted = select(*_PASSKEY.columns).where(passkey.c.id == passkey_id, passkey.c.user_id == user_id)
    row = (await db.execute(wanted)).first()
    if row is None:
        raise NotFound
    return _PASSKEY(row)


async def credential_ids_of(db: Db, user_id: int) -> list[str]:
    """Return by what authenticators know the passkeys of a user (index on user_id)."""
    wanted = select(passkey.c.credential_id).where(passkey.c.user_id == user_id)
    return list((await db.execute(wanted)).scalars())


async def passkey_owner(db: Db, credential_id: str) -> PasskeyOwner | None:
    """Return whose passkey this is (unique key)."""
    wanted = select(*_OWNER.columns).join(user_account, user_account.c.id == passkey.c.user_id)
    row = (await db.execute(wanted.where(passkey.c.credential_id == credential_id))).first()
    return _OWNER(row) if row else None
