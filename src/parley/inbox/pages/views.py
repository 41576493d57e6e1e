"""What the templates of the inbox are given, made from tickets as the API has them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from parley.conversations.messages.schemas import MessageOut
from parley.conversations.saved_views.queries import ViewChoice
from parley.conversations.sla.rules import sla_state
from parley.conversations.tickets.rules import STATUSES
from parley.conversations.tickets.schemas import TicketOut
from parley.inbox.queries import InboxFilter, InboxPage
from parley.kernel.text.html import safe_url
from parley.kernel.text.json_text import read_json
from parley.kernel.text.search import MAX_SEARCH

STATUS_NAMES = {
    "new": "New",
    "open": "Open",
    "pending": "Pending",
    "on_hold": "On hold",
    "resolved": "Resolved",
}
PRIORITY_NAMES = {"critical": "Critical", "high": "High", "medium": "Medium", "low": "Low"}
CHANNEL_NAMES = {
    "widget": "Chat widget",
    "email": "E-mail",
    "slack": "Slack",
    "teams": "Teams",
    "github": "GitHub",
}
SLA_NAMES = {"breached": "Overdue", "at-risk": "Due within the hour", "on-track": "Due later"}
ACTIVE = tuple(status for status in STATUSES if status != "resolved")
WHO = {"all": "All", "mine": "Mine", "unassigned": "Unassigned"}
MAX_SHOWN_LENGTH, MAX_SHORT_ID = 300, 40
INITIALISMS = {"url", "os", "id", "ip", "utm"}


class Choice(msgspec.Struct, frozen=True):
    """One way to narrow the list down."""

    key: str
    name: str
    path: str
    is_chosen: bool
    count: int | None = None


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Which list somebody looks at, as it stands in the address."""

    status: str = ""  # whatever goes without saying: see `chosen_status`
    who: str = "all"
    view: str = ""
    search: str = ""
    priority: str = ""
    sla: str = ""
    tag: str = ""
    after: str | None = None

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> "View":
        """Read the address; what can't be read is the default."""

        def one_of(name: str, choices: Collection[str], default: str = "") -> str:
            return parameters[name] if parameters.get(name) in choices else default

        found = cls(
            status=one_of("status", ("active", *STATUSES, "all")),
            who=one_of("who", WHO, "all"),
            view=parameters.get("view", "").strip()[:MAX_SHORT_ID],
            search=parameters.get("search", "").strip()[:MAX_SEARCH],
            priority=one_of("priority", PRIORITY_NAMES),
            sla=one_of("sla", SLA_NAMES),
            tag=parameters.get("tag", "").strip(),
            after=parameters.get("after") or None,
        )
        goes_without_saying = found.status == found.replaced(status="").chosen_status
        return msgspec.structs.replace(found, status="") if goes_without_saying else found

    @property
    def chosen_status(self) -> str:
        """The status that is shown; empty where a saved view decides. Whoever searches looks at all of them."""
        if self.status or self.view:
            return self.status
        return "all" if self.search else "active"

    @property
    def is_plain(self) -> bool:
        """Whether only status and assignee narrow it down, as the lists that every team looks at all day do."""
        return not (self.view or self.search or self.n_filters)

    @property
    def n_filters(self) -> int:
        return sum(map(bool, (self.priority, self.sla, self.tag)))

    @property
    def statuses(self) -> tuple[str, ...]:
        named = {"active": ACTIVE, "all": (), "": ()}
        return named.get(self.chosen_status, (self.chosen_status,))

    @property
    def filter(self) -> InboxFilter:
        who: Any = self.who
        return InboxFilter(statuses=self.statuses, who=who)

    @property
    def asked(self) -> dict[str, str]:
        """The same list as the API's list of tickets is asked for it."""
        statuses = self.statuses if self.chosen_status != "all" else STATUSES
        whose = {"mine": "me", "unassigned": "unassigned"}
        found = {
            "status": ",".join(statuses),
            "assignee": whose.get(self.who, ""),
            "view": self.view,
            "search": self.search,
            "priority": self.priority,
            "sla": self.sla,
            "tags": msgspec.json.encode([self.tag]).decode() if self.tag else "",
        }
        return {name: value for name, value in found.items() if value}

    @property
    def query(self) -> str:
        """The part of an address that leads to this list, with its question mark, or nothing."""
        return f"?{urlencode(self.told)}" if self.told else ""

    @property
    def told(self) -> dict[str, str]:
        """What an address or a form says to come to this list."""
        default = View()
        parts = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: value for name, value in parts.items() if value != getattr(default, name)}

    def replaced(self, **changes: Any) -> "View":
        return msgspec.structs.replace(self, **{"after": None, **changes})


