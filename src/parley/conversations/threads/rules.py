"""Whose a ticket is, and how much of a thread a visitor may see.

A visitor is known by a session, which is a secret of the browser, or by an identity that the project's own
server has signed. A distinct id alone opens nothing, since anybody can send any; and what capture says of which distinct
ids are one person opens nothing either, since anybody can capture that.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from parley.kernel.network.emails import normal_email


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a request acts for: a bare session, or somebody for whom the project's server vouches.

    `distinct_id` is the one that it has signed; `signed_email` is an e-mail address in lower case that it has signed, too.
    """

    widget_session_id: UUID | None = None
    distinct_id: str | None = None
    signed_email: str | None = None

    @property
    def is_verified(self) -> bool:
        """Whether the project's server vouches for them; only so they are found among participants."""
        return self.distinct_id is not None

    @property
    def participant_email(self) -> str | None:
        """The signed address in the form in which participants are stored."""
        return normal_email(self.signed_email) if self.signed_email else None

    @property
    def signed_emails(self) -> tuple[str, ...]:
        """The addresses as which they are signed: that of the claim, and the distinct id where it is one."""
        texts = (self.signed_email, self.distinct_id.lower() if self.distinct_id else None)
        return tuple(dict.fromkeys(text for text in texts if text))


class Ownership(Protocol):
    """What a ticket says of whose it is."""

    @property
    def widget_session_id(self) -> UUID: ...

    @property
    def distinct_id(self) -> str: ...

    @property
    def identity_verified(self) -> bool | None: ...

    @property
    def claim_email(self) -> str | None: ...

    @property
    def closed_to_sessions(self) -> bool: ...


def is_own(ticket: Ownership, visitor: Visitor) -> bool:
    """Say whether a ticket is the visitor's own; `queries.lists.visible_to` says the same in SQL.

    A ticket that only claims a distinct id belongs to its session, and every other one to whom its identity is signed for.
    In those of others they may take part: see `queries.threads.participant_id_of`. Merging may close a ticket to its
    session, too: see `queries.merge_paths.ids_closed_to_sessions`.
    """
    if not visitor.is_verified:
        is_session = ticket.widget_session_id == visitor.widget_session_id
        return is_session and ticket.identity_verified is False and not ticket.closed_to_sessions
    if ticket.identity_verified is False:
        return False
    if ticket.claim_email is not None:
        return ticket.claim_email in visitor.signed_emails
    if ticket.distinct_id == visitor.distinct_id:
        return True
    return ticket.identity_verified is True and ticket.distinct_id.lower() == visitor.signed_email


class ThreadVisibility(msgspec.Struct, frozen=True, kw_only=True):
    """Which messages a visitor may see of a thread that is, or once was, part of a merge.

    `whole_id` is a ticket of theirs, of which they see all but what was addressed to others' tickets: `own_ids` are those
    that aren't others'. `addressed_ids` are tickets whose messages, and the answers to them, they see wherever these are.
    `targets` are the tickets that theirs is merged into, and since when: of these they see what the team says to
    everybody.
    """

    addressed_ids: Sequence[UUID]
    whole_id: UUID | None = None
    own_ids: Sequence[UUID] = ()
    targets: Sequence[tuple[UUID, datetime]] = ()


class VisitorTicket(msgspec.Struct, frozen=True):
    """A ticket as its thread shows it to a visitor: their own, or another's in which they take part.

    Without `visibility` they see every public message of it.
    """

    id: UUID
    status: str
    unread_customer_count: int
    anonymous_traits: dict[str, Any]
    is_requester: bool
    visibility: ThreadVisibility | None = None
