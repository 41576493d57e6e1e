"""What is known of numbers, for who asks for their data."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from parley.integrations.sms.queries.contacts import contacts_of_people
from parley.integrations.sms.tables import sms_contact
from parley.kernel.database.transaction import Db

_k = sms_contact.c


async def texts_about(db: Db, project_id: int, distinct_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return what is kept of people's numbers beside their tickets: since when, and opt-outs (unique key)."""
    wanted = contacts_of_people(project_id, distinct_ids)
    names = ("number", "own_number", "opted_out_at", "created_at")
    rows = await db.execute(select(*(_k[name] for name in names)).where(wanted).order_by(_k.id))
    return [dict(zip(names, row, strict=True)) for row in rows]
