"""What became of an event."""

from sqlalchemy import bindparam, update

from parley.integrations.slack_channel.queries.events import StoredEvent
from parley.integrations.slack_channel.tables import slack_event
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

_e = slack_event.c
_SETTLE = Prepared(
    update(slack_event)
    .where(_e.project_id == bindparam("in_project"), _e.id == bindparam("row_id", type_=_e.id.type))
    .values(
        state=bindparam("became", type_=_e.state.type),
        detail=bindparam("why", type_=_e.detail.type),
        event={},
    )
)


async def settle(db: Db, one: StoredEvent, state: str, detail: str | None = None) -> None:
    """Note what became of an event, and forget what it said."""
    why = detail[:300] if detail else None
    await db.rows(_SETTLE, in_project=one.project_id, row_id=one.id, became=state, why=why)
