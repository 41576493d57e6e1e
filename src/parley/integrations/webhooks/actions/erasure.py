"""Deliveries keep that something was sent, and forget what."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, case, update

from parley.integrations.webhooks import rules
from parley.integrations.webhooks.queries.deliveries import deliveries_about
from parley.integrations.webhooks.tables import PENDING, webhook_delivery
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.transaction import Db
from parley.kernel.text.json_text import read_json

c = webhook_delivery.c
_ERASE = (
    update(webhook_delivery)
    .where(c.project_id == bindparam("in_project"), is_one_of(c.id, listed("ids", c.id)))
    .values(
        payload=rules.ERASED,
        response_excerpt=None,
        last_error=case((and_(PENDING), rules.ERASED_REASON), else_=None),
        state=case((and_(PENDING), "failed"), else_=c.state),
        finished_at=case((and_(PENDING), bindparam("now", type_=c.finished_at.type)), else_=c.finished_at),
        next_at=None,
    )
)


async def erase_payloads(
    db: Db,
    project_id: int,
    ticket_ids: Sequence[UUID],
    now: datetime,
    *,
    is_about: Callable[[Any], bool] | None = None,
) -> int:
    """Forget what was sent about the tickets, or that part of it which `is_about` somebody; return how many there were.

    What still waits is not sent any more. An attempt that is on its way arrives.
    """
    found = await deliveries_about(db, project_id, ticket_ids)
    gone = [one.id for one in found if is_about is None or is_about(read_json(one.payload))]
    if gone:
        await db.execute(_ERASE, {"in_project": project_id, "ids": gone, "now": now})
    return len(gone)
