"""The button of the form to write in that has a reply suggested."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from parley.accounts.access_levels.rules import check_at_least
from parley.conversations.files.forms import fill_form
from parley.conversations.files.rules.limits import MOST_FORM_BYTES
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.inbox.composer.form import (
    Composer,
    ReplyForm,
    empty_composer,
    given_composer,
    with_text,
)
from parley.inbox.composer.placeholders import filled, values_of
from parley.inbox.composer.suggestions import NOTHING, suggested
from parley.inbox.conversation_view.conversation import ticket_view
from parley.inbox.inbox_page.window import whole_page
from parley.inbox.ticket_rows.address import ListAddress
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import PermissionDenied, PlainError, Throttled
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.knowledge.suggested_replies.actions.suggesting import suggested_reply
from parley.web.guards import STREAMS_FORM, page_session

JSON = "application/json"


@post(
    "/inbox/{number:int}/suggestion",
    guards=[page_session],
    include_in_schema=False,
    opt={STREAMS_FORM: True},
    request_max_body_size=MOST_FORM_BYTES,
)
async def suggest(
    request: ParleyRequest, number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Return a suggested reply to the script, or fill the form with it, below what is in it already.

    Both say where it comes from.
    """
    ticket = await ticket_by_key(services.database, actor, str(number))
    check_at_least(ticket.user_access_level, "editor")
    data = ReplyForm()
    await fill_form(request, services, actor, data)
    if request.headers.get("accept") == JSON:
        found = await suggested_reply(services, actor, str(number))
        values = values_of(ticket, actor.principal)
        return Response(await suggested(services, actor, found, values), media_type=JSON)
    query = ListAddress.of(request.query_params).query
    empty = await empty_composer(services, actor, ticket, query)
    given = await given_composer(services, actor, empty, data)
    composer = await _filled(services, actor, given, values_of(ticket, actor.principal))
    status = 422 if composer.problem else 200
    opened = await ticket_view(services, actor, ticket, query, composer=composer)
    return await whole_page(request, services, actor, opened, status=status)


async def _filled(
    services: Services, actor: Actor, composer: Composer, values: Mapping[str, str]
) -> Composer:
    try:
        found = await suggested_reply(services, actor, str(composer.number))
    except PlainError as error:
        detail = error.body["detail"] if isinstance(error.body, dict) else error.body
        return msgspec.structs.replace(composer, problem=str(detail))
    except (PermissionDenied, Throttled) as error:
        return msgspec.structs.replace(composer, problem=error.detail)
    if not found.suggestion:
        return msgspec.structs.replace(composer, notice=NOTHING)
    # It may be the text of a quick action.
    composer = with_text(composer, filled(found.suggestion, values))
    return msgspec.structs.replace(composer, sources=found.sources)


handlers = [suggest]
