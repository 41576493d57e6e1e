"""What happened in the customer's browser around the time when a ticket was opened."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, bindparam, select

from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared
from parley.people.events.rules.events import RESERVED
from parley.people.events.tables import event

AROUND = timedelta(minutes=5)
MOST_READ, MOST_SHOWN = 300, 40
LINE_LENGTH = 300
SHOWN = ("$current_url", "$exception_type", "$exception_message", "$exception_values", "$el_text")
"""The properties that are shown of an event; others may hold anything."""

_EVENTS = Prepared(
    select(event.c.event, event.c.timestamp, event.c.properties)
    .where(
        event.c.project_id == bindparam("project_id"),
        event.c.distinct_id == bindparam("distinct_id"),
        event.c.timestamp >= bindparam("since", type_=event.c.timestamp.type),
        event.c.timestamp <= bindparam("until", type_=event.c.timestamp.type),
    )
    .order_by(event.c.timestamp)
    .limit(bindparam("most", type_=Integer))
)


async def session_events(
    database: Database, project_id: int, distinct_id: str, session_id: str, at: datetime
) -> list[str]:
    """Return a line for each event of the session within five minutes of a time, exceptions included.

    Served by ix_event_project_id_distinct_id_timestamp_id.
    """
    rows = await database.read(
        _EVENTS,
        project_id=project_id,
        distinct_id=distinct_id,
        since=at - AROUND,
        until=at + AROUND,
        most=MOST_READ,
    )
    lines = [
        _line(name, timestamp, properties)
        for name, timestamp, properties in rows
        if not name.startswith(RESERVED) and properties.get("$session_id") == session_id
    ]
    return lines[:MOST_SHOWN]


def _line(name: str, at: datetime, properties: dict[str, Any]) -> str:
    shown = [f"{key[1:]}: {properties[key]}" for key in SHOWN if properties.get(key)]
    return " ".join(f"{at:%H:%M:%S} {name} {'; '.join(shown)}".split())[:LINE_LENGTH]
