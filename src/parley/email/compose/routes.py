"""The team begins a conversation by mail (docs/tickets.md#writing-first)."""

from typing import Any

from litestar import Response, post
from litestar.params import JSONBody

from parley.conversations.messages.actions.limits import count_write, one_at_a_time
from parley.conversations.messages.schemas import TicketProblem
from parley.conversations.tickets import TICKETS
from parley.email.compose.actions import compose_ticket
from parley.email.compose.schemas import ComposedMessage, ComposedTicket
from parley.kernel.dependencies import ActorDependency, ServicesDependency, own_transaction
from parley.kernel.http.authorization import needs
from parley.kernel.http.json_response import JsonResponse
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency import HEADER, KEEPS, keep
from parley.kernel.openapi.documented import DocumentedAnswer, ErrorBody, documented

BOTH = (ErrorBody, TicketProblem)
IN_PROGRESS = {
    "detail": "The same conversation is being started right now. Please wait a moment.",
    "error_type": "compose_in_progress",
}
COMPOSES = documented(
    answers={
        200: DocumentedAnswer(
            "It repeats a request of the last two minutes; this is its ticket.", (ComposedTicket,)
        ),
        400: DocumentedAnswer("The body is not valid, or the project sends no such mail.", BOTH),
        409: DocumentedAnswer("The same request, or one with the same `Idempotency-Key`, is running.", BOTH),
    }
)


@post(f"{TICKETS}/compose", guards=[needs("ticket:write")], opt={**COMPOSES, **KEEPS})
async def compose(
    data: JSONBody[ComposedMessage],
    request: ParleyRequest,
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[ComposedTicket]:
    """Begin a conversation by mail, from one of the project's verified channels."""
    await count_write(services, actor, "compose")
    key = request.headers.get(HEADER)
    async with (
        one_at_a_time(services, actor, ("compose", key, data), IN_PROGRESS),
        own_transaction(request, services) as db,
    ):
        composed, is_new = await compose_ticket(db, services, actor, data, key)
        status = 201 if is_new else 200
        await keep(request, status, composed)
    return JsonResponse(composed, status_code=status)


handlers: list[Any] = [compose]
