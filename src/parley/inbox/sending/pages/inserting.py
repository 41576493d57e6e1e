"""The button "Quick actions" of the form to write in: a menu without script, and changes that need no message."""

from typing import Any

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from parley.accounts.access_levels.rules import check_at_least
from parley.conversations.files.forms import fill_form
from parley.conversations.files.rules.limits import MOST_FORM_BYTES
from parley.conversations.ticket_api.actions import apply_actions
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.ticket_api.ticket_actions import together
from parley.inbox.composer.changes import actions_of_form, actions_view, words_of
from parley.inbox.composer.form import (
    Composer,
    ComposerPart,
    ReplyForm,
    empty_composer,
    given_composer,
    with_text,
)
from parley.inbox.composer.insertions import Insertion, insertion_of
from parley.inbox.composer.menu import MOST_IN_SELECT, menu_of
from parley.inbox.composer.placeholders import values_of
from parley.inbox.conversation_view.conversation import ticket_view
from parley.inbox.inbox_page.window import whole_page
from parley.inbox.sending.writing import kind_of
from parley.inbox.ticket_rows.address import ListAddress
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import STREAMS_FORM, is_htmx, page_session
from parley.web.rendering import page


@post(
    "/inbox/{number:int}/quick-actions",
    guards=[page_session],
    include_in_schema=False,
    opt={STREAMS_FORM: True},
    request_max_body_size=MOST_FORM_BYTES,
)
async def insert(
    request: ParleyRequest, number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the form with the menu, or with what was chosen below what is in it already."""
    ticket = await ticket_by_key(services.database, actor, str(number))
    check_at_least(ticket.user_access_level, "editor")
    data = ReplyForm()
    await fill_form(request, services, actor, data)
    query = ListAddress.of(request.query_params).query
    empty = await empty_composer(services, actor, ticket, query, kind_of(data))
    given = await given_composer(services, actor, empty, data)
    composer = await _with_choice(services, actor, ticket, given, data)
    return await _shown(request, services, actor, composer)


async def _shown(
    request: ParleyRequest, services: Services, actor: Actor, composer: Composer
) -> Response[Any]:
    status = 422 if composer.problem else 200
    if is_htmx(request):
        headers = {} if composer.problem else {"HX-Trigger": "ticket-stale"}
        return page(
            request, "composer/_composer.html", ComposerPart(composer), status=status, headers=headers
        )
    # It may have changed since the form was filled.
    ticket = await ticket_by_key(services.database, actor, str(composer.number))
    opened = await ticket_view(services, actor, ticket, composer.query, composer=composer)
    return await whole_page(request, services, actor, opened, status=status)


async def _with_choice(
    services: Services, actor: Actor, ticket: TicketOut, given: Composer, form: ReplyForm
) -> Composer:
    if not form.insert:
        menu = await menu_of(services, actor, most_quick_actions=MOST_IN_SELECT, most_articles=MOST_IN_SELECT)
        # There is a button of its own for what can't be chosen with a text.
        menu = [group for group in menu if group.options[0].value != "suggestion"]
        return msgspec.structs.replace(given, menu=menu)
    try:
        insertion = await insertion_of(services, actor, values_of(ticket, actor.principal), form.insert)
        if insertion.only_changes:
            return await _changed(services, actor, ticket, given, insertion)
        return await _filled(services, actor, given, form, insertion)
    except (Invalid, NotFound) as error:
        return msgspec.structs.replace(given, problem=error.detail)


async def _changed(
    services: Services, actor: Actor, ticket: TicketOut, given: Composer, insertion: Insertion
) -> Composer:
    """Make the changes now: there is nothing to send with which they could wait."""
    async with services.database.transaction() as db:
        await apply_actions(db, services, actor, str(ticket.ticket_number), insertion.actions)
    words = await words_of(services, actor, insertion.actions)
    notice = f"“{insertion.name}” is done: {words}. {insertion.notice}".strip()
    return msgspec.structs.replace(given, notice=notice)


async def _filled(
    services: Services, actor: Actor, given: Composer, form: ReplyForm, insertion: Insertion
) -> Composer:
    actions = together(actions_of_form(form.actions), insertion.actions)
    return msgspec.structs.replace(
        with_text(given, insertion.said.content),
        actions=await actions_view(services, actor, actions),
        notice=insertion.notice or None,
    )


handlers = [insert]
