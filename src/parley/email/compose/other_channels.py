"""Channels of features above by which the team may begin a conversation: those features register here."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

import msgspec

from parley.conversations.ticket_changes.rules.events import OpenedTicket
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services


class TextSender(msgspec.Struct, frozen=True):
    """One of the project's own numbers, as people read it."""

    id: UUID
    number: str
    name: str


class TextChannel(msgspec.Struct, frozen=True):
    """How conversations begin by text message."""

    senders: Callable[[Db, int], Awaitable[Sequence[TextSender]]]
    """Returns the numbers of a project from which messages may be sent."""
    number: Callable[[str], str]
    """Returns a number in its one form; raises Invalid at `recipient_phone` for what is none."""
    open: Callable[[Db, Services, Actor, UUID, str], Awaitable[OpenedTicket]]
    """Opens a ticket with such a number, from the sender with this id; what is said is written on it after that.

    Raises Invalid at `sms_channel_id` or `recipient_phone`.
    """


_OFFERED: dict[str, TextChannel] = {}


def offer_texts(channel_source: str, channel: TextChannel) -> None:
    """Let conversations begin by a channel. Doing it twice changes nothing.

    There is one way for text messages: a second feature that offers another one stops the start (RuntimeError).
    """
    if _OFFERED.keys() - {channel_source}:
        raise RuntimeError(
            f"text messages begin by {', '.join(_OFFERED)} already, and not by {channel_source}"
        )
    _OFFERED[channel_source] = channel


async def text_senders(db: Db, project_id: int) -> list[TextSender]:
    """Return the numbers of a project from which a conversation may begin by text message."""
    return [sender for one in _OFFERED.values() for sender in await one.senders(db, project_id)]


def text_channel() -> TextChannel:
    """Return how conversations begin by text message; raises Invalid where no feature offers that."""
    for one in _OFFERED.values():
        return one
    raise Invalid("This server sends no text messages.", attr="sms_channel_id")
