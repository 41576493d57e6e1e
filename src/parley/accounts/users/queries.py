"""Users."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import RowMapping, Select, select

from parley.accounts.users.schemas import UserBasic
from parley.accounts.users.tables import UNDO_SEND_S, user_account
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.network.emails import NO_MAILBOX

USER = StructColumns(UserBasic, user_account)
"""A user in other objects, for use in a join; `USER.or_none()` in an outer one."""


class UserCredentials(msgspec.Struct, frozen=True):
    """What signing in needs."""

    user_id: int
    user_uuid: UUID
    email: str
    password_hash: str
    is_active: bool
    is_email_verified: bool
    two_factor_at: datetime | None = None

    @property
    def has_two_factor(self) -> bool:
        return self.two_factor_at is not None


CREDENTIALS = StructColumns(
    UserCredentials, user_account, user_id=user_account.c.id, user_uuid=user_account.c.uuid
)
_WITH_CREDENTIALS: Select[Any] = select(*CREDENTIALS.columns)


async def user_id_by_email(db: Db, email: str) -> int | None:
    """Return the id of the user with this address in its normal form (unique index)."""
    found = await db.execute(select(user_account.c.id).where(user_account.c.email == email))
    user_id: int | None = found.scalar_one_or_none()
    return user_id


async def credentials_by_id(db: Db, user_id: int, *, is_locking: bool = False) -> UserCredentials | None:
    """Return how this user signs in (primary key); locked, it stays so until the transaction ends."""
    wanted = _WITH_CREDENTIALS.where(user_account.c.id == user_id)
    row = (await db.execute(wanted.with_for_update(key_share=True) if is_locking else wanted)).first()
    return CREDENTIALS(row) if row else None


async def credentials_by_email(db: Db, email: str) -> UserCredentials | None:
    """Return how the user with this address signs in (unique index)."""
    row = (await db.execute(_WITH_CREDENTIALS.where(user_account.c.email == email))).first()
    return CREDENTIALS(row) if row else None


async def credentials_by_former_email(db: Db, email: str) -> UserCredentials | None:
    """Return how the user signs in who has lost this address, the last one if several have (index on former_email).

    Whoever has got another one since, in whatever way, signs in by that: its domain may have a say.
    """
    has_none = user_account.c.email.endswith(f"@{NO_MAILBOX}")
    former = _WITH_CREDENTIALS.where(user_account.c.former_email == email, has_none)
    row = (await db.execute(former.order_by(user_account.c.id.desc()).limit(1))).first()
    return CREDENTIALS(row) if row else None


async def credentials_by_either(db: Db, typed: str, email: str) -> UserCredentials | None:
    """Return how the user with this address signs in: as it was typed, else in its normal form (unique index).

    One statement, whatever there is. Of two accounts whose addresses became equal, each signs in with its own spelling.
    """
    either = _WITH_CREDENTIALS.where(user_account.c.email.in_((typed, email)))
    found = [CREDENTIALS(row) for row in await db.execute(either)]
    return next((one for one in found if one.email == typed), found[0] if found else None)


async def user_row(db: Db, user_id: int, *, is_locking: bool = False) -> RowMapping:
    """Return every column of a user (primary key); raises NotFound."""
    found = select(user_account).where(user_account.c.id == user_id)
    row = (
        (await db.execute(found.with_for_update(key_share=True) if is_locking else found)).mappings().first()
    )
    if row is None:
        raise NotFound
    return row


def undo_send_of(row: RowMapping) -> int:
    """Return how many seconds the replies of a user wait; 0 where they go out at once."""
    chosen: int | None = row["undo_send_s"]
    return UNDO_SEND_S if chosen is None else chosen


_ANYBODY = Prepared(select(user_account.c.id).limit(1))


async def has_user(database: Database) -> bool:
    """Say whether anybody has an account; from then on the set-up page is closed."""
    return bool(await database.read(_ANYBODY))
