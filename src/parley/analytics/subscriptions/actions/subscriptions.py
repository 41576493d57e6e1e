"""Subscriptions are made and changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, update

from parley.accounts.activity_log.actions import record
from parley.accounts.activity_log.schemas import Change, Detail, Entry
from parley.analytics.subscriptions.actions.drafts import Draft
from parley.analytics.subscriptions.actions.telling import introduce, invite
from parley.analytics.subscriptions.queries.subscriptions import (
    live_count,
    subscription_key,
    subscription_or_none,
)
from parley.analytics.subscriptions.rules.limits import MOST_SUBSCRIPTIONS
from parley.analytics.subscriptions.rules.recurrence import next_occurrence
from parley.analytics.subscriptions.rules.schedules import rule_of
from parley.analytics.subscriptions.rules.targets import check_wanted, has_address, without_address
from parley.analytics.subscriptions.schemas import StoredSubscription
from parley.analytics.subscriptions.tables import subscription
from parley.kernel.database.dialect import take_turn
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import new_number
from parley.kernel.services import Services
from parley.kernel.text.time_zones import zone

SCOPE = "Subscription"
TURN = 1105
"""Of those who make subscriptions of one project at the same time."""
LOGGED = (
    "insight_id", "dashboard_id", "dashboard_export_insights", "dashboard_export_all", "title", "target_type",
    "target_value", "integration_id", "frequency", "interval", "byweekday", "bysetpos", "count", "start_date",
    "until_date", "skip_if_empty", "attachments", "enabled", "deleted",
)  # fmt: skip


async def create_subscription(db: Db, services: Services, actor: Actor, draft: Draft) -> StoredSubscription:
    """Store a subscription that was checked, and have its recipients told; raises Invalid where there are too many."""
    await _check_room(db, actor.project_id)
    id, now = new_number(), services.clock.now()
    values: dict[str, Any] = {
        "project_id": actor.project_id,
        "id": id,
        "failure_count": 0,
        "created_by": actor.user_id,
    }
    rest = {"unsubscribed": [], "created_at": now, "updated_at": now}
    await db.execute(insert(subscription).values(**draft.values, **values, **rest))
    made = await subscription_or_none(db, actor.project_id, id)
    assert made is not None
    await _tell(db, actor, made, draft)
    await _log(db, made, actor.user_id, "created", (), now)
    return made


async def change_subscription(db: Db, services: Services, actor: Actor, draft: Draft) -> StoredSubscription:
    """Store a change that was checked; raises NotFound, and Invalid where a deleted one comes back to too many."""
    old, now = draft.before, services.clock.now()
    assert old is not None
    before = await subscription_or_none(db, actor.project_id, old.id, is_held=True)
    if before is None:
        raise NotFound
    if before.deleted and not draft.values["deleted"]:
        await _check_room(db, actor.project_id)
        check_wanted(draft.values["target_value"], before.unsubscribed)
    # What somebody else has changed meanwhile stays.
    changes = {name: value for name, value in draft.values.items() if value != getattr(old, name, None)}
    if not changes:
        return before
    mine = subscription_key(actor.project_id, old.id)
    await db.execute(update(subscription).where(mine).values(**changes, updated_at=now))
    after = await subscription_or_none(db, actor.project_id, old.id)
    assert after is not None
    await _tell(db, actor, after, draft)
    logged = _changes(before, after)
    activity = "deleted" if after.deleted and not before.deleted else "updated"
    await _log(db, after, actor.user_id, activity, logged, now)
    return after


async def unsubscribe(db: Db, project_id: int, id: int, email: str, now: datetime) -> None:
    """Take an address off a subscription, which is deleted when it has no other. Safe to run twice."""
    before = await subscription_or_none(db, project_id, id, is_held=True)
    if before is None or before.target_type != "email":
        return
    left = without_address(before.target_value, email)
    if left == before.target_value:
        return
    known = [one for one in before.unsubscribed if not has_address(email, one)]
    values: dict[str, Any] = {"unsubscribed": [*known, email]}
    values |= {"target_value": left} if left else {"deleted": True}
    await db.execute(
        update(subscription).where(subscription_key(project_id, id)).values(**values, updated_at=now)
    )
    after = await subscription_or_none(db, project_id, id)
    assert after is not None
    await _log(db, after, None, "updated" if left else "deleted", _changes(before, after), now)


async def disable(db: Db, project_id: int, id: int, reason: str, now: datetime) -> None:
    """Switch a subscription off, which nobody has asked for, and note why."""
    before = await subscription_or_none(db, project_id, id, is_held=True)
    if before is None or not before.enabled:
        return
    values = {"enabled": False, "disabled_reason": reason, "updated_at": now}
    await db.execute(update(subscription).where(subscription_key(project_id, id)).values(**values))
    after = await subscription_or_none(db, project_id, id)
    assert after is not None
    await _log(db, after, None, "updated", _changes(before, after), now)


_MOVE_ON = (
    update(subscription)
    .where(
        subscription.c.project_id == bindparam("in_project", type_=subscription.c.project_id.type),
        subscription.c.id == bindparam("of", type_=subscription.c.id.type),
    )
    .values(next_delivery_date=bindparam("next_date", type_=subscription.c.next_delivery_date.type))
)


async def move_on(db: Db, due: Sequence[Row[Any]]) -> None:
    """Give subscriptions whose deliveries begin their next dates: the first ones after those that were due."""
    if due:
        await db.execute(_MOVE_ON, [_moved(row) for row in due])


def _moved(row: Row[Any]) -> dict[str, Any]:
    next_date = next_occurrence(rule_of(row._mapping), zone(row.timezone), row.next_delivery_date)
    return {"in_project": row.project_id, "of": row.id, "next_date": next_date}


async def set_next_date(db: Db, project_id: int, id: int, at: datetime | None, counts_from: datetime) -> None:
    """Store a next date that was computed anew, and since when the schedule counts."""
    values = {"next_delivery_date": at, "counts_from": counts_from}
    await db.execute(update(subscription).where(subscription_key(project_id, id)).values(**values))


async def note_outcome(
    db: Db, project_id: int, id: int, now: datetime, *, error: str | None, is_delivered: bool, counts: bool
) -> int:
    """Note what a delivery came to; return how many have failed in a row, of those that count."""
    values: dict[str, Any] = {"last_error": error}
    values |= {"last_delivered_at": now} if is_delivered else {}
    values |= {"last_failed_at": now} if error else {}
    if counts:
        values["failure_count"] = 0 if is_delivered else subscription.c.failure_count + 1
    noted = update(subscription).where(subscription_key(project_id, id)).values(**values)
    count: int | None = (await db.execute(noted.returning(subscription.c.failure_count))).scalar()
    return count or 0


async def _check_room(db: Db, project_id: int) -> None:
    await take_turn(db, TURN, project_id)
    if await live_count(db, project_id) >= MOST_SUBSCRIPTIONS:
        text = f"A project can have at most {MOST_SUBSCRIPTIONS} subscriptions."
        raise Invalid(text, code="limit_reached", attr="subscription")


async def _tell(db: Db, actor: Actor, made: StoredSubscription, draft: Draft) -> None:
    if draft.is_introduced:
        await introduce(db, made)
    for email in draft.invited:
        await invite(db, made, email, actor.principal, draft.invite_message)


def _changes(before: StoredSubscription, after: StoredSubscription) -> list[Change]:
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in LOGGED)
    return [
        Change(type=SCOPE, action="changed", field=name, before=_shown(old), after=_shown(new))
        for name, old, new in pairs
        if old != new
    ]


def _shown(value: Any) -> Any:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


async def _log(
    db: Db,
    one: StoredSubscription,
    user_id: int | None,
    activity: str,
    changes: Sequence[Change],
    now: datetime,
) -> None:
    entry = Entry(
        project_id=one.project_id,
        user_id=user_id,
        activity=activity,
        scope=SCOPE,
        item_id=str(one.id),
        detail=Detail(name=one.title or one.resource_name, changes=changes),
        created_at=now,
    )
    await record(db, entry)
