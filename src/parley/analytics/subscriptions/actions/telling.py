"""What recipients and owners are told beside the deliveries: work for mails, and for Slack."""

from collections.abc import Sequence
from typing import Literal

import msgspec
from sqlalchemy import select

from parley.accounts.memberships.tables import membership
from parley.accounts.projects.tables import project
from parley.accounts.users.tables import user_account
from parley.analytics.subscriptions.schemas import StoredSubscription
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import OWNER, Principal
from parley.kernel.jobs import enqueue

SEND_NOTICE = "subscriptions.send_notice"
INTRODUCE = "subscriptions.introduce"
MOST_OWNERS = 10
NoticeKind = Literal["invitation", "failing", "disabled", "owner_gone"]


class SubscriptionNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A mail about a subscription to one person; `words` are those of who invites, or the reason."""

    kind: NoticeKind
    subscription_id: int
    email: str
    words: str | None = None
    inviter: str = ""
    is_inviter: bool = False


async def invite(
    db: Db, made: StoredSubscription, email: str, inviter: Principal, message: str | None
) -> None:
    """Have an address told that it gets a subscription from now on."""
    await _enqueue(
        db,
        made.project_id,
        SubscriptionNotice(
            kind="invitation",
            subscription_id=made.id,
            email=email,
            words=message,
            inviter=inviter.name,
            is_inviter=email.lower() == inviter.email.lower(),
        ),
    )


async def introduce(db: Db, made: StoredSubscription) -> None:
    """Have Slack told that it gets a subscription from now on."""
    payload = {"subscription_id": made.id}
    await enqueue(db, INTRODUCE, payload, project_id=made.project_id, queue="webhooks")


async def tell_owner(
    db: Db, project_id: int, subscription_id: int, user_id: int | None, kind: NoticeKind, reason: str
) -> None:
    """Have the owner told what became of a subscription; where they are gone, the owners of the organization."""
    found = select(user_account.c.email).where(user_account.c.id == user_id, user_account.c.is_active)
    emails: Sequence[str] = (await db.execute(found)).scalars().all() if kind != "owner_gone" else ()
    for email in emails or await _owners(db, project_id):
        notice = SubscriptionNotice(kind=kind, subscription_id=subscription_id, email=email, words=reason)
        await _enqueue(db, project_id, notice)


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


async def _enqueue(db: Db, project_id: int, notice: SubscriptionNotice) -> None:
    payload = msgspec.to_builtins(notice)
    await enqueue(db, SEND_NOTICE, payload, project_id=project_id, queue="mail")
