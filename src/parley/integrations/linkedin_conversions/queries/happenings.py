"""What has happened since a rule was last looked at, and the addresses of those to whom it happened."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from parley.accounts.activity_log.tables import activity_log
from parley.conversations.ticket_changes.rules.log import SCOPE
from parley.conversations.tickets.tables import ticket
from parley.integrations.linkedin_conversions.rules import LATEST, Happening, counts, end_of_look, event_of
from parley.integrations.linkedin_conversions.schemas import ActiveRule
from parley.kernel.database.transaction import Db
from parley.kernel.ids import first_id_at, last_id_at, uuid_or_none
from parley.people.events.tables import event
from parley.people.persons.queries.by_identifier import owners_of
from parley.people.persons.queries.identity import emails_of_persons

MOST = 1000
"""Rows that are looked at together."""


async def happenings(
    db: Db, rule: ActiveRule, since: datetime, until: datetime
) -> tuple[Sequence[Happening], datetime | None]:
    """Return what a rule means among what was stored in a span of time, and how far that goes if there is more."""
    read = _tagged if rule.trigger == "ticket_tagged" else _stored
    rows = await read(db, rule, since, until)
    goes_to = end_of_look([row.created_at for row in rows]) if len(rows) == MOST else None
    if rule.trigger == "ticket_tagged":
        return await _of_tags(db, rule, rows), goes_to
    return [
        _of_event(row) for row in rows if counts(rule.trigger, rule.trigger_value, row.properties)
    ], goes_to


async def _stored(db: Db, rule: ActiveRule, since: datetime, until: datetime) -> Sequence[Row[Any]]:
    """Return events by name that were stored in the span (ix_event_named, from an hour before it on)."""
    columns = event.c
    wanted = (
        select(columns.id, columns.distinct_id, columns.properties, columns.timestamp, columns.created_at)
        .where(
            columns.project_id == rule.project_id,
            columns.event == event_of(rule.trigger, rule.trigger_value),
            columns.timestamp >= since - LATEST,
            columns.created_at > since,
            columns.created_at <= until,
        )
        .order_by(columns.created_at, columns.id)
        .limit(MOST)
    )
    return (await db.execute(wanted)).all()


def _of_event(row: Row[Any]) -> Happening:
    properties = row.properties if isinstance(row.properties, dict) else {}
    ticket_id = uuid_or_none(str(properties.get("ticket_id") or ""))
    email = properties.get("customer_email") if ticket_id else None
    distinct_id = properties.get("customer_distinct_id") if ticket_id else row.distinct_id
    return Happening(
        event_id=row.id,
        happened_at=row.timestamp,
        seen_at=row.created_at,
        ticket_id=ticket_id,
        email=email if isinstance(email, str) else None,
        distinct_id=distinct_id if isinstance(distinct_id, str) else None,
    )


async def _tagged(db: Db, rule: ActiveRule, since: datetime, until: datetime) -> Sequence[Row[Any]]:
    """Return entries about tickets that were logged in the span (primary key, whose order is that of time)."""
    entry = activity_log.c
    wanted = (
        select(entry.id, entry.item_id, entry.detail, entry.created_at)
        .where(
            entry.project_id == rule.project_id,
            entry.id > last_id_at(since),
            entry.id < first_id_at(until),
            entry.scope == SCOPE,
        )
        .order_by(entry.id)
        .limit(MOST)
    )
    return (await db.execute(wanted)).all()


async def _of_tags(db: Db, rule: ActiveRule, rows: Sequence[Row[Any]]) -> Sequence[Happening]:
    tagged = {row.id: UUID(row.item_id) for row in rows if _adds(row.detail, rule.trigger_value)}
    columns = (ticket.c.id, ticket.c.anonymous_traits, ticket.c.email_from, ticket.c.distinct_id)
    mine = (ticket.c.project_id == rule.project_id, ticket.c.id.in_(set(tagged.values())))
    tickets = {row.id: row for row in (await db.execute(select(*columns).where(*mine))).all()}
    return [
        Happening(
            event_id=row.id,
            happened_at=row.created_at,
            seen_at=row.created_at,
            ticket_id=tagged[row.id],
            email=_stated(tickets[tagged[row.id]]),
            distinct_id=tickets[tagged[row.id]].distinct_id,
        )
        for row in rows
        if tagged.get(row.id) in tickets
    ]


def _adds(detail: Any, tag: str) -> bool:
    changes = detail.get("changes", ()) if isinstance(detail, dict) else ()
    return any(
        one.get("field") == "tag" and one.get("action") == "created" and one.get("after") == tag
        for one in changes
        if isinstance(one, dict)
    )


def _stated(row: Row[Any]) -> str | None:
    stated = (row.anonymous_traits or {}).get("email")
    return stated if isinstance(stated, str) and stated else row.email_from


async def addresses(db: Db, project_id: int, found: Sequence[Happening]) -> dict[UUID, str]:
    """Return the address of each happening that has one, by its event: its own, else that of the person."""
    known = {one.event_id: one.email for one in found if one.email}
    wanted = {one.event_id: one.distinct_id for one in found if one.event_id not in known and one.distinct_id}
    owners = await owners_of(db, project_id, sorted(set(wanted.values())))
    emails = await emails_of_persons(db, project_id, sorted(set(owners.values())))
    for event_id, distinct_id in wanted.items():
        if email := emails.get(owners[distinct_id]) if distinct_id in owners else None:
            known[event_id] = email
    return known
