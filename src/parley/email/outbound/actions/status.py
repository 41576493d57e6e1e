"""What messages say of their mails."""

from collections.abc import Iterable
from uuid import UUID

from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import message_edited
from parley.conversations.ticket_changes.rules.log import TicketRef
from parley.conversations.tickets.actions.messages import set_context
from parley.conversations.tickets.queries.messages import locked_context
from parley.conversations.tickets.rules.comments import DELIVERY_DETAIL_KEY, DELIVERY_KEY
from parley.email.outbound.queries.deliveries import states_of
from parley.email.outbound.rules.states import DeliveryStatus, delivery_status
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services


async def show_status(db: Db, services: Services, project_id: int, comment_ids: Iterable[UUID]) -> None:
    """Have messages say what has become of the mails that they are in. Safe to repeat."""
    ids = sorted(set(comment_ids))
    states = await states_of(db, project_id, ids)
    for id in ids:
        await note_delivery_status(db, services, project_id, id, delivery_status(states.get(id, [])))


async def note_delivery_status(
    db: Db,
    services: Services,
    project_id: int,
    comment_id: UUID,
    status: DeliveryStatus | None,
    detail: str | None = None,
) -> None:
    """Note in the context of a message what becomes of its mail; None takes the note away. Safe to repeat.

    `detail` says in sentences why there is no mail at all.
    """
    found = await locked_context(db, project_id, comment_id)
    noted = {DELIVERY_KEY: status, DELIVERY_DETAIL_KEY: detail}
    if found is None or all(found[0].get(key) == value for key, value in noted.items()):
        return
    before, ticket_id, number = found
    after = {key: value for key, value in before.items() if key not in noted}
    after |= {key: value for key, value in noted.items() if value is not None}
    await set_context(db, project_id, comment_id, after)
    await announce(db, services, message_edited(TicketRef(project_id, ticket_id, number), comment_id))
