"""Mails that the brake holds: let out, or cancelled."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, update

from parley.accounts.activity_log.actions import record_all
from parley.accounts.activity_log.schemas import Detail, Entry
from parley.email.outbound.actions.queue import call_for_work
from parley.email.outbound.actions.status import show_status
from parley.email.outbound.queries.deliveries import comments_of_emails
from parley.email.outbound.tables import HELD, outbound_email, outbound_queue
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services

SCOPE = "OutboundEmail"


async def resume_held(db: Db, services: Services, actor: Actor, ids: Sequence[UUID] | None) -> int:
    """Let held mails out, all of them or some, and return how many; what they count for the brake begins anew."""
    project_id, now = actor.project_id, services.clock.now()
    found = await _change(db, project_id, ids, {"state": "waiting", "reason": None})
    if not found:
        return 0
    await call_for_work(db, project_id, now)
    mine = outbound_queue.c.project_id == project_id
    await db.execute(update(outbound_queue).where(mine).values(resumed_at=now))
    await _log(db, services, actor, "resumed", len(found))
    return len(found)


async def cancel_held(db: Db, services: Services, actor: Actor, ids: Sequence[UUID] | None) -> int:
    """Give up held mails, all of them or some, and return how many; nothing of them goes out."""
    project_id = actor.project_id
    given_up = {
        "state": "cancelled",
        "reason": "by_team",
        "next_at": None,
        "finished_at": services.clock.now(),
    }
    found = await _change(db, project_id, ids, given_up)
    if not found:
        return 0
    comments = await comments_of_emails(db, project_id, found)
    await show_status(db, services, project_id, [id for ids in comments.values() for id in ids])
    await _log(db, services, actor, "cancelled", len(found))
    return len(found)


async def _change(db: Db, project_id: int, ids: Sequence[UUID] | None, values: dict[str, Any]) -> list[UUID]:
    these: ColumnElement[bool] = and_(outbound_email.c.project_id == project_id, HELD)
    if ids is not None:
        these = and_(these, outbound_email.c.id.in_(ids))
    changed = update(outbound_email).where(these).values(**values).returning(outbound_email.c.id)
    return list((await db.execute(changed)).scalars())


async def _log(db: Db, services: Services, actor: Actor, activity: str, count: int) -> None:
    entry = Entry(
        project_id=actor.project_id,
        user_id=actor.user_id,
        activity=activity,
        scope=SCOPE,
        item_id="held",
        detail=Detail(name=f"{count} held mail{'s' * (count != 1)}"),
        created_at=services.clock.now(),
    )
    await record_all(db, [entry])
