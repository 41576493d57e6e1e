"""What the inbox shows of a ticket's customer and of who takes care of it; nothing of it is trusted."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from parley.conversations.ticket_api.schemas import BY_API, TicketOut
from parley.inbox.ticket_rows.names import CHANNEL_ICONS, CHANNEL_NAMES, shortened
from parley.kernel.text.html import safe_url
from parley.kernel.text.json_text import read_json
from parley.people.persons.rules.names import customer_name

MAX_SHOWN_LENGTH = 300
MOST_FACTS = 100
"""Of one object: anybody can have capture set half a megabyte of them."""
INITIALISMS = {"url", "os", "id", "ip", "utm"}


class Channel(msgspec.Struct, frozen=True):
    """How a conversation began, in words and as a picture."""

    name: str
    icon: str


TEAM = Channel("Opened by your team", "pencil")


class Fact(msgspec.Struct, frozen=True):
    """Something known, as text; with a URL it is a link."""

    label: str
    value: str
    url: str | None = None


def traits_of(ticket: TicketOut) -> dict[str, Any]:
    """Return the traits of the visitor, as their page has set them; lists read them raw."""
    return decoded(ticket.anonymous_traits)


def decoded(value: Any) -> dict[str, Any]:
    """Return a JSON object that a query has left as its text."""
    found = read_json(value) if isinstance(value, msgspec.Raw) else value
    return found if isinstance(found, dict) else {}


def merged_numbers(ticket: TicketOut) -> list[int]:
    """Return the numbers of the tickets that are merged into one; lists read them raw."""
    given: Any = ticket.merged_ticket_numbers
    return [*(read_json(given) if isinstance(given, msgspec.Raw) else given)]


def subject_of(ticket: TicketOut) -> str | None:
    """Return what the conversation is about; `#42` is only what a mail about a widget's ticket is called."""
    return None if ticket.email_subject == f"#{ticket.ticket_number}" else ticket.email_subject or None


def name_of(ticket: TicketOut) -> str:
    """Return what to call the customer, short enough for a heading."""
    properties = decoded(ticket.person.properties) if ticket.person else {}
    found = customer_name(
        traits_of(ticket), properties, email_from=ticket.email_from, distinct_id=ticket.distinct_id
    )
    return shortened(found, 80)


def channel_of(ticket: TicketOut) -> Channel:
    """Return how the conversation began. One that a key or a member has opened names the widget as its channel."""
    if ticket.channel_detail == BY_API.detail and ticket.identity_verified is None:
        return TEAM
    source = ticket.channel_source
    return Channel(CHANNEL_NAMES.get(source, source), CHANNEL_ICONS.get(source, "chat"))


def address_of(ticket: TicketOut) -> str | None:
    """Return the customer's e-mail address, if one is known.

    What came with the ticket goes before what is captured of the person: that anybody can set, and the team may write there.
    """
    properties = decoded(ticket.person.properties) if ticket.person else {}
    candidates = (ticket.email_from, traits_of(ticket).get("email"), properties.get("email"))
    return next((text for text in candidates if isinstance(text, str) and "@" in text), None)


def assignee_of(ticket: TicketOut, names: Mapping[str, str]) -> str | None:
    """Return who takes care of it; `names` are those of the people and roles that can."""
    found = ticket.assignee
    if found is None:
        return None
    own_name = (found.role.name if found.role else None) or (found.user.email if found.user else None)
    return names.get(f"{found.type}:{found.id}") or own_name or "Somebody"


def facts_of(values: Mapping[str, Any], *, but: Sequence[str] = ()) -> list[Fact]:
    """Return the first ones of an object of a customer's page as facts, addresses as links; nothing of it is trusted."""
    facts: list[Fact] = []
    for key, value in values.items():
        if key in but or value is None or value == "":
            continue
        if len(facts) == MOST_FACTS:
            break
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        facts.append(Fact(shortened(_label(key), 60), shortened(text, MAX_SHOWN_LENGTH), safe_url(value)))
    return facts


def _label(key: str) -> str:
    parts = (key.removeprefix("$").replace("_", " ").strip() or key).split(" ")
    words = [word.upper() if word.lower() in INITIALISMS else word for word in parts]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])
