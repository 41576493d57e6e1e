"""The API of suggested replies (docs/suggested-replies.md)."""

from typing import Any

from litestar import post
from litestar.params import FromPath

from parley.conversations.tickets import TICKET
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.openapi.documented import DocumentedAnswer, ErrorBody, documented
from parley.knowledge.suggested_replies.actions.suggesting import suggested_reply
from parley.knowledge.suggested_replies.schemas import SuggestionOut, SuggestionProblem

ANSWERS = documented(
    answers={
        400: DocumentedAnswer("There is no message on the ticket yet.", (SuggestionProblem,)),
        403: DocumentedAnswer(
            "The caller may not do this, or the organization has not approved that a model reads its conversations.",
            (ErrorBody, SuggestionProblem),
        ),
        500: DocumentedAnswer("The model has failed.", (SuggestionProblem,)),
    }
)


@post(TICKET + "/suggest_reply", guards=[needs("ticket:write")], status_code=200, opt=ANSWERS)
async def suggest_reply(
    key: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> SuggestionOut:
    """Draft a reply to a ticket, from a model or from what the team has answered before; nothing is sent or stored."""
    return await suggested_reply(services, actor, key)


handlers: list[Any] = [suggest_reply]
