"""Which messages may be split off a ticket, and which of the unread ones go with them."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from parley.conversations.tickets.rules.comments import CUSTOMER
from parley.kernel.errors import Invalid


class SplittableMessage(msgspec.Struct, frozen=True):
    """A message as far as splitting looks at it; `via_ticket_id` is the merged ticket that it was addressed to."""

    id: UUID
    author_type: str
    is_private: bool
    created_by: int | None
    via_ticket_id: UUID | None


def checked_split(messages: Sequence[SplittableMessage], wanted: Sequence[UUID]) -> set[UUID]:
    """Return what moves; raises Invalid for what isn't a message of the ticket, and where nothing public would stay."""
    on_ticket = {message.id for message in messages}
    for index, id in enumerate(wanted):
        if id not in on_ticket:
            detail = "This is no message of the ticket, or it has been deleted."
            raise Invalid(detail, code="does_not_exist", attr=f"message_ids__{index}")
    moved = set(wanted)
    if all(message.is_private or message.id in moved for message in messages):
        detail = "At least one public message must stay. Leave one out."
        raise Invalid(detail, attr="message_ids")
    return moved


def unread_share(messages: Sequence[UUID], moved: set[UUID], unread: int) -> int:
    """Say how many of the unread messages move. The last ones are unread, of those that count as such."""
    return sum(id in moved for id in messages[-unread:]) if unread > 0 else 0


def unread_by_team(messages: Sequence[SplittableMessage]) -> list[UUID]:
    """Return the messages that the team may not have read, oldest first."""
    return [one.id for one in messages if not one.is_private and one.author_type == CUSTOMER]


def unread_by_customer(messages: Sequence[SplittableMessage]) -> list[UUID]:
    """Return the messages that the customer may not have read, oldest first."""
    return [
        one.id
        for one in messages
        if not one.is_private and one.author_type != CUSTOMER and one.created_by is not None
    ]


def ticket_of_requester(messages: Sequence[SplittableMessage], moved: set[UUID], ticket_id: UUID) -> UUID:
    """Say whose requester the new ticket has: that of the ticket itself, or of the merged one that all was addressed to.

    So nobody gets to read split-off messages who could not read them before.
    """
    via = {one.via_ticket_id for one in messages if one.id in moved and not one.is_private}
    return next(iter(via)) or ticket_id if len(via) == 1 else ticket_id