class Due(msgspec.Struct, frozen=True):
    """When an answer is due; `state` is breached, at-risk or on-track, as lists are filtered by it."""

    at: datetime
    state: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket in the list."""

    number: int
    path: str
    name: str
    text: str
    at: datetime
    unread: int
    status: str
    priority: str | None
    assignee: str | None
    tags: Sequence[str]
    due: Due | None
    is_snoozed: bool


class ListView(msgspec.Struct, frozen=True, kw_only=True):
    """The list with its filters."""

    rows: Sequence[Row]
    view: View
    count: int | None
    n_unread: int
    selected: int | None
    older_path: str | None
    demo_progress: str | None
    whose: Sequence[Choice]
    statuses: Sequence[Choice]
    filters: "Filters"


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """The choices of the form above the list."""

    views: Sequence["Option"]
    priorities: Sequence["Option"]
    slas: Sequence["Option"]


class Fact(msgspec.Struct, frozen=True):
    """Something known, as text; with a URL it is a link."""

    label: str
    value: str
    url: str | None = None


class Option(msgspec.Struct, frozen=True):
    """One option of a select."""

    value: str
    name: str
    is_chosen: bool = False


def traits_of(ticket: TicketOut) -> dict[str, Any]:
    """Return what the visitor's page has told; lists read it raw."""
    return decoded(ticket.anonymous_traits)


def decoded(value: Any) -> dict[str, Any]:
    """Return a JSON object that a query has left as its text."""
    found = read_json(value) if isinstance(value, msgspec.Raw) else value
    return found if isinstance(found, dict) else {}


def name_of(ticket: TicketOut) -> str:
    """Return what to call the customer: a name if there is any, else an address, else a visitor."""
    traits = traits_of(ticket)
    properties = decoded(ticket.person.properties) if ticket.person else {}
    told = (
        traits.get("name"),
        properties.get("name"),
        traits.get("email"),
        properties.get("email"),
        ticket.email_from,
    )
    found = next((text for text in told if isinstance(text, str) and text.strip()), None)
    return shortened(found.strip(), 80) if found else f"Visitor {ticket.distinct_id[-6:]}"


def address_of(ticket: TicketOut) -> str | None:
    """Return the customer's e-mail address, if one is known.

    What came with the ticket goes before what is captured of the person: that anybody can set, and the team may write there.
    """
    properties = decoded(ticket.person.properties) if ticket.person else {}
    told = (ticket.email_from, traits_of(ticket).get("email"), properties.get("email"))
    return next((text for text in told if isinstance(text, str) and "@" in text), None)


def assignee_of(ticket: TicketOut, names: Mapping[str, str]) -> str | None:
    """Return who takes care of it; `names` are those of the people and roles that can."""
    found = ticket.assignee
    if found is None:
        return None
    told = (found.role.name if found.role else None) or (found.user.email if found.user else None)
    return names.get(f"{found.type}:{found.id}") or told or "Somebody"


def due_of(ticket: TicketOut, now: datetime) -> Due | None:
    """Return when an answer is due, as long as one is: on a resolved ticket it isn't, though the list's filter finds it."""
    at = ticket.sla_due_at
    if at is None or ticket.status == "resolved":
        return None
    return Due(at, sla_state(at, now))


