"""One ticket: whole, as the API shows it, or locked, to be changed."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Dialect,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
    text,
    true,
    type_coerce,
)

from parley.accounts.access_levels.queries.levels import visible_level
from parley.accounts.access_levels.queries.visibility import check_sees_any_ticket
from parley.accounts.roles.tables import role
from parley.accounts.users.tables import user_account
from parley.conversations.tickets.queries.merged import MergedTicket, merged_ticket
from parley.conversations.tickets.rules import id_or_number
from parley.conversations.tickets.rules.told import (
    CONTEXT,
    LISTED_BYTES,
    TRAITS,
    shortened,
)
from parley.conversations.tickets.schemas import (
    Assignee,
    RoleOfAssignee,
    TicketOut,
    TicketPerson,
    UserOfAssignee,
)
from parley.conversations.tickets.tables import ticket, ticket_tag
from parley.kernel.database.columns import RawJson
from parley.kernel.database.database import Database
from parley.kernel.database.dialect import json_array_text
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import AccessLevel, Actor
from parley.kernel.text.json_text import read_json
from parley.people.persons.queries.joins import distinct_ids_text
from parley.people.persons.rules.names import (
    DISPLAY_NAME_PROPERTIES,
    LISTED_PROPERTIES_BYTES,
    MAX_LISTED_NAME,
    display_name,
)
from parley.people.persons.tables import person, person_distinct_id

RAW = frozenset(("anonymous_traits", "session_context", "cc_participants", "merged_numbers"))
# In the order of the fields of TicketOut.
PLAIN = (
    "id", "number", "channel_source", "channel_detail", "distinct_id", "status", "priority", "anonymous_traits",
    "ai_resolved", "escalation_reason", "created_at", "updated_at", "message_count", "last_message_at",
    "last_message_text", "unread_team_count", "unread_customer_count", "session_id", "session_context", "sla_due_at",
    "snoozed_until", "email_subject", "email_from", "cc_participants", "identity_verified",
    "merged_numbers",
)  # fmt: skip
RAW_JSON = RawJson()
KEYS = ("project_id", "assignee_user_id", "assignee_role_id")
N_PLAIN = len(PLAIN)
LIVE = text("deleted_at IS NULL")
MOST_MOVES = 5
"""Look-ups for one ticket: somebody may merge, at the same time, what it has just been found to be merged into."""
PROJECT = ticket.c.project_id == bindparam("project_id")


def live_tickets() -> Select[Any]:
    """Start a SELECT of a project's tickets that are not deleted; every list and every look-up starts here."""
    return select(*(ticket.c[name] for name in (*PLAIN, *KEYS))).where(PROJECT, LIVE)


class ListedJson(RawJson):
    """A JSON column as a list shows it: of more than `most` letters only the texts under known names."""

    cache_ok = True

    def __init__(self, most: int, known: tuple[str, ...], max_text: int = MAX_LISTED_NAME) -> None:
        super().__init__()
        self.most, self.known, self.max_text = most, known, max_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], msgspec.Raw | None]:
        most = self.most

        def to_listed(value: str | bytes | None) -> msgspec.Raw | None:
            if value is None:
                return None
            if len(value) > most:
                return msgspec.Raw(msgspec.json.encode(shortened(value, self.known, self.max_text)))
            return msgspec.Raw(value.encode() if isinstance(value, str) else value)

        return to_listed


LISTED = {
    "anonymous_traits": ListedJson(LISTED_BYTES, TRAITS.known),
    "session_context": ListedJson(LISTED_BYTES, CONTEXT.known, CONTEXT.max_text),
    "properties": ListedJson(LISTED_PROPERTIES_BYTES, DISPLAY_NAME_PROPERTIES),
}
"""The sizes of what customers tell and capture sets must not be those of a list."""


def shown_in_list(page: FromClause, dialect: str, *more: ColumnElement[Any]) -> Select[Any]:
    """Return what `shown` does, for a list."""
    return shown(page, dialect, *more, types=LISTED)


