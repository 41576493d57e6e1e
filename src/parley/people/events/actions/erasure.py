"""Events of somebody who is to be forgotten, and events about their tickets."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete

from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.transaction import Db
from parley.kernel.text.json_text import read_json
from parley.people.events.queries import ABOUT_TICKETS, events_about
from parley.people.events.tables import event

IN_PROJECT = event.c.project_id == bindparam("project_id")
_OF_PERSON = delete(event).where(
    IN_PROJECT, is_one_of(event.c.distinct_id, listed("distinct_ids", event.c.distinct_id))
)
_ABOUT_TICKETS = delete(event).where(IN_PROJECT, *ABOUT_TICKETS)
_THESE = delete(event).where(IN_PROJECT, is_one_of(event.c.id, listed("ids", event.c.id)))


async def erase_events(
    db: Db, project_id: int, distinct_ids: Sequence[str], ticket_ids: Sequence[UUID]
) -> int:
    """Delete what was captured under the distinct ids and all that happened to the tickets; return how many.

    Served by ix_event_project_id_distinct_id_timestamp_id and ix_event_ticket.
    """
    about = {"project_id": project_id, "ticket_ids": [str(id) for id in ticket_ids]}
    gone = await db.execute(_OF_PERSON, {"project_id": project_id, "distinct_ids": distinct_ids})
    told = await db.execute(_ABOUT_TICKETS, about)
    return gone.rowcount + told.rowcount


async def erase_events_that(
    is_about: Callable[[Any], bool], db: Db, project_id: int, ticket_ids: Sequence[UUID]
) -> int:
    """Delete those events of the tickets whose properties are about somebody; return how many (ix_event_ticket)."""
    found = await events_about(db, project_id, ticket_ids)
    gone = [one.id for one in found if is_about(read_json(one.properties))]
    if gone:
        await db.execute(_THESE, {"project_id": project_id, "ids": gone})
    return len(gone)
