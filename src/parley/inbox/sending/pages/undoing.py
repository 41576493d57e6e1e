"""Taking a reply back before it is sent."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, post
from litestar.params import FromPath

from parley.accounts.access_levels.rules import check_at_least
from parley.conversations.files.forms import fill_form
from parley.conversations.files.queries import upload_of
from parley.conversations.files.rules.limits import MOST_FORM_BYTES
from parley.conversations.files.schemas import File, PickedFiles
from parley.conversations.held_replies.actions import take_back
from parley.conversations.held_replies.schemas import HeldReply
from parley.conversations.messages.rich_text import readable
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.conversations.ticket_api.ticket_actions import (
    NOTHING,
    TicketActions,
    stored_actions,
    together,
)
from parley.inbox.composer.changes import actions_of_form, actions_view
from parley.inbox.composer.form import Composer, ComposerPart, ReplyForm, empty_composer, given_composer
from parley.inbox.ticket_rows.address import ListAddress
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest, uuid_in_path
from parley.kernel.ids import uuid_or_none
from parley.kernel.services import Services
from parley.web.guards import STREAMS_FORM, page_session
from parley.web.rendering import page


@post(
    "/inbox/{number:int}/held/{held_id:str}/undo",
    guards=[page_session],
    include_in_schema=False,
    opt={STREAMS_FORM: True},
    request_max_body_size=MOST_FORM_BYTES,
)
async def undo_send(
    request: ParleyRequest,
    number: FromPath[int],
    held_id: FromPath[str],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Put a reply that is not sent yet back into the form, before what is in it by now; else say that it was sent."""
    ticket = await ticket_by_key(services.database, actor, str(number))
    check_at_least(ticket.user_access_level, "editor")
    data = ReplyForm()
    await fill_form(request, services, actor, data)
    empty = await empty_composer(services, actor, ticket, ListAddress.of(request.query_params).query)
    composer = await _with_reply(services, actor, empty, data, uuid_in_path(held_id))
    status = 422 if composer.problem else 200
    return page(request, "composer/_composer.html", ComposerPart(composer), status=status)


async def _with_reply(
    services: Services, actor: Actor, empty: Composer, form: ReplyForm, held_id: Any
) -> Composer:
    typed = form.content.strip()
    try:
        async with services.database.transaction() as db:
            held = await take_back(db, services, actor, held_id)
            files = [*await _files_of(db, actor, held), *form.files]
    except NotFound as error:
        given = await given_composer(services, actor, empty, form)
        rich = form.rich_content if typed else ""
        return msgspec.structs.replace(given, rich_content=rich, problem=error.detail)
    actions = together(stored_actions(held.actions), _actions_of(form))
    return msgspec.structs.replace(
        empty,
        content="\n\n".join(text for text in (held.content, typed) if text),
        rich_content="" if typed else readable(held.rich_content),
        files=PickedFiles(stored=files),
        draft_at=services.clock.now(),
        actions=await actions_view(services, actor, actions),
    )


def _actions_of(form: ReplyForm) -> TicketActions:
    try:
        return actions_of_form(form.actions)
    except Invalid:
        return NOTHING  # nobody loses a reply for it


async def _files_of(db: Db, actor: Actor, held: HeldReply) -> Sequence[File]:
    ids = [id for one in held.file_ids if (id := uuid_or_none(one)) is not None]
    return [await upload_of(db, actor, id) for id in ids]


handlers = [undo_send]
