"""Messages that the brake holds: let go, or given up."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, update

from parley.accounts.activity_log.actions import record_all
from parley.accounts.activity_log.schemas import Detail, Entry
from parley.integrations.sms_outbound.actions.queue import call_for_work
from parley.integrations.sms_outbound.actions.status import settle_all, show_sms_status
from parley.integrations.sms_outbound.rules.states import SENTENCES
from parley.integrations.sms_outbound.tables import HELD, sms_brake, sms_message
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services

SCOPE = "SmsMessage"
m = sms_message.c


def _these(project_id: int, ids: Sequence[UUID] | None) -> ColumnElement[bool]:
    mine = and_(m.project_id == project_id, HELD)
    return mine if ids is None else and_(mine, m.id.in_(ids))


async def resume_held_texts(db: Db, services: Services, actor: Actor, ids: Sequence[UUID] | None) -> int:
    """Let held messages go, all of them or some, and return how many; the brake counts anew."""
    now, project_id = services.clock.now(), actor.project_id
    values = {"state": "waiting", "reason": None, "detail": None, "next_at": now}
    gone = update(sms_message).where(_these(project_id, ids)).values(values)
    rows = (await db.execute(gone.returning(m.contact_id, m.comment_id))).all()
    for comment_id in sorted({row.comment_id for row in rows}):
        await show_sms_status(db, services, project_id, comment_id)
    if rows:
        brake = insert_for(db.dialect, sms_brake).values(project_id=project_id, resumed_at=now)
        again = brake.on_conflict_do_update(index_elements=["project_id"], set_={"resumed_at": now})
        await db.execute(again)
    for contact_id in sorted({row.contact_id for row in rows}):
        await call_for_work(db, project_id, contact_id, now)
    await _log(db, services, actor, "resumed", len(rows))
    return len(rows)


async def cancel_held_texts(db: Db, services: Services, actor: Actor, ids: Sequence[UUID] | None) -> int:
    """Give up held messages, all of them or some, and return how many; nothing of them goes out."""
    wanted = _these(actor.project_id, ids)
    count = await settle_all(
        db, services, actor.project_id, wanted, "failed", "by_team", SENTENCES["by_team"]
    )
    await _log(db, services, actor, "cancelled", count)
    return count


async def _log(db: Db, services: Services, actor: Actor, activity: str, count: int) -> None:
    if not count:
        return
    entry = Entry(
        project_id=actor.project_id,
        user_id=actor.user_id,
        activity=activity,
        scope=SCOPE,
        item_id="held",
        detail=Detail(name=f"{count} held text message{'s' * (count != 1)}"),
        created_at=services.clock.now(),
    )
    await record_all(db, [entry])
