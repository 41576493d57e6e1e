"""Who may take part in a ticket besides its requester, and when two of them are the same."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

import msgspec

from parley.accounts.activity_log.schemas import Change
from parley.conversations.ticket_changes.rules import log
from parley.conversations.ticket_changes.rules.changes import TicketChange, change_of, ref_of
from parley.conversations.ticket_changes.rules.events import Occasion, Ticket, domain_event
from parley.conversations.ticket_changes.rules.kinds import PARTICIPANT_ADDED, PARTICIPANT_REMOVED, ChangeKind
from parley.conversations.tickets.rules.comments import PARTICIPANT, PARTICIPANT_KEY, PARTICIPANT_NAME_KEY
from parley.kernel.errors import Invalid
from parley.kernel.network.emails import normal_email

MAX_PARTICIPANTS = 50


ParticipantKey = tuple[str | None, str | None]
"""By what a participant is known: an address, a distinct id, or both."""


class ParticipantEntry(msgspec.Struct, frozen=True):
    """When somebody began to take part, and through which merge; None where the team has added them."""

    merge_id: UUID | None
    at: datetime
    name: str | None = None


class Contact(Protocol):
    """Whoever is known by an e-mail address in lower case, by a distinct id, or by both."""

    @property
    def email(self) -> str | None: ...

    @property
    def distinct_id(self) -> str | None: ...


class Author(Contact, Protocol):
    """A participant who writes."""

    @property
    def id(self) -> UUID: ...

    @property
    def name(self) -> str | None: ...


C = TypeVar("C", bound=Contact)


class WantedParticipant(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is to take part."""

    email: str | None = None
    distinct_id: str | None = None
    name: str | None = None


class Requester(msgspec.Struct, frozen=True):
    """Every way in which a ticket's requester is known; addresses in lower case."""

    distinct_ids: frozenset[str]
    emails: frozenset[str]

    def is_same(self, someone: Contact) -> bool:
        return someone.distinct_id in self.distinct_ids or someone.email in self.emails


class RequesterFields(Protocol):
    """What a ticket says of who its requester is."""

    @property
    def distinct_id(self) -> str: ...

    @property
    def email_from(self) -> str | None: ...

    @property
    def anonymous_traits(self) -> dict[str, Any]: ...


def requester_of(ticket: RequesterFields) -> Requester:
    """Return how the requester of a ticket is known by the ticket itself; what capture links to them, anybody may say."""
    addresses = (ticket.distinct_id, ticket.email_from, ticket.anonymous_traits.get("email"))
    return Requester(
        frozenset([ticket.distinct_id]),
        frozenset(normal_email(text) for text in addresses if isinstance(text, str)),
    )


def same_participant(present: Iterable[C], wanted: WantedParticipant) -> C | None:
    """Return the one who takes part already; raises Invalid where the address or the distinct id is somebody else's."""
    for one in present:
        halves = [
            (mine, theirs)
            for mine, theirs in ((wanted.email, one.email), (wanted.distinct_id, one.distinct_id))
            if mine is not None
        ]
        if all(mine == theirs for mine, theirs in halves):
            return one
        if any(mine == theirs for mine, theirs in halves):
            text = (
                "Somebody with only one of these takes part already; remove them first, or name them by one."
            )
            raise Invalid(text, code="unique", attr="email" if wanted.email == one.email else "distinct_id")
    return None


def newcomers(present: Sequence[Contact], wanted: Iterable[WantedParticipant]) -> list[WantedParticipant]:
    """Return those who don't take part yet, without an address or a distinct id that somebody else has already."""
    emails = {one.email for one in present}
    distinct_ids = {one.distinct_id for one in present}
    found = []
    for one in wanted:
        email = None if one.email in emails else one.email
        distinct_id = None if one.distinct_id in distinct_ids else one.distinct_id
        if email is not None or distinct_id is not None:
            found.append(WantedParticipant(email=email, distinct_id=distinct_id, name=one.name))
            emails.add(email)
            distinct_ids.add(distinct_id)
    return found


def check_room(present: Sequence[Contact]) -> None:
    """Raise Invalid for a ticket in which nobody else can take part."""
    if len(present) >= MAX_PARTICIPANTS:
        raise Invalid(f"A ticket has at most {MAX_PARTICIPANTS} participants; remove one first.")


def addresses(present: Iterable[Contact]) -> list[str]:
    """Return the addresses of participants in their order, as the ticket shows them."""
    return [one.email for one in present if one.email is not None]


def addresses_in_order(participants: Mapping[ParticipantKey, ParticipantEntry]) -> list[str]:
    """Return the addresses of participants in the order in which they came, as the ticket shows them."""
    in_order = sorted(participants.items(), key=lambda one: one[1].at)
    return [email for (email, _), _ in in_order if email is not None]


def authorship_of(participant: Author, traits: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the context of a participant's message says of its author.

    The team sees the name that they state in their traits. Other customers see what the team calls them, or their address:
    never a distinct id, nor a name of their own choice, which might be "Support".
    """
    for_customers, stated_name = participant.name or participant.email, traits.get("name")
    name = participant.name or (stated_name if isinstance(stated_name, str) else None) or participant.email
    return {
        PARTICIPANT_KEY: str(participant.id),
        PARTICIPANT_NAME_KEY: for_customers or PARTICIPANT,
        "author_name": name or PARTICIPANT,
        "from_email": participant.email,
    }


def participant_added(on: Occasion, ticket: Ticket, one: Contact) -> TicketChange:
    """Return what follows when somebody begins to take part in a ticket."""
    change = log.added("participant", one.email or one.distinct_id)
    return _participant_changed(on, ticket, one, PARTICIPANT_ADDED, change)


def participant_removed(on: Occasion, ticket: Ticket, one: Contact) -> TicketChange:
    """Return what follows when somebody no longer takes part in a ticket."""
    change = log.removed("participant", one.email or one.distinct_id)
    return _participant_changed(on, ticket, one, PARTICIPANT_REMOVED, change)


def _participant_changed(
    on: Occasion, ticket: Ticket, one: Contact, kind: ChangeKind, change: Change
) -> TicketChange:
    about = ref_of(on, ticket)
    properties = {"participant_email": one.email, "participant_distinct_id": one.distinct_id}
    return change_of(
        about,
        kind,
        log=[log.entry(about, kind, [change], on.by, on.at)],
        events=[domain_event(on, kind, ticket, properties)],
    )
