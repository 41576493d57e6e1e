"""Making users and changing what they are called."""

from typing import Any

from sqlalchemy import delete, update

from parley.accounts.actions.changes import tell_accounts_changed
from parley.accounts.actions.keys import delete_keys_of
from parley.accounts.rules.emails import normal_email
from parley.accounts.tables import password_reset, session, user_account
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.dependencies import Services
from parley.kernel.ids import new_token, new_uuid

EMAIL_TAKEN = "There is already an account with this email address."


async def create_user(
    db: Db,
    services: Services,
    *,
    email: str,
    password_hash: str,
    first_name: str = "",
    last_name: str = "",
    is_email_verified: bool = False,
) -> int:
    """Make a user and return the id; the hash is from `hash_password`. Raises Invalid for a taken address."""
    statement = insert_for(db.dialect, user_account).values(
        uuid=new_uuid(),
        email=normal_email(email),
        password_hash=password_hash,
        first_name=first_name,
        last_name=last_name,
        distinct_id=new_token(),
        is_email_verified=is_email_verified,
        created_at=services.clock.now(),
    )
    made = await db.execute(
        statement.on_conflict_do_nothing(index_elements=["email"]).returning(user_account.c.id)
    )
    user_id: int | None = made.scalar_one_or_none()
    if user_id is None:
        raise Invalid(EMAIL_TAKEN, code="unique", attr="email")
    return user_id


async def change_user(db: Db, services: Services, user_id: int, changes: dict[str, Any]) -> None:
    """Write checked columns."""
    if changes:
        await db.execute(update(user_account).where(user_account.c.id == user_id).values(**changes))
        tell_accounts_changed(db, services)


async def change_password(
    db: Db,
    services: Services,
    user_id: int,
    password_hash: str,
    *,
    but_session: str | None = None,
    keeps_keys: bool = False,
) -> None:
    """Set the password; end every session of the user, except the one whose hash is given, and all keys.

    Sessions end first: a session that is making a key holds itself open until the key is there to be ended.
    """
    await change_user(db, services, user_id, {"password_hash": password_hash})
    ended = delete(session).where(session.c.user_id == user_id)
    if but_session is not None:
        ended = ended.where(session.c.token_hash != but_session)
    await db.execute(ended)
    if not keeps_keys:
        await delete_keys_of(db, services, user_id)
    await db.execute(delete(password_reset).where(password_reset.c.user_id == user_id))
