"""Sending a reply, or keeping a private note."""

from typing import Any

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from parley.accounts.access_levels.rules import check_at_least
from parley.conversations.files.forms import fill_form
from parley.conversations.files.rules.limits import MOST_FORM_BYTES
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketOut
from parley.inbox.composer.form import (
    Composer,
    ComposerPart,
    ReplyForm,
    empty_composer,
    given_composer,
    held_view,
)
from parley.inbox.conversation_view.conversation import ticket_view
from parley.inbox.inbox_page.window import whole_page
from parley.inbox.sending.errors import AnsweredMeanwhile, Unfilled
from parley.inbox.sending.writing import Stored, change, kind_of, store
from parley.inbox.ticket_rows.address import ListAddress
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import AppError, IdempotencyKeyInUse, Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import STREAMS_FORM, is_htmx, page_session
from parley.web.rendering import page, redirect

IN_PROGRESS = (
    "This is being sent already. Open the conversation again in a moment, and you will see it there."
)
SENT_ALREADY = "This was sent already, and is not sent again. You find it in the conversation."


@post(
    "/inbox/{number:int}/messages",
    guards=[page_session],
    include_in_schema=False,
    opt={STREAMS_FORM: True},
    request_max_body_size=MOST_FORM_BYTES,
)
async def post_message(
    request: ParleyRequest, number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Send a reply or store a note; an empty or too long one is shown again with the error and its files."""
    ticket = await ticket_by_key(services.database, actor, str(number))
    check_at_least(ticket.user_access_level, "editor")
    data = ReplyForm()
    await fill_form(request, services, actor, data)
    query = ListAddress.of(request.query_params).query
    empty = await empty_composer(services, actor, ticket, query, kind_of(data))
    try:
        if data.edits:
            stored = await change(services, actor, number, data)
        else:
            stored = await store(request, services, actor, ticket, data)
    except (Invalid, IdempotencyKeyInUse) as error:
        shown = _with_problem(await given_composer(services, actor, empty, data), error, empty)
        return await _refused(request, services, actor, ticket, shown)
    if is_htmx(request):
        return _next_form(request, services, empty, stored, "thread-stale" if data.edits else "thread-grew")
    return redirect(f"/inbox/{number}{query}")


def _next_form(
    request: ParleyRequest, services: Services, empty: Composer, stored: Stored, told: str
) -> Response[Any]:
    if stored.held is not None:
        empty = msgspec.structs.replace(empty, held=held_view(services, stored.held))
    composer = empty if stored.is_new else msgspec.structs.replace(empty, problem=SENT_ALREADY)
    return page(request, "composer/_composer.html", ComposerPart(composer), headers={"HX-Trigger": told})


def _with_problem(given: Composer, error: AppError, empty: Composer) -> Composer:
    left = error.placeholders if isinstance(error, Unfilled) else ()
    said = IN_PROGRESS if isinstance(error, IdempotencyKeyInUse) else error.detail
    # Whoever sends it once more has read that somebody else answered.
    read_until = empty.read_until if isinstance(error, AnsweredMeanwhile) else given.read_until
    return msgspec.structs.replace(given, problem=said, unfilled=left, read_until=read_until)


async def _refused(
    request: ParleyRequest, services: Services, actor: Actor, ticket: TicketOut, composer: Composer
) -> Response[Any]:
    if is_htmx(request):
        return page(request, "composer/_composer.html", ComposerPart(composer), status=422)
    opened = await ticket_view(services, actor, ticket, composer.query, composer=composer)
    return await whole_page(request, services, actor, opened, status=422)


handlers = [post_message]
