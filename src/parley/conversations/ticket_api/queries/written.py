"""Tickets of a list as their JSON, kept in this process by their version (docs/decisions/0041).

Only on PostgreSQL: SQLite has nothing like `xmin`, which every change of a row moves.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ARRAY, cast, select

from parley.conversations.ticket_api.queries.shown import (
    ID,
    N_XMIN,
    OF_OTHERS,
    live_tickets_with_xmin,
    shown_in_list,
    ticket_of,
)
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.columns import Uuid
from parley.kernel.database.prepared import Prepared
from parley.kernel.http.authorization import AccessLevel
from parley.kernel.http.json_response import ENCODER
from parley.kernel.recent import RecentVersions
from parley.kernel.services import Services

VERSION = 4
"""Where the version begins in a row of `versions`."""
# Behind a SELECT PostgreSQL doesn't see how many they are. Else it would plan the statement anew each time, for 0.5 ms.
_IDS = cast(select(listed("ids", ticket.c.id)).scalar_subquery(), ARRAY(Uuid))
_THESE = Prepared(
    shown_in_list(
        live_tickets_with_xmin().where(is_one_of(ticket.c.id, _IDS)).subquery("page"),
        "postgresql",
        with_xmin=True,
    )
)


def keep_tickets(
    kept: RecentVersions, project_id: int, level: AccessLevel, rows: Sequence[Any]
) -> list[msgspec.Raw]:
    """Return the JSON of the tickets of whole rows with their versions, and keep it."""
    written = []
    for row in rows:
        value = ENCODER.encode(ticket_of(row[:-N_XMIN], level))
        kept.put((project_id, level, row[ID]), tuple(row[OF_OTHERS:]), value)
        written.append(msgspec.Raw(value))
    return written


async def kept_tickets(
    services: Services, project_id: int, level: AccessLevel, rows: Sequence[Any]
) -> list[msgspec.Raw] | None:
    """Return the JSON of the tickets of rows of `versions`; what isn't kept is read by the primary key.

    It is what one statement would have found at the time of these rows: where a ticket has changed since, it is None.
    """
    kept = services.recent_tickets
    versions = {row[0]: row[VERSION:] for row in rows}
    found = {id: kept.get((project_id, level, id), version) for id, version in versions.items()}
    missing = [id for id, value in found.items() if value is None]
    if missing:
        read = await services.database.read(_THESE, project_id=project_id, ids=missing)
        found |= dict(
            zip((row[ID] for row in read), keep_tickets(kept, project_id, level, read), strict=True)
        )
        if any(versions[row[ID]] != tuple(row[OF_OTHERS:]) for row in read):
            return None
    written = [msgspec.Raw(value) for value in found.values() if value is not None]
    return written if len(written) == len(rows) else None
