"""Making and changing users, and where they work now."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, update

from parley.accounts.caller_cache import invalidate_callers
from parley.accounts.users.tables import user_account
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.ids import new_token, new_uuid
from parley.kernel.network.emails import normal_email
from parley.kernel.services import Services

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
        invalidate_callers(db, services)


async def set_current(
    db: Db,
    services: Services,
    *,
    user_id: int,
    organization_id: UUID,
    project_id: int | ColumnElement[int | None] | None,
) -> int | None:
    """Remember where the user works now. Return the project."""
    changed = await db.execute(
        update(user_account)
        .where(user_account.c.id == user_id)
        .values(current_organization_id=organization_id, current_project_id=project_id)
        .returning(user_account.c.current_project_id)
    )
    invalidate_callers(db, services)
    current: int | None = changed.scalar_one()
    return current


async def set_first_current(
    db: Db, *, user_id: int, organization_id: UUID, project_id: ColumnElement[int | None]
) -> None:
    """Remember where the user works, where nothing is remembered yet."""
    await db.execute(
        update(user_account)
        .where(user_account.c.id == user_id, user_account.c.current_organization_id.is_(None))
        .values(current_organization_id=organization_id, current_project_id=project_id)
    )


async def leave_current(
    db: Db,
    *,
    user_id: int,
    organization_id: UUID,
    next_organization_id: ColumnElement[UUID | None],
    next_project_id: ColumnElement[int | None],
) -> None:
    """Let a user who works in this organization work elsewhere from now on."""
    await db.execute(
        update(user_account)
        .where(user_account.c.id == user_id, user_account.c.current_organization_id == organization_id)
        .values(current_organization_id=next_organization_id, current_project_id=next_project_id)
    )
