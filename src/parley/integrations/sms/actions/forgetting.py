"""What is known of numbers is forgotten."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete

from parley.integrations.sms.queries.contacts import contacts_of_people
from parley.integrations.sms.tables import sms_contact, sms_inbound
from parley.kernel.database.transaction import Db

KEPT_FOR = timedelta(days=30)
"""Twilio repeats a request within minutes."""
_i = sms_inbound.c


async def erase_contacts(db: Db, project_id: int, distinct_ids: Sequence[str]) -> int:
    """Forget the numbers of people with all messages, also those that wait; return how many contacts there were.

    An opt-out goes, too: Twilio keeps its own, and refuses what would be sent to who has said STOP.
    """
    gone: Any = await db.execute(delete(sms_contact).where(contacts_of_people(project_id, distinct_ids)))
    count: int = gone.rowcount
    return count


async def forget_received(db: Db, now: datetime) -> int:
    """Delete the marks of messages that came in long ago; return how many. Safe to run twice."""
    old = and_(_i.received_at < now - KEPT_FOR, _i.is_settled.is_(True))
    gone: Any = await db.execute(delete(sms_inbound).where(old))
    count: int = gone.rowcount
    return count
