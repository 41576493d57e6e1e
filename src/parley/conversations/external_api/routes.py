"""The endpoints of the external API (docs/external.md). Errors are `{"error": ...}`."""

from typing import Any

from litestar import Request, Response, get, patch
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from parley.conversations.external_api.access import project_of
from parley.conversations.external_api.actions import change_from_outside
from parley.conversations.external_api.queries import external_ticket
from parley.conversations.external_api.schemas import (
    Done,
    ExternalPatch,
    ExternalTicket,
    Problem,
)
from parley.conversations.tickets.rules.ids import uuid_of
from parley.kernel.errors import AppError, Invalid
from parley.kernel.http.authorization import public
from parley.kernel.http.body import read
from parley.kernel.http.error_responses import answer_anything, answer_app_error, answer_http_exception
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import documented
from parley.kernel.services import Services

PATH = "/api/conversations/external/ticket/{ticket_id:str}"
MAX_BODY_BYTES = 256 * 1024
FLOW_HEADER = "x-posthog-hog-flow-id"


def _in_words(request: Request[Any, Any, Any], error: AppError) -> Response[Any]:
    return _plain(answer_app_error(request, error), error.attr if isinstance(error, Invalid) else None)


def _refused_by_framework(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    return _plain(answer_http_exception(request, error))


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    return _plain(answer_anything(request, error))


def _plain(answer: Response[Any], attr: str | None = None) -> Response[Any]:
    detail = answer.content["detail"]
    answer.content = {"error": f"{attr}: {detail}" if attr else detail}
    return answer


COMMON: dict[str, Any] = {
    "exception_handlers": {
        AppError: _in_words,
        HTTPException: _refused_by_framework,
        Exception: _unexpected,
    },
}
DOCUMENTED = {
    "problem": Problem,
    "credentials": "projectSecret",
    "errors": {401: "The token is missing or not valid.", 429: "Too many requests."},
}


@get(PATH, guards=[public], opt=documented(**DOCUMENTED), **COMMON)
async def show_external_ticket(ticket_id: FromPath[str], request: ParleyRequest) -> ExternalTicket:
    """Show a ticket of the project that the secret token belongs to; nothing is marked as read."""
    project = await project_of(request)
    services: Services = request.app.state.services
    async with services.database.transaction(write=False) as db:
        return await external_ticket(db, project.id, uuid_of(ticket_id))


@patch(
    PATH,
    guards=[public],
    request_max_body_size=MAX_BODY_BYTES,
    opt=documented(body=ExternalPatch, **DOCUMENTED),
    **COMMON,
)
async def change_external_ticket(ticket_id: FromPath[str], request: ParleyRequest) -> Done:
    """Change a ticket without causing events; nothing is stored unless everything is valid."""
    project = await project_of(request)
    services: Services = request.app.state.services
    wanted = read(ExternalPatch, await request.fields())
    flow = uuid_of(request.headers.get(FLOW_HEADER))
    async with services.database.transaction() as db:
        await change_from_outside(db, services, project, uuid_of(ticket_id), wanted, flow)
    return Done()


handlers: list[Any] = [show_external_ticket, change_external_ticket]
