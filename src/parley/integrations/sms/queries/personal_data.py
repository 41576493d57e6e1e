"""What is known of numbers, for who asks for their data."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, select

from parley.integrations.sms.tables import sms_contact
from parley.kernel.database.transaction import Db

_k = sms_contact.c


async def texts_about(db: Db, project_id: int, numbers: Sequence[str]) -> list[dict[str, Any]]:
    """Return what is kept of numbers beside their tickets: since when, and opt-outs (unique key)."""
    wanted = and_(_k.project_id == project_id, _k.number.in_(list(numbers)))
    names = ("number", "own_number", "opted_out_at", "created_at")
    rows = await db.execute(select(*(_k[name] for name in names)).where(wanted).order_by(_k.id))
    return [dict(zip(names, row, strict=True)) for row in rows]
