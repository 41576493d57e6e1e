"""Tickets as the API shows them: what a page or a look-up selects, and the answer that is made of a row."""

from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Dialect,
    FromClause,
    Integer,
    Select,
    and_,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
    true,
    type_coerce,
)

from parley.accounts.roles.tables import role
from parley.accounts.users.tables import user_account
from parley.conversations.ticket_api.rules import (
    CONTEXT,
    LISTED_BYTES,
    TRAITS,
    shortened,
)
from parley.conversations.ticket_api.schemas import (
    Assignee,
    RoleOfAssignee,
    TicketOut,
    TicketPerson,
    UserOfAssignee,
)
from parley.conversations.tickets.queries.tickets import PROJECT
from parley.conversations.tickets.tables import LIVE, ticket, ticket_tag
from parley.kernel.database.columns import RawJson
from parley.kernel.database.dialect import json_array_text
from parley.kernel.http.authorization import AccessLevel
from parley.kernel.text.json_text import read_json
from parley.people.persons.queries.by_identifier import distinct_ids_text
from parley.people.persons.rules.names import (
    DISPLAY_NAME_PROPERTIES,
    LISTED_PROPERTIES_BYTES,
    MAX_LISTED_NAME,
    display_name,
)
from parley.people.persons.tables import person, person_distinct_id

RAW = frozenset(("anonymous_traits", "session_context", "cc_participants", "merged_numbers"))
_COLUMN_OF = {"ticket_number": "number", "merged_ticket_numbers": "merged_numbers"}
PLAIN = tuple(
    _COLUMN_OF.get(field, field)
    for field in takewhile(lambda field: field != "assignee", TicketOut.__struct_fields__)
)
"""The columns of the ticket that are in the answer as they are: TicketOut begins with their fields, in this order."""
RAW_JSON = RawJson()
STARTED = select(
    cast(func.date_part(literal_column("'epoch'"), func.pg_postmaster_start_time()) * 1_000_000, BigInteger)
).scalar_subquery()
"""When the server of PostgreSQL began that answers: no other one's numbers of transactions are its own."""
KEYS = ("project_id", "assignee_user_id", "assignee_role_id")
ID, TOTAL = PLAIN.index("id"), len(PLAIN)
"""Where a row of `shown` has the id of its ticket, and the total of its list."""
OF_OTHERS, N_XMIN = TOTAL + 4, 3
"""Where a row of `shown` has what it has of others' rows; all from there on is the version of the ticket, `with_xmin`."""


def live_tickets() -> Select[Any]:
    """Start a SELECT of a project's tickets that are not deleted; every list and every look-up starts here."""
    return select(*(ticket.c[name] for name in (*PLAIN, *KEYS))).where(PROJECT, LIVE)


def live_tickets_with_xmin() -> Select[Any]:
    """Start the same, with the number of the transaction that has written the row as it is; on PostgreSQL only."""
    return live_tickets().add_columns(literal_column("ticket.xmin", Integer).label("xmin"))


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


def shown_in_list(
    page: FromClause, dialect: str, total: ColumnElement[int] | None = None, *, with_xmin: bool = False
) -> Select[Any]:
    """Return what `shown` does, for a list; `total` is the number of all that match, the same in each row."""
    return shown(page, dialect, types=LISTED, total=total, with_xmin=with_xmin)


def shown(
    page: FromClause,
    dialect: str,
    *,
    types: Mapping[str, RawJson] | None = None,
    total: ColumnElement[int] | None = None,
    with_xmin: bool = False,
) -> Select[Any]:
    """Return the SELECT of whole tickets from a few that `page` has chosen; `ticket_of` reads its rows.

    `with_xmin` adds N_XMIN columns, on PostgreSQL, where the page has `xmin`.
    """
    types = types or {}
    plain = [
        type_coerce(page.c[name], types.get(name, RAW_JSON)) if name in RAW else page.c[name]
        for name in PLAIN
    ]
    who = _person_of(page, dialect, types.get("properties", RAW_JSON))
    # In the order in which `ticket_of` reads them, behind the plain ones.
    columns = [*plain, null() if total is None else total, *who.own, *_of_others(page, who)]
    return select(*columns, *(_xmin(page, who) if with_xmin else ())).select_from(_joined(page, who))