def shown(
    page: FromClause, dialect: str, *more: ColumnElement[Any], types: Mapping[str, RawJson] | None = None
) -> Select[Any]:
    """Return the SELECT of whole tickets from a few that `page` has chosen; `ticket_of` reads its rows."""
    types = types or {}
    tags = (
        select(ticket_tag.c.name)
        .where(ticket_tag.c.project_id == page.c.project_id, ticket_tag.c.ticket_id == page.c.id)
        .order_by(ticket_tag.c.name)
        .correlate(page)
        .subquery("tags")
    )
    plain = [
        type_coerce(page.c[name], types.get(name, RAW_JSON)) if name in RAW else page.c[name]
        for name in PLAIN
    ]
    joined, person_columns = _with_person(page, dialect, types.get("properties", RAW_JSON))
    whole = select(
        *plain,
        page.c.assignee_user_id,
        user_account.c.email,
        page.c.assignee_role_id,
        role.c.name,
        *person_columns,
        select(json_array_text(tags.c.name)).scalar_subquery(),
        *more,
    )
    return whole.select_from(
        joined.outerjoin(user_account, user_account.c.id == page.c.assignee_user_id).outerjoin(
            role, role.c.id == page.c.assignee_role_id
        )
    )


def _with_person(
    page: FromClause, dialect: str, json_type: RawJson
) -> tuple[FromClause, list[ColumnElement[Any]]]:
    """Join the person; return the columns that `ticket_of` reads, too.

    PostgreSQL is made to look up one person for each ticket: left alone, it may read all persons for a page. SQLite
    knows no other way, and no LATERAL.
    """
    matches = and_(person.c.project_id == page.c.project_id, person.c.id == _person_id(page))
    columns = [person.c.id, person.c.properties, person.c.created_at, person.c.is_identified]
    if dialect == "sqlite":
        raw = type_coerce(person.c.properties, json_type)
        return page.outerjoin(person, matches), [columns[0], raw, *columns[2:], distinct_ids_text()]
    one = (
        select(*columns, distinct_ids_text().label("distinct_ids")).where(matches).limit(literal_column("1"))
    )
    who = one.correlate(page).lateral("who")
    id, properties, created_at, is_identified, distinct_ids = who.c
    raw = type_coerce(properties, json_type)
    return page.outerjoin(who, true()), [id, raw, created_at, is_identified, distinct_ids]


def _person_id(page: FromClause) -> ColumnElement[UUID]:
    """Return the id of a ticket's person: by the distinct id, on e-mail tickets otherwise by the address.

    Served by the primary key of person_distinct_id, and by ix_person_project_id_email.
    """
    known = person_distinct_id
    by_distinct_id = select(known.c.person_id).where(
        known.c.project_id == page.c.project_id, known.c.distinct_id == page.c.distinct_id
    )
    namesake = person.alias("namesake")
    by_address = (
        select(namesake.c.id)
        .where(namesake.c.project_id == page.c.project_id, namesake.c.email == func.lower(page.c.email_from))
        .order_by(namesake.c.created_at, namesake.c.id)
        .limit(literal_column("1"))
    )
    return func.coalesce(
        by_distinct_id.correlate(page).scalar_subquery(),
        case(
            (page.c.channel_source == literal_column("'email'"), by_address.correlate(page).scalar_subquery())
        ),
    )


def ticket_of(row: Sequence[Any], access_level: AccessLevel) -> TicketOut:
    """Make the answer from a row of `shown`."""
    user_id, email, role_id, role_name, person_id, properties, person_since, identified, ids, tags = row[
        N_PLAIN : N_PLAIN + 10
    ]
    assignee = None
    if user_id is not None:
        assignee = Assignee(user_id, "user", UserOfAssignee(email), None)
    elif role_id is not None:
        assignee = Assignee(role_id, "role", None, RoleOfAssignee(role_name))
    who = None
    if person_id is not None:
        distinct_ids = read_json(ids) if ids else []
        name = display_name(read_json(properties), distinct_ids)
        who = TicketPerson(person_id, name, distinct_ids, properties, person_since, identified)
    names = [] if not tags or tags == "[]" else read_json(tags)
    return TicketOut(*row[:N_PLAIN], assignee, who, names, access_level)  # type: ignore[call-arg]


@lru_cache
def _by_id(dialect: str) -> Prepared:
    """One ticket by primary key."""
    return Prepared(
        shown(live_tickets().where(ticket.c.id == bindparam("ticket_id")).subquery("page"), dialect)
    )


@lru_cache
def _by_number(dialect: str) -> Prepared:
    """One ticket by the unique index of numbers."""
    return Prepared(
        shown(live_tickets().where(ticket.c.number == bindparam("number")).subquery("page"), dialect)
    )


