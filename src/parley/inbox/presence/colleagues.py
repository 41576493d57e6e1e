"""Who else is at a conversation, in a sentence."""

from collections.abc import Sequence

import msgspec

from parley.conversations.ticket_api.schemas import TicketOut
from parley.inbox.presence.queries import colleague_names
from parley.inbox.ticket_rows.names import shortened
from parley.kernel.http.authorization import Actor
from parley.kernel.redis.presence import Doing
from parley.kernel.services import Services

MOST_NAMED = 2
MAX_NAME = 40
PRESENCE = "presence"
"""What open pages of a project hear, with the number of the ticket, when somebody comes, goes or begins to write."""


class Colleagues(msgspec.Struct, frozen=True):
    """Context of `presence/_presence.html`: whose pictures are shown, and what they do; empty where nobody is there."""

    names: Sequence[str]
    writing: str
    looking: str


async def tell(services: Services, actor: Actor, ticket: TicketOut, doing: Doing) -> None:
    """Say to all open pages what the caller does at a ticket, if they don't know it yet."""
    if await services.presence.tell(_place(actor, ticket), actor.user_id, doing):
        about = {"ticket_id": str(ticket.id), "number": ticket.ticket_number, "user_id": actor.user_id}
        await services.live.publish(topic_of(actor.project_id), PRESENCE, **about)


def topic_of(project_id: int) -> str:
    """Return whom pages listen to: streams of the API, which hear of all changes of the project, needn't wake for this."""
    return f"{PRESENCE}:{project_id}"


async def colleagues_at(services: Services, actor: Actor, ticket: TicketOut) -> Colleagues:
    """Return who else is at a ticket."""
    there = {
        id: doing for id, doing in services.presence.at(_place(actor, ticket)).items() if id != actor.user_id
    }
    found = await colleague_names(services.database, actor.project.organization_id, there)
    names = {id: shortened(name, MAX_NAME) for id, name in found.items()}
    writing = sorted(name for id, name in names.items() if there[id] == "writing")
    looking = sorted(name for id, name in names.items() if there[id] == "looking")
    return Colleagues([*writing, *looking], _said(writing, "writing"), _said(looking, "looking at this too"))


def _place(actor: Actor, ticket: TicketOut) -> str:
    return f"{actor.project_id}:{ticket.id}"


def _said(names: Sequence[str], doing: str) -> str:
    """Say what people do: `Sam is writing`, `Lea, Sam and 3 others are writing`."""
    if len(names) < 2:
        return "".join(f"{name} is {doing}" for name in names)
    named, n_more = names[:MOST_NAMED], len(names) - MOST_NAMED
    if n_more > 0:
        return f"{', '.join(named)} and {n_more} other{'s' if n_more > 1 else ''} are {doing}"
    return f"{' and '.join(named)} are {doing}"
