"""How an answer reaches the customer of a ticket: by mail, in the widget only, or not at all.

The way back is a property of the ticket as it is now, not of how it was opened. What a visitor says of themselves may
name anybody's address, so such a mail has nothing in it that they chose but the address (docs/email-outbound.md).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol
from uuid import UUID

import msgspec

from parley.kernel.errors import Invalid
from parley.kernel.network.emails import check_email

Kind = Literal["email", "sms", "slack", "widget", "none"]
Reason = Literal[
    "", "email_disabled", "no_verified_channel", "no_address", "own_address", "address_bounced", "unsubscribed",
    "switched_off", "test_address_gone",
]  # fmt: skip

REASONS: Mapping[Reason, str] = {
    "": "",
    "email_disabled": "e-mail is switched off for this project",
    "no_verified_channel": "no e-mail channel of this project is verified",
    "no_address": "no e-mail address of the customer is known",
    "own_address": "the customer's address is one of this project's own",
    "address_bounced": "mail to this address has come back several times",
    "unsubscribed": "the customer doesn't want mail about conversations in the widget",
    "switched_off": "mail to customers of the widget is switched off in the settings",
    "test_address_gone": "the test address of this conversation is disconnected",
}
"""Each reason as the end of a sentence."""

REMEDIES: Mapping[Reason, str] = {
    "test_address_gone": "Begin a new conversation to write to the customer.",
    "email_disabled": "Connect an address in the settings, page E-mail, then send the answer again.",
    "no_verified_channel": "Verify one in the settings, page E-mail, then send the answer again.",
    "no_address": "Add one beside the conversation, then send the answer again.",
    "own_address": "Write to another address of the customer.",
    "address_bounced": "Write to another address, or have an admin reopen this one in the settings, page Outgoing mail.",
}
"""What the team can do so that an answer to a mail gets out."""

SETTING = "email_replies_to_widget"
"""The project's setting: whether customers of the widget get mail; on unless it is false."""


MOST_HARD_BOUNCES = 3
"""After so many in a row nothing is sent to an address any more."""


class ReachedTicket(Protocol):
    """What a ticket says of how its requester is reached."""

    @property
    def channel_source(self) -> str: ...

    @property
    def distinct_id(self) -> str: ...

    @property
    def identity_verified(self) -> bool | None: ...

    @property
    def claim_email(self) -> str | None: ...

    @property
    def email_from(self) -> str | None: ...

    @property
    def anonymous_traits(self) -> Mapping[str, Any]: ...


class Participating(Protocol):
    """Who takes part besides the requester; `merge_id` where a merge has brought them."""

    @property
    def email(self) -> str | None: ...

    @property
    def merge_id(self) -> UUID | None: ...


class ReplyRoute(msgspec.Struct, frozen=True, kw_only=True):
    """What happens to a public answer: `cc` get the same mail, `alone` one of their own, which names nobody else."""

    kind: Kind
    address: str | None = None
    cc: Sequence[str] = ()
    alone: Sequence[str] = ()
    channel_id: UUID | None = None
    from_email: str | None = None
    is_delayed: bool = False  # only if the widget doesn't show it to the customer within two minutes
    is_test: bool = False  # it is kept, and nothing is sent
    reason: Reason = ""

    @property
    def sentence(self) -> str:
        """Say it to the person who writes the answer."""
        if self.kind == "email":
            if self.is_test:
                return f"Kept here as a mail to {self.address}: {self.from_email} is a test address."
            others = len(self.cc) + len(self.alone)
            also = f" and {others} other{'s' * (others > 1)}" if others else ""
            late = ", unless they see it in the widget within two minutes" if self.is_delayed else ""
            return f"By mail to {self.address}{also}{late}."
        if self.kind == "slack":
            return "In the thread in Slack."
        if self.kind == "sms":
            return f"By text message to {self.address}."
        where = "In the widget only" if self.kind == "widget" else "The customer can't be reached"
        return f"{where}: {REASONS[self.reason]}." if self.reason else f"{where}."

    @property
    def failure(self) -> str:
        """Say below an answer why it has reached nobody, and what to do."""
        return f"Not delivered: {REASONS[self.reason]}. {REMEDIES.get(self.reason, '')}".rstrip()


class Sender(msgspec.Struct, frozen=True):
    """The verified channel that answers go out by, and all addresses of the project's channels."""

    channel_id: UUID
    from_email: str
    own_addresses: frozenset[str] = frozenset()
    is_test: bool = False


def valid_address(text: object) -> str | None:
    """Return the normal form of an address, or None where a text is none."""
    if not isinstance(text, str):
        return None
    try:
        return check_email(text)
    except Invalid:
        return None


def address_of(ticket: ReachedTicket) -> str | None:
    """Return the address of a ticket's requester: where they wrote from or, on the web, what they told last."""
    told = [ticket.anonymous_traits.get("email"), ticket.email_from]
    if ticket.channel_source == "email":
        told.reverse()
    signed = [ticket.distinct_id] if ticket.identity_verified else []
    found = (valid_address(text) for text in (*told, ticket.claim_email, *signed))
    return next((address for address in found if address), None)


def reply_route(
    ticket: ReachedTicket,
    participants: Sequence[Participating],
    settings: Mapping[str, Any],
    sender: Sender | None,
    closed: Mapping[str, Reason],
) -> ReplyRoute:
    """Decide how an answer goes out. `closed` says of addresses why nothing is sent to them.

    Unsubscribing ends mail about the widget's conversations only: who has written by mail wants an answer by mail.
    """
    if ticket.channel_source == "slack":
        return ReplyRoute(kind="slack", address=None)
    if ticket.channel_source == "sms":
        phone = ticket.anonymous_traits.get("phone")
        return ReplyRoute(kind="sms", address=phone if isinstance(phone, str) else ticket.distinct_id)
    by_mail = ticket.channel_source == "email"
    otherwise: Kind = "none" if by_mail else "widget"
    address = address_of(ticket)
    reason = _reason_against(ticket, address, settings, sender, closed)
    if reason or sender is None:
        return ReplyRoute(kind=otherwise, address=address, reason=reason)
    others = [
        one
        for one in participants
        if one.email is not None and one.email != address and one.email not in sender.own_addresses
        and _closed(one.email, closed, by_mail=by_mail) is None
    ]  # fmt: skip
    return ReplyRoute(
        kind="email",
        address=address,
        cc=[one.email for one in others if one.email is not None and one.merge_id is None],
        alone=[one.email for one in others if one.email is not None and one.merge_id is not None],
        channel_id=sender.channel_id,
        from_email=sender.from_email,
        is_delayed=not by_mail,
        is_test=sender.is_test,
    )


def _reason_against(
    ticket: ReachedTicket,
    address: str | None,
    settings: Mapping[str, Any],
    sender: Sender | None,
    closed: Mapping[str, Reason],
) -> Reason:
    if settings.get("email_enabled") is not True:
        return "email_disabled"
    if sender is None:
        return "no_verified_channel"
    by_mail = ticket.channel_source == "email"
    if not by_mail and settings.get(SETTING) is False:
        return "switched_off"
    if address is None:
        return "no_address"
    if address in sender.own_addresses:
        return "own_address"
    return _closed(address, closed, by_mail=by_mail) or ""


def _closed(address: str, closed: Mapping[str, Reason], *, by_mail: bool) -> Reason | None:
    reason = closed.get(address)
    return None if reason == "unsubscribed" and by_mail else reason