async def ticket_by_key(source: Db | Database, actor: Actor, key: str) -> TicketOut:
    """Return the ticket that a path names by its uuid or its number.

    Of a merged ticket it is the survivor, which then says what was asked for; only a miss costs a second look. Raises
    NotFound, also for one that the caller may not see, and PermissionDenied for who sees no ticket at all.
    """
    check_sees_any_ticket(actor)
    read = source.rows if isinstance(source, Db) else source.read
    dialect = source.dialect.name if isinstance(source, Db) else source.dialect
    wanted, merged = id_or_number(key), None
    for _ in range(MOST_MOVES):
        if wanted is None:
            break
        if isinstance(wanted, int):
            found = await read(_by_number(dialect), project_id=actor.project_id, number=wanted)
        else:
            found = await read(_by_id(dialect), project_id=actor.project_id, ticket_id=wanted)
        if found:
            ticket = ticket_of(found[0], await visible_level(source, actor, found[0][0]))
            ticket.merged_from = merged.merged_from if merged else None
            return ticket
        merged = await merged_ticket(read, actor.project_id, merged.merged_from.id if merged else wanted)
        wanted = merged.last_target_id if merged and merged.last_target_id != wanted else None
    raise NotFound


class LockedTicket(msgspec.Struct, frozen=True):
    """A ticket as actions need it. Nobody else changes it until the transaction ends."""

    project_id: int
    id: UUID
    number: int
    status: str
    priority: str | None
    distinct_id: str
    widget_session_id: UUID
    identity_verified: bool | None
    claim_email: str | None
    closed_to_sessions: bool
    anonymous_traits: dict[str, Any]
    session_id: str | None
    session_context: dict[str, Any]
    ai_resolved: bool
    escalation_reason: str | None
    assignee_user_id: int | None
    assignee_role_id: UUID | None
    message_count: int
    last_message_at: datetime | None
    unread_team_count: int
    unread_customer_count: int
    sla_due_at: datetime | None
    snoozed_until: datetime | None
    channel_source: str
    channel_detail: str | None
    email_subject: str | None
    email_from: str | None
    has_been_merged: bool
    # The merged ticket that was asked for, where this is the survivor.
    requested: MergedTicket | None = None

    @property
    def via_ticket_id(self) -> UUID | None:
        """The ticket that messages are addressed to which come in now, where that is merged into this one."""
        return self.requested.merged_from.id if self.requested else None


LOCKED = LockedTicket.__struct_fields__[:-1]
_TO_LOCK = (
    select(*(ticket.c[name] for name in LOCKED))
    .where(PROJECT, LIVE)
    # Only against other writers: a new message, which refers to the ticket, need not wait.
    .with_for_update(key_share=True)
)
_LOCKED_BY_ID = Prepared(_TO_LOCK.where(ticket.c.id == bindparam("ticket_id")))
_LOCKED_BY_NUMBER = Prepared(_TO_LOCK.where(ticket.c.number == bindparam("number")))


async def locked_ticket(db: Db, project_id: int, wanted: UUID | int | None) -> LockedTicket:
    """Lock one ticket by uuid or number until the transaction ends; raises NotFound for a missing or deleted one.

    Of a merged ticket it is the survivor, with what was asked for.
    """
    merged: MergedTicket | None = None
    for _ in range(MOST_MOVES):
        if isinstance(wanted, UUID):
            row = await db.row(_LOCKED_BY_ID, project_id=project_id, ticket_id=wanted)
        elif wanted is not None:
            row = await db.row(_LOCKED_BY_NUMBER, project_id=project_id, number=wanted)
        else:
            break
        if row is not None:
            return LockedTicket(*row, merged)  # type: ignore[call-arg]
        merged = await merged_ticket(db.rows, project_id, merged.merged_from.id if merged else wanted)
        wanted = merged.last_target_id if merged and merged.last_target_id != wanted else None
    raise NotFound


_TAGS = Prepared(
    select(ticket_tag.c.name)
    .where(
        ticket_tag.c.project_id == bindparam("project_id"), ticket_tag.c.ticket_id == bindparam("ticket_id")
    )
    .order_by(ticket_tag.c.name)
)


async def tag_names(db: Db, project_id: int, ticket_id: UUID) -> list[str]:
    """Return the tags of a ticket, sorted (primary key)."""
    return [row[0] for row in await db.rows(_TAGS, project_id=project_id, ticket_id=ticket_id)]
