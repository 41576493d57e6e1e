"""What the templates of the inbox are given, made from tickets as the API has them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec

from parley.inbox.queries import InboxFilter, InboxPage
from parley.kernel.html import safe_url
from parley.tickets.rules import STATUSES
from parley.tickets.schemas import MessageOut, TicketOut

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
ACTIVE = ("new", "open", "pending", "on_hold")
WHO = {"all": "All", "mine": "Mine", "unassigned": "Unassigned"}
MAX_SHOWN_LENGTH = 300
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

    status: str = "active"
    who: str = "all"
    after: str | None = None

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> "View":
        """Read the address; what can't be read is the default."""
        status, who = parameters.get("status", ""), parameters.get("who", "")
        return cls(
            status=status if status in STATUSES or status == "all" else "active",
            who=who if who in WHO else "all",
            after=parameters.get("after") or None,
        )

    @property
    def filter(self) -> InboxFilter:
        statuses = {"active": ACTIVE, "all": ()}.get(self.status, (self.status,))
        who: Any = self.who
        return InboxFilter(statuses=statuses, who=who)

    @property
    def query(self) -> str:
        """The part of an address that leads to this list, with its question mark, or nothing."""
        default = View()
        parts = {name: getattr(self, name) for name in self.__struct_fields__}
        told = {name: value for name, value in parts.items() if value != getattr(default, name)}
        return f"?{urlencode(told)}" if told else ""

    def replaced(self, **changes: Any) -> "View":
        return msgspec.structs.replace(self, **{"after": None, **changes})


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


class ListView(msgspec.Struct, frozen=True, kw_only=True):
    """The list with its filters."""

    rows: Sequence[Row]
    view: View
    n_unread: int
    selected: int | None
    older_path: str | None
    demo_progress: str | None
    whose: Sequence[Choice]
    statuses: Sequence[Choice]


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
    found = msgspec.json.decode(value) if isinstance(value, msgspec.Raw) else value
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
    """Return the customer's e-mail address, if one is known."""
    properties = decoded(ticket.person.properties) if ticket.person else {}
    told = (properties.get("email"), traits_of(ticket).get("email"), ticket.email_from)
    return next((text for text in told if isinstance(text, str) and "@" in text), None)


def assignee_of(ticket: TicketOut, names: Mapping[str, str]) -> str | None:
    """Return who takes care of it; `names` are those of the people and roles that can."""
    found = ticket.assignee
    if found is None:
        return None
    told = (found.role.name if found.role else None) or (found.user.email if found.user else None)
    return names.get(f"{found.type}:{found.id}") or told or "Somebody"


def row_of(ticket: TicketOut, view: View, names: Mapping[str, str]) -> Row:
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
    )


def list_view(
    found: InboxPage,
    view: View,
    counts: Mapping[str, int],
    names: Mapping[str, str],
    *,
    n_unread: int,
    selected: int | None,
    demo_progress: str | None,
) -> ListView:
    """Make the list with its filters."""
    older = msgspec.structs.replace(view, after=found.mark) if found.mark else None
    return ListView(
        rows=[row_of(ticket, view, names) for ticket in found.tickets],
        view=view,
        n_unread=n_unread,
        selected=selected,
        older_path=f"/inbox{older.query}" if older else None,
        demo_progress=demo_progress,
        whose=[
            Choice(key, name, f"/inbox{view.replaced(who=key).query}", key == view.who)
            for key, name in WHO.items()
        ],
        statuses=_statuses(view, counts),
    )


def _statuses(view: View, counts: Mapping[str, int]) -> list[Choice]:
    named = {"active": "Not resolved", **STATUS_NAMES, "all": "Every status"}
    summed = {**counts, "active": sum(counts[status] for status in ACTIVE), "all": sum(counts.values())}
    return [
        Choice(key, name, f"/inbox{view.replaced(status=key).query}", key == view.status, summed[key])
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
    )
