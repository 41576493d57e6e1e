"""Who is told what became of a subscription."""

from collections.abc import Sequence

from sqlalchemy import select

from parley.accounts.memberships.tables import membership
from parley.accounts.projects.tables import project
from parley.accounts.users.tables import user_account
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import OWNER

MOST_OWNERS = 10


async def is_owner_there(db: Db, project_id: int, user_id: int | None) -> bool:
    """Say whether a user is active, and a member of the project's organization (membership's unique key)."""
    found = (
        select(membership.c.user_id)
        .join(user_account, user_account.c.id == membership.c.user_id)
        .join(project, project.c.organization_id == membership.c.organization_id)
        .where(project.c.id == project_id, membership.c.user_id == user_id, user_account.c.is_active)
    )
    return (await db.execute(found)).first() is not None


async def emails_of_owner(db: Db, project_id: int, user_id: int | None) -> Sequence[str]:
    """Return the address of a user; of those who own the project's organization where the user is gone (primary key)."""
    found = select(user_account.c.email).where(user_account.c.id == user_id, user_account.c.is_active)
    emails: Sequence[str] = (await db.execute(found)).scalars().all()
    return emails or await _owners(db, project_id)


async def _owners(db: Db, project_id: int) -> Sequence[str]:
    """Return the addresses of those who own the project's organization, who came first (membership's unique key)."""
    found = (
        select(user_account.c.email)
        .join(membership, membership.c.user_id == user_account.c.id)
        .join(project, project.c.organization_id == membership.c.organization_id)
        .where(project.c.id == project_id, membership.c.level >= OWNER, user_account.c.is_active)
        .order_by(membership.c.joined_at, user_account.c.id)
        .limit(MOST_OWNERS)
    )
    return (await db.execute(found)).scalars().all()