def versions(page: FromClause, key: ColumnElement[Any], total: ColumnElement[int]) -> Select[Any]:
    """Return the SELECT of id, number, key and total of tickets on PostgreSQL, and of all that tells their versions apart.

    Of the rows of the ticket and its person the version has their `xmin`, of others' rows whatever a ticket shows of them.
    """
    who = _person_of(page, "postgresql", RAW_JSON)
    columns = [page.c.id, page.c.number, key.label("key"), total, *_of_others(page, who), *_xmin(page, who)]
    return select(*columns).select_from(_joined(page, who))


class _Who(NamedTuple):
    """The page with the person of each ticket: the columns of the person's own row, and those of others."""

    page: FromClause
    own: list[ColumnElement[Any]]
    id: ColumnElement[Any]
    distinct_ids: ColumnElement[Any]
    xmin: ColumnElement[Any]


def _of_others(page: FromClause, who: _Who) -> list[ColumnElement[Any]]:
    tags = (
        select(ticket_tag.c.name)
        .where(ticket_tag.c.project_id == page.c.project_id, ticket_tag.c.ticket_id == page.c.id)
        .order_by(ticket_tag.c.name)
        .correlate(page)
        .subquery("tags")
    )
    return [
        page.c.assignee_user_id,
        user_account.c.email,
        page.c.assignee_role_id,
        role.c.name,
        who.id,
        who.distinct_ids,
        select(json_array_text(tags.c.name)).scalar_subquery(),
    ]


def _xmin(page: FromClause, who: _Who) -> list[ColumnElement[Any]]:
    return [page.c.xmin, who.xmin, STARTED]


def _joined(page: FromClause, who: _Who) -> FromClause:
    return who.page.outerjoin(user_account, user_account.c.id == page.c.assignee_user_id).outerjoin(
        role, role.c.id == page.c.assignee_role_id
    )


def _person_of(page: FromClause, dialect: str, json_type: RawJson) -> _Who:
    """Join the person.

    PostgreSQL is made to look up one person for each ticket: left alone, it may read all persons for a page. SQLite
    knows no other way, and no LATERAL.
    """
    matches = and_(person.c.project_id == page.c.project_id, person.c.id == _person_id(page))
    columns = [person.c.id, person.c.properties, person.c.created_at, person.c.is_identified]
    if dialect == "sqlite":
        raw = type_coerce(person.c.properties, json_type)
        own = [raw, *columns[2:]]
        return _Who(page.outerjoin(person, matches), own, person.c.id, distinct_ids_text(), null())
    others = (distinct_ids_text().label("distinct_ids"), literal_column("person.xmin", Integer).label("xmin"))
    one = select(*columns, *others).where(matches).limit(literal_column("1"))
    who = one.correlate(page).lateral("who")
    id, properties, created_at, is_identified, distinct_ids, xmin = who.c
    own = [type_coerce(properties, json_type), created_at, is_identified]
    return _Who(page.outerjoin(who, true()), own, id, distinct_ids, xmin)


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
    """Make the answer from a row of `shown`. The plain columns fill the fields that `PLAIN` was made of."""
    # fmt: off
    (
        *plain, _total, properties, person_since, is_identified,
        user_id, email, role_id, role_name, person_id, ids, tags,
    ) = row
    # fmt: on
    assignee = None
    if user_id is not None:
        assignee = Assignee(user_id, "user", UserOfAssignee(email), None)
    elif role_id is not None:
        assignee = Assignee(role_id, "role", None, RoleOfAssignee(role_name))
    who = None
    if person_id is not None:
        distinct_ids = read_json(ids) if ids else []
        name = display_name(read_json(properties), distinct_ids)
        who = TicketPerson(person_id, name, distinct_ids, properties, person_since, is_identified)
    names = [] if not tags or tags == "[]" else read_json(tags)
    return TicketOut(*plain, assignee, who, names, access_level)  # type: ignore[call-arg]
