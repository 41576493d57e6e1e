"""What is known of numbers is forgotten."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete

from parley.integrations.sms.actions.suppressing import keep_stops
from parley.integrations.sms.queries.contacts import contacts_of_people
from parley.integrations.sms.tables import sms_contact, sms_inbound
from parley.kernel.database.transaction import Db
from parley.kernel.secrets import Vault

KEPT_FOR = timedelta(days=30)
"""Twilio repeats a request within minutes."""
_i = sms_inbound.c
_STOP = (sms_contact.c.number, sms_contact.c.opted_out_at, sms_contact.c.stops_all)


async def erase_contacts(db: Db, vault: Vault, project_id: int, distinct_ids: Sequence[str]) -> int:
    """Forget the numbers of people with all messages, also those that wait; return how many contacts there were.

    Of who has said STOP a keyed hash stays: Twilio keeps its own, but for the number that they had answered alone.
    """
    theirs = contacts_of_people(project_id, distinct_ids)
    gone: Any = (await db.execute(delete(sms_contact).where(theirs).returning(*_STOP))).all()
    stops = {number: at for number, at, stops_all in gone if at is not None and stops_all}
    await keep_stops(db, vault, project_id, stops)
    return len(gone)


async def forget_received(db: Db, now: datetime) -> int:
    """Delete the marks of messages that came in long ago; return how many. Safe to run twice."""
    old = and_(_i.received_at < now - KEPT_FOR, _i.is_settled.is_(True))
    gone: Any = await db.execute(delete(sms_inbound).where(old))
    count: int = gone.rowcount
    return count
