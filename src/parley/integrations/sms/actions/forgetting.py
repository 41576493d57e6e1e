"""What is known of numbers is forgotten."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete

from parley.integrations.sms.tables import sms_contact, sms_inbound
from parley.kernel.database.transaction import Db

KEPT_FOR = timedelta(days=30)
"""Twilio repeats a request within minutes."""
_k, _i = sms_contact.c, sms_inbound.c


async def erase_contacts(db: Db, project_id: int, numbers: Sequence[str]) -> int:
    """Forget numbers with all messages to and from them; return how many contacts there were. What waits isn't sent.

    An opt-out goes, too: Twilio keeps its own, and refuses what would be sent to who has said STOP.
    """
    mine = and_(_k.project_id == project_id, _k.number.in_(list(numbers)))
    gone: Any = await db.execute(delete(sms_contact).where(mine))
    count: int = gone.rowcount
    return count


async def forget_received(db: Db, now: datetime) -> int:
    """Delete the marks of messages that came in long ago; return how many. Safe to run twice."""
    old = and_(_i.received_at < now - KEPT_FOR, _i.is_settled.is_(True))
    gone: Any = await db.execute(delete(sms_inbound).where(old))
    count: int = gone.rowcount
    return count
