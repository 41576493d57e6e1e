"""What happened to tickets in a time, one row for each ticket: for the figures of a report, and for their lists.

Served by ix_event_named, the events of a name in their order of time. A row has `ticket_id`, and `seconds` if it took some.
With `by_actor` there is a row for each ticket and actor, with `actor_id`: the number of a user as text, NULL for programs.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Select,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    text,
)

from parley.conversations.support_reports.rules import PROGRAMS, Happened, Span
from parley.conversations.ticket_changes.rules.kinds import SENT, STATUS_CHANGED, ChangeKind
from parley.conversations.tickets.tables import LIVE, ticket
from parley.kernel.database.dialect import json_member_text, uuid_of_text
from parley.people.events.queries import TICKET_ID
from parley.people.events.tables import OF_TICKET, event

PROJECT: ColumnElement[int] = bindparam("project_id")


def member(name: str, of: Any = event) -> ColumnElement[str]:
    """Return the text of a property of an event of ours."""
    return json_member_text(of.c.properties, literal_column(f"'{name}'", Text))


def seconds(name: str) -> ColumnElement[float]:
    """Return a property of an event of ours that is a number."""
    return cast(member(name), Float)


ACTOR = member("actor_id")


def events_in(kind: ChangeKind, span: Span, of: Any = event) -> Select[Any]:
    """Start a SELECT over the events of a kind in a time."""
    return select().where(
        of.c.project_id == PROJECT,
        of.c.event == kind.event,
        of.c.timestamp >= span.start,
        of.c.timestamp < span.end,
    )


def opened(span: Span) -> Select[Any]:
    """Select the tickets that were opened (ix_ticket_created)."""
    return (
        select(ticket.c.id.label("ticket_id"))
        .where(ticket.c.project_id == PROJECT, LIVE)
        .where(ticket.c.created_at >= span.start, ticket.c.created_at < span.end)
    )


def first_responses(span: Span, *, by_actor: bool = False) -> Select[Any]:
    """Select the tickets that the team answered for the first time, with how long the customer had waited."""
    found = events_in(SENT, span).where(member("first_response_seconds").is_not(None))
    return _of_tickets(found, by_actor=by_actor, seconds=func.min(seconds("first_response_seconds")))


def answered(span: Span, *, by_actor: bool = False) -> Select[Any]:
    """Select the tickets that the team answered, with how often: `n_answers`."""
    return _of_tickets(events_in(SENT, span), by_actor=by_actor, n_answers=func.count())


def resolved(span: Span, *, by_actor: bool = False) -> Select[Any]:
    """Select the tickets that were resolved, with how long that took from the opening on; the last time counts."""
    found = events_in(STATUS_CHANGED, span).where(member("new_status") == literal_column("'resolved'"))
    return _of_tickets(found, by_actor=by_actor, seconds=func.max(seconds("resolution_seconds")))


def due_times(span: Span) -> Select[Any]:
    """Select the tickets that were answered while they had a due time, and whether one was missed: `n_missed`.

    The first answer under a due time decides on it, and a due time counts where that answer was given. Only a ticket that
    was opened before can have had an earlier one (ix_event_ticket).
    """
    due, left = member("sla_due_at"), seconds("sla_delta_seconds")
    each = (
        events_in(SENT, span)
        .where(due.is_not(None))
        .add_columns(TICKET_ID.label("key"), due.label("due"), func.max(left).label("best"))
        .group_by(TICKET_ID, due)
        .subquery("each_due")
    )
    id = uuid_of_text(each.c.key)
    own = ticket.alias("own")
    earlier = event.alias("earlier")
    # As a value, so that it is asked of one after the other: PostgreSQL would rather read all answers there ever were.
    decided: Select[Any] = select(literal_column("1")).where(
        earlier.c.project_id == PROJECT,
        OF_TICKET,
        literal_column("substr(properties ->> 'ticket_id', 1, 36)", Text) == each.c.key,
        earlier.c.event == SENT.event,
        earlier.c.timestamp < span.start,
        member("sla_due_at", earlier) == each.c.due,
    )
    return (
        select(own.c.id.label("ticket_id"), func.sum(case((each.c.best < 0, 1), else_=0)).label("n_missed"))
        .select_from(each.join(own, (own.c.project_id == PROJECT) & (own.c.id == id)))
        .where(
            or_(own.c.created_at >= span.start, decided.limit(1).correlate(each).scalar_subquery().is_(None))
        )
        .group_by(own.c.id)
    )


def tickets_with(happening: Happened, span: Span, by: str | None = None) -> Select[Any]:
    """Select the ids of the tickets with which something happened; `by` is the number of a user, or `PROGRAMS`.

    Nobody in particular misses a due time: `by` changes nothing there.
    """
    if happening in ("sla_met", "sla_missed"):
        found = due_times(span).subquery("due_times")
        n_missed = found.c.n_missed
        return select(found.c.ticket_id).where(n_missed > 0 if happening == "sla_missed" else n_missed == 0)
    of = {"first_response": first_responses, "answered": answered, "resolved": resolved}[happening]
    chosen = of(span)
    if by == PROGRAMS:
        chosen = chosen.where(ACTOR.is_(None))
    elif by is not None:
        chosen = chosen.where(ACTOR.in_((by,)))
    return select(chosen.subquery("happened").c.ticket_id)


def _of_tickets(found: Select[Any], *, by_actor: bool, **columns: ColumnElement[Any]) -> Select[Any]:
    keys: dict[str, ColumnElement[Any]] = {"ticket_id": uuid_of_text(TICKET_ID)}
    if by_actor:
        keys["actor_id"] = ACTOR
    labelled = [column.label(name) for name, column in {**keys, **columns}.items()]
    return found.add_columns(*labelled).group_by(*(text(str(n + 1)) for n in range(len(keys))))