def row_of(ticket: TicketOut, view: View, names: Mapping[str, str], now: datetime) -> Row:
    """Make a row of the list."""
    return Row(
        number=ticket.ticket_number,
        path=f"/inbox/{ticket.ticket_number}{view.query}",
        name=name_of(ticket),
        text=shortened(ticket.email_subject or ticket.last_message_text or "No messages yet", 160),
        at=ticket.last_message_at or ticket.created_at,
        unread=ticket.unread_team_count,
        status=ticket.status,
        priority=ticket.priority,
        assignee=assignee_of(ticket, names),
        tags=ticket.tags,
        due=due_of(ticket, now),
        is_snoozed=ticket.snoozed_until is not None,
    )


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What a list shows beside the tickets; `names` are those of the people and roles that can be assigned."""

    counts: Mapping[str, int]
    names: Mapping[str, str]
    views: Sequence[ViewChoice]
    n_unread: int
    demo_progress: str | None
    now: datetime


def list_view(found: InboxPage, view: View, around: Surroundings, *, selected: int | None) -> ListView:
    """Make the list with its filters."""
    older = msgspec.structs.replace(view, after=found.cursor) if found.cursor else None
    return ListView(
        rows=[row_of(ticket, view, around.names, around.now) for ticket in found.tickets],
        view=view,
        count=found.count,
        n_unread=around.n_unread,
        selected=selected,
        older_path=f"/inbox{older.query}" if older else None,
        demo_progress=around.demo_progress,
        whose=[
            Choice(key, name, f"/inbox{view.replaced(who=key).query}", key == view.who)
            for key, name in WHO.items()
        ],
        statuses=_statuses(view, around.counts),
        filters=_filters(view, around.views),
    )


def _filters(view: View, views: Sequence[ViewChoice]) -> Filters:
    everything = Option("", "All conversations", not view.view)
    saved = [Option(one.short_id, shortened(one.name, 80), one.short_id == view.view) for one in views]
    return Filters(
        views=[everything, *saved] if saved else [],
        priorities=_options("Any priority", PRIORITY_NAMES, view.priority),
        slas=_options("Any due time", SLA_NAMES, view.sla),
    )


def _options(anything: str, names: Mapping[str, str], chosen: str) -> list[Option]:
    any_of_them = Option("", anything, not chosen)
    return [any_of_them, *(Option(key, name, key == chosen) for key, name in names.items())]


def _statuses(view: View, counts: Mapping[str, int]) -> list[Choice]:
    named = {"active": "Not resolved", **STATUS_NAMES, "all": "Every status"}
    summed = {**counts, "active": sum(counts[status] for status in ACTIVE), "all": sum(counts.values())}
    # The counts are those of the whole project.
    shown = summed if view.is_plain else {}
    if view.view:
        named = {"": "Statuses of the view", **named}
    return [
        Choice(
            key,
            name,
            f"/inbox{view.replaced(status=key).query}",
            key == view.chosen_status,
            shown.get(key),
        )
        for key, name in named.items()
    ]


def facts_of(values: Mapping[str, Any], *, but: Sequence[str] = ()) -> list[Fact]:
    """Return an object of a customer's page as facts, addresses as links; nothing of it is trusted."""
    facts = []
    for key, value in values.items():
        if key in but or value is None or value == "":
            continue
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        facts.append(Fact(shortened(_label(key), 60), shortened(text, MAX_SHOWN_LENGTH), safe_url(value)))
    return facts


def _label(key: str) -> str:
    told = (key.removeprefix("$").replace("_", " ").strip() or key).split(" ")
    words = [word.upper() if word.lower() in INITIALISMS else word for word in told]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def shortened(text: str, most: int) -> str:
    """Return the text, or its beginning with a sign that there is more."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """A message of the thread; `kind` is customer, team, note or assistant."""

    id: str
    kind: str
    author: str
    content: str
    at: datetime
    is_edited: bool
    is_of_merged: bool  # written to a ticket that is merged into this one, perhaps by another customer


def message_view(message: MessageOut) -> MessageView:
    """Make a message of the thread."""
    if message.is_private:
        kind = "note"
    elif message.author_type == "customer":
        kind = "customer"
    else:
        kind = "assistant" if message.author_type == "AI" else "team"
    return MessageView(
        id=str(message.id),
        kind=kind,
        author=shortened(message.author_name, 80),
        content=message.content,
        at=message.created_at,
        is_edited=message.version > 0,
        is_of_merged=isinstance(message.via_ticket_id, UUID),
    )
