"""The suppression list: an erased person who had said STOP gets no text message from another number of the project.

What is kept is a keyed hash of the number. The keys are made for the project and stored encrypted, so that the list outlives
a change of the server's own key. A number that is known again is taken off the list: its contact has the STOP from then on.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from secrets import token_hex

from sqlalchemy import delete, insert

from parley.integrations.sms.queries.suppressions import sealed_keys
from parley.integrations.sms.tables import sms_suppression, sms_suppression_key
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid
from parley.kernel.secrets import Vault

_s = sms_suppression.c


async def keep_stops(db: Db, vault: Vault, project_id: int, stops: Mapping[str, datetime]) -> None:
    """Keep of numbers that are erased when they said STOP. Safe to repeat."""
    if not stops:
        return
    known = await _keys(db, vault, project_id)
    key = known[0] if known else await _new_key(db, vault, project_id)
    rows = [
        {"project_id": project_id, "digest": _digest(key, number), "stopped_at": at}
        for number, at in stops.items()
    ]
    await db.execute(insert_for(db.dialect, sms_suppression).values(rows).on_conflict_do_nothing())


async def take_back_stop(db: Db, vault: Vault, project_id: int, number: str) -> datetime | None:
    """Take a number off the list, and return when it said STOP; None where it isn't there (primary key)."""
    digests = [_digest(key, number) for key in await _keys(db, vault, project_id)]
    if not digests:
        return None
    mine = (_s.project_id == project_id, _s.digest.in_(digests))
    gone = await db.execute(delete(sms_suppression).where(*mine).returning(_s.stopped_at))
    return min(gone.scalars().all(), default=None)


async def _keys(db: Db, vault: Vault, project_id: int) -> list[str]:
    """Return the keys of a project that can be read, oldest first."""
    sealed = await sealed_keys(db, project_id)
    return [vault.decrypt(one) for one in sealed if vault.can_decrypt(one)]


async def _new_key(db: Db, vault: Vault, project_id: int) -> str:
    key = token_hex(32)
    values = {"project_id": project_id, "id": new_uuid(), "sealed_key": vault.encrypt(key)}
    await db.execute(insert(sms_suppression_key).values(values))
    return key


def _digest(key: str, number: str) -> str:
    return hmac.new(key.encode(), number.encode(), hashlib.sha256).hexdigest()
