"""Two tickets become one, one becomes two."""

from typing import Any

from litestar import post
from litestar.params import FromPath, JSONBody

from parley.conversations.merging.actions import merging, splitting, unmerging
from parley.conversations.merging.schemas import MergeInto, NewSplit
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.tickets import TICKET
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs


@post(TICKET + "/merge", guards=[needs("ticket:write")], status_code=200)
async def merge_ticket(
    key: FromPath[str],
    data: JSONBody[MergeInto],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> TicketOut:
    """Merge a ticket into another one, which is the answer; what is there already stays as it is."""
    return await merging.merge_ticket(db, services, actor, key, data.into)


@post(TICKET + "/unmerge", guards=[needs("ticket:write")], status_code=200)
async def unmerge_ticket(
    key: FromPath[str], db: DbDependency, actor: ActorDependency, services: ServicesDependency
) -> TicketOut:
    """Take a merged ticket out again, or out of a target what was merged into it last; answers with that one."""
    return await unmerging.unmerge_ticket(db, services, actor, key)


@post(TICKET + "/split", guards=[needs("ticket:write")])
async def split_ticket(
    key: FromPath[str],
    data: JSONBody[NewSplit],
    db: DbDependency,
    actor: ActorDependency,
    services: ServicesDependency,
) -> TicketOut:
    """Move up to 500 messages of a ticket to a new one of the same customer, which is the answer."""
    return await splitting.split_ticket(db, services, actor, key, data)


handlers: list[Any] = [merge_ticket, unmerge_ticket, split_ticket]
