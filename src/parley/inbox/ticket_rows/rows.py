"""The list of tickets with its filters, as the templates are given it."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from uuid import UUID

import msgspec

from parley.conversations.saved_views.queries import ViewChoice
from parley.conversations.sla.rules import sla_state
from parley.conversations.ticket_api.schemas import TicketOut
from parley.inbox.ticket_rows.address import ListAddress
from parley.inbox.ticket_rows.chips import Chip, chips_of
from parley.inbox.ticket_rows.customers import Channel, assignee_of, channel_of, name_of, subject_of
from parley.inbox.ticket_rows.filter_form import Filters, filters_of
from parley.inbox.ticket_rows.names import ACTIVE, PRIORITY_NAMES, SNOOZES, STATUS_NAMES, Choice, shortened
from parley.inbox.ticket_rows.opened_view import OpenedView
from parley.inbox.ticket_rows.passages import FoundTexts, Passage, passage_of
from parley.inbox.ticket_rows.queries.counts import MOST_COUNTED, SectionCounts
from parley.inbox.ticket_rows.queries.list_pages import InboxPage
from parley.inbox.ticket_rows.sections import Rail, rail_of
from parley.web.formats import ago


class Due(msgspec.Struct, frozen=True):
    """When an answer is due; `state` is breached, at-risk or on-track, as lists are filtered by it."""

    at: datetime
    state: str
    words: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket in the list; `at` is the time that the list is sorted by, and `at_means` says what happened then."""

    id: UUID
    number: int
    path: str
    name: str
    subject: str | None
    text: str
    said_by: str  # the text: who of the team has written it
    passage: Passage | None  # what a search has found, in the place of these
    at: datetime
    at_means: str
    since: str
    unread: int
    channel: Channel
    status: str
    priority: str | None
    assignee: str | None
    tags: Sequence[str]
    due: Due | None
    is_snoozed: bool
    may_change: bool


class RowsView(msgspec.Struct, frozen=True, kw_only=True):
    """A page of rows, and what leads behind them."""

    rows: Sequence[Row]
    selected: int | None
    older_path: str | None
    more_path: str | None  # the rows behind these, for a script that adds them to the list
    ticked: Set[UUID]

    @property
    def has_ticks(self) -> bool:
        """Say whether the reader may change any of them."""
        return any(row.may_change for row in self.rows)


class ListView(msgspec.Struct, frozen=True, kw_only=True):
    """The list with its filters."""

    page: RowsView
    address: ListAddress
    count: int | None
    n_unread: int  # of the whole project
    n_unread_here: int | None  # of the list, where it is known
    demo_progress: str | None
    may_change: bool  # some ticket, though not each of them
    rail: Rail
    statuses: Sequence[Choice]
    filters: Filters
    chips: Sequence[Chip]
    opened_view: OpenedView | None
    assignees: Mapping[str, str]
    status_names: Mapping[str, str]
    priority_names: Mapping[str, str]
    snooze_names: Mapping[str, str]
    filter_query: str  # the list as a view's filters name it: without a view


def due_of(ticket: TicketOut, now: datetime) -> Due | None:
    """Return when an answer is due, as long as one is: on a resolved ticket it isn't, though the list's filter finds it."""
    at = ticket.sla_due_at
    if at is None or ticket.status == "resolved":
        return None
    state = sla_state(at, now)
    return Due(at, state, f"{'Overdue' if state == 'breached' else 'Due'} {ago(at, now)}")


def _without_words(ticket: TicketOut) -> str:
    """Return what stands for a conversation whose last message has no text, or that has no message."""
    return "No messages yet" if ticket.last_message_at is None else "A file, without words"


def _time_of(ticket: TicketOut, key: str) -> tuple[datetime, str]:
    """Return the time that a list is sorted by, of a ticket that may lack it."""
    at, means = {
        "created_at": (ticket.created_at, "Opened"),
        "number": (ticket.created_at, "Opened"),
        "sla_due_at": (ticket.sla_due_at, "Due"),
        "snoozed_until": (ticket.snoozed_until, "Wakes up"),
    }.get(key, (None, ""))
    return (ticket.updated_at, "Changed") if at is None else (at, means)


def row_of(ticket: TicketOut, query: str, around: "RowFacts", key: str) -> Row:
    """Make a row of a list that is sorted by `key`; `query` is that of the list's address."""
    at, means = _time_of(ticket, key)
    return Row(
        id=ticket.id,
        number=ticket.ticket_number,
        path=f"/inbox/{ticket.ticket_number}{query}",
        name=name_of(ticket),
        subject=shortened(subject, 160) if (subject := subject_of(ticket)) else None,
        text=shortened(ticket.last_message_text or _without_words(ticket), 160),
        said_by=around.said_by.get(ticket.id, ""),
        passage=passage_of(ticket, around.found, around.called),
        at=at,
        at_means=means,
        since=ago(at, around.now),
        unread=ticket.unread_team_count,
        channel=channel_of(ticket),
        status=ticket.status,
        priority=ticket.priority,
        assignee=assignee_of(ticket, around.names),
        tags=ticket.tags,
        due=due_of(ticket, around.now),
        is_snoozed=ticket.snoozed_until is not None,
        may_change=ticket.user_access_level in ("editor", "manager"),
    )


class RowFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What rows show beside the tickets; `names` are those of assignees, and `labels` how lists to choose from call them."""

    names: Mapping[str, str]
    labels: Mapping[str, str]
    called: Mapping[str, str]  # the same names, but "You" for the reader
    said_by: Mapping[UUID, str]  # who of the team has said the last word
    found: FoundTexts
    now: datetime


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What a list shows around its rows; `names` and `labels` are of the people and roles that can be assigned."""

    counts: Mapping[str, int]
    sections: SectionCounts
    names: Mapping[str, str]
    labels: Mapping[str, str]
    customer: str  # whose tickets the list is narrowed to, or nothing
    views: Sequence[ViewChoice]
    view_counts: Mapping[str, int]  # of the first views that search for nothing, by their short ids
    opened_view: OpenedView | None
    n_unread: int
    demo_progress: str | None
    may_change: bool


def rows_view(
    found: InboxPage,
    address: ListAddress,
    facts: RowFacts,
    *,
    selected: int | None = None,
    ticked: Set[UUID] = frozenset(),
    is_more: bool = False,
) -> RowsView:
    """Make a page of rows; with `is_more` one that is added to a list, and so is part of its first page."""
    older = msgspec.structs.replace(address, after=found.cursor) if found.cursor else None
    query = (address.replaced() if is_more else address).query
    return RowsView(
        rows=[row_of(ticket, query, facts, found.order.key) for ticket in found.tickets],
        selected=selected,
        older_path=f"/inbox{older.query}" if older else None,
        more_path=f"/inbox/rows/more{older.query}" if older else None,
        ticked=ticked,
    )


def list_view(page: RowsView, count: int | None, address: ListAddress, around: Surroundings) -> ListView:
    """Make the list with its filters; `count` is of all that match, where that is known."""
    view = around.opened_view
    shown = view.shown if view else address.replaced()
    narrowed = shown.replaced(edits=view.short_id) if view else address
    return ListView(
        page=page,
        address=address,
        count=count,
        n_unread=around.n_unread,
        n_unread_here=_unread_here(page, address, around),
        demo_progress=around.demo_progress,
        may_change=around.may_change,
        rail=rail_of(address, around.sections, around.views, around.view_counts),
        statuses=_statuses(address, around),
        filters=filters_of(address, around.labels, view.own.chosen_order if view else ""),
        chips=chips_of(narrowed, {**around.names, address.customer: around.customer}),
        opened_view=view,
        assignees=around.labels,
        status_names=STATUS_NAMES,
        priority_names=PRIORITY_NAMES,
        snooze_names=SNOOZES,
        filter_query=shown.query,
    )


def _unread_here(page: RowsView, address: ListAddress, around: Surroundings) -> int | None:
    if page.older_path is None and address.after is None:
        return sum(row.unread for row in page.rows)
    return around.n_unread if address.is_plain and address.who == "all" else None


def _statuses(address: ListAddress, around: Surroundings) -> list[Choice]:
    """Return the choices between statuses; what a saved view shows by itself has no key, as in its address."""
    named = {"active": "Not resolved", **STATUS_NAMES, "all": "Every status"}
    # The counts are those of the whole project.
    shown = _status_counts(around) if address.is_plain and address.who == "all" else {}
    usual = around.opened_view.own.chosen_status if address.view and around.opened_view else ""
    chosen = address.chosen_status or usual
    for statuses in (usual, chosen):
        if statuses and statuses not in named:
            several = " or ".join(STATUS_NAMES[status] for status in statuses.split(","))
            named = {statuses: several, **named}
    keys = {status: "" if status == usual else status for status in named}
    return [
        Choice(
            key,
            named[status],
            f"/inbox{address.replaced(status=key).query}",
            status == chosen,
            shown.get(key),
        )
        for status, key in keys.items()
    ]


def _status_counts(around: Surroundings) -> dict[str, int]:
    """Return how many tickets each choice shows. Those that are snoozed are not among the unresolved ones."""
    counts, n_snoozed = around.counts, around.sections.snoozed
    found = {**counts, "all": sum(counts.values())}
    if n_snoozed < MOST_COUNTED:
        found["active"] = sum(counts[status] for status in ACTIVE) - n_snoozed
    return found
