"""Answers of colleagues that came while somebody was writing."""

import msgspec

from parley.conversations.ticket_api.schemas import TicketOut
from parley.inbox.composer.queries import answer_of_a_colleague
from parley.inbox.ticket_rows.names import shortened
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services
from parley.kernel.text.iso_moments import utc_moment_of
from parley.web.formats import past

MAX_NAME = 80


class AnsweredPart(msgspec.Struct, frozen=True):
    """Context of `composer/_answered.html`: a sentence, or nothing."""

    answered: str


async def answered_meanwhile(services: Services, actor: Actor, ticket: TicketOut, read_until: str) -> str:
    """Say which colleague has answered the customer since a moment; empty if nobody has, or for what is no moment."""
    since = utc_moment_of(read_until)
    if since is None:
        return ""
    found = await answer_of_a_colleague(services.database, actor, ticket.id, since)
    if found is None:
        return ""
    name, at = found
    return f"{shortened(name, MAX_NAME)} answered {past(at, services.clock.now())}."
