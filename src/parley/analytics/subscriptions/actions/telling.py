"""What recipients and owners are told beside the deliveries: work for mails, and for Slack."""

from typing import Literal

import msgspec

from parley.analytics.subscriptions.queries.owners import emails_of_owner
from parley.analytics.subscriptions.schemas import StoredSubscription
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Principal
from parley.kernel.jobs import enqueue

SEND_NOTICE = "subscriptions.send_notice"
INTRODUCE, INTRODUCE_CHANNEL = "subscriptions.introduce", "subscriptions.introduce_channel"
"""To an incoming webhook, and to a channel of a connected workspace, which is work of a feature above."""
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
    name = INTRODUCE if made.integration_id is None else INTRODUCE_CHANNEL
    await enqueue(db, name, payload, project_id=made.project_id, queue="webhooks")


async def tell_owner(
    db: Db, project_id: int, subscription_id: int, user_id: int | None, kind: NoticeKind, reason: str
) -> None:
    """Have the owner told what became of a subscription; where they are gone, the owners of the organization."""
    for email in await emails_of_owner(db, project_id, user_id):
        notice = SubscriptionNotice(kind=kind, subscription_id=subscription_id, email=email, words=reason)
        await _enqueue(db, project_id, notice)


async def _enqueue(db: Db, project_id: int, notice: SubscriptionNotice) -> None:
    payload = msgspec.to_builtins(notice)
    await enqueue(db, SEND_NOTICE, payload, project_id=project_id, queue="mail")
