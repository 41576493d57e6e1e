"""What waits to be sent about somebody is given up when their data is erased."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, or_, update

from parley.integrations.linkedin_conversions.queries.conversions import IS_EVENT_OF_PEOPLE
from parley.integrations.linkedin_conversions.rules import ERASED, email_hash
from parley.integrations.linkedin_conversions.tables import PENDING, linkedin_conversion
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.transaction import Db

c = linkedin_conversion.c
_ERASE = (
    update(linkedin_conversion)
    .where(
        c.project_id == bindparam("in_project"),
        PENDING,
        or_(
            is_one_of(c.email_hash, listed("hashes", c.email_hash)),
            is_one_of(c.ticket_id, listed("tickets", c.ticket_id)),
            IS_EVENT_OF_PEOPLE,
        ),
    )
    .values(
        state="failed",
        last_error=ERASED,
        email_hash=None,
        next_at=None,
        finished_at=bindparam("now", type_=c.finished_at.type),
    )
)


async def erase_conversions(
    db: Db,
    project_id: int,
    emails: Iterable[str],
    distinct_ids: Sequence[str],
    ticket_ids: Sequence[UUID],
    now: datetime,
) -> int:
    """Give up what waits to be sent about somebody, before their events are erased; return how many conversions.

    Addresses have their normal form. Reads ix_linkedin_conversion_due, which holds only what waits.
    """
    given = {
        "in_project": project_id,
        "hashes": [email_hash(one) for one in emails],
        "distinct_ids": list(distinct_ids),
        "tickets": list(ticket_ids),
        "now": now,
    }
    gone: Any = await db.execute(_ERASE, given)
    count: int = gone.rowcount
    return count
