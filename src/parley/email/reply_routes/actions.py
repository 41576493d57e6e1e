"""Addresses to which nothing is sent any more: after bounces, or because their owner doesn't want it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, case, delete, update

from parley.email.reply_routes.rules import MOST_HARD_BOUNCES
from parley.email.reply_routes.tables import outbound_address
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.network.emails import check_email

_a = outbound_address.c
_ONE = (
    _a.project_id == bindparam("project_id"),
    _a.address == bindparam("of_address", type_=_a.address.type),
)
_COUNT = Prepared(
    update(outbound_address)
    .where(*_ONE)
    .values(
        hard_bounces=_a.hard_bounces + 1,
        last_bounce=bindparam("said", type_=_a.last_bounce.type),
        closed_at=case(
            (_a.closed_at.is_not(None), _a.closed_at),
            (_a.hard_bounces + 1 >= MOST_HARD_BOUNCES, bindparam("at", type_=_a.closed_at.type)),
        ),
    )
)
_FORGET = Prepared(delete(outbound_address).where(*_ONE))
_UNSUBSCRIBE = Prepared(
    update(outbound_address)
    .where(*_ONE, _a.unsubscribed_at.is_(None))
    .values(unsubscribed_at=bindparam("at", type_=_a.unsubscribed_at.type))
)
_FORGET_BOUNCES = Prepared(
    update(outbound_address)
    .where(*_ONE, _a.hard_bounces > 0)
    .values(hard_bounces=0, last_bounce=None, closed_at=None)
)


async def note_refusals(db: Db, project_id: int, refused: Mapping[str, str], at: datetime) -> None:
    """Count a hard bounce of each address, with what was said; after some in a row nothing is sent there."""
    for address, said in sorted(refused.items()):
        await _have_row(db, project_id, address)
        await db.rows(_COUNT, project_id=project_id, of_address=address, said=said[:600], at=at)


async def unsubscribe(db: Db, project_id: int, address: str, at: datetime) -> None:
    """Send no more mail about the widget's conversations to an address. Safe to repeat."""
    await _have_row(db, project_id, address)
    await db.rows(_UNSUBSCRIBE, project_id=project_id, of_address=address, at=at)


async def forget_bounces(db: Db, project_id: int, address: str) -> None:
    """Send to an address again, as it works: somebody has written from there, or says so. Safe to repeat."""
    await db.rows(_FORGET_BOUNCES, project_id=project_id, of_address=address)


async def reopen_address(db: Db, project_id: int, given: str) -> None:
    """The same, for an address that somebody names; raises Invalid for what is none."""
    await forget_bounces(db, project_id, check_email(given, attr="address"))


async def forget_address(db: Db, project_id: int, address: str) -> None:
    """Forget all that is known of an address."""
    await db.rows(_FORGET, project_id=project_id, of_address=address)


async def _have_row(db: Db, project_id: int, address: str) -> None:
    row = insert_for(db.dialect, outbound_address).values(project_id=project_id, address=address)
    await db.execute(row.on_conflict_do_nothing())
