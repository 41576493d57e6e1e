"""Editing and deleting one's own notes."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from parley.conversations.files.attachments import page_links
from parley.conversations.messages.actions.messages import remove_note
from parley.conversations.messages.queries.messages import message_by_id, of_ticket
from parley.conversations.messages.rich_text import readable
from parley.conversations.messages.schemas import MessageOut
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.inbox.composer.form import Composer, ComposerPart, empty_composer
from parley.inbox.conversation_view.conversation import ticket_view
from parley.inbox.conversation_view.messages import message_view
from parley.inbox.inbox_page.window import whole_page
from parley.inbox.ticket_rows.address import ListAddress
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import NotFound
from parley.kernel.http.request import ParleyRequest, uuid_in_path
from parley.kernel.text.json_text import read_json
from parley.web.guards import is_htmx, page_session
from parley.web.rendering import page, redirect

NOTE = "/inbox/{number:int}/notes/{message_id:str}"


@get(NOTE, guards=[page_session], include_in_schema=False)
async def edit_note(
    request: ParleyRequest,
    number: FromPath[int],
    message_id: FromPath[str],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Show the form to write in with one's own note in it; 404 for what is none."""
    ticket = await ticket_by_key(services.database, actor, str(number))
    of = of_ticket(ticket, actor.project, page_links(services))
    note = await message_by_id(services.database, of, uuid_in_path(message_id))
    if not message_view(note, reader=actor.principal.email).is_own_note:
        raise NotFound
    query = ListAddress.of(request.query_params).query
    composer = _filled(await empty_composer(services, actor, ticket, query, "note"), note)
    if is_htmx(request):
        return page(request, "composer/_composer.html", ComposerPart(composer))
    opened = await ticket_view(services, actor, ticket, query, composer=composer)
    return await whole_page(request, services, actor, opened)


def _filled(empty: Composer, note: MessageOut) -> Composer:
    rich = read_json(note.rich_content) if isinstance(note.rich_content, msgspec.Raw) else note.rich_content
    return msgspec.structs.replace(
        empty, content=note.content, rich_content=readable(rich), edits=str(note.id)
    )


@post(NOTE + "/delete", guards=[page_session], include_in_schema=False)
async def delete_note(
    request: ParleyRequest,
    number: FromPath[int],
    message_id: FromPath[str],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Delete one's own note for good."""
    async with services.database.transaction() as db:
        await remove_note(db, services, actor, str(number), message_id)
    if is_htmx(request):
        return Response(None, status_code=204, headers={"HX-Trigger": "thread-stale"})
    return redirect(f"/inbox/{number}{ListAddress.of(request.query_params).query}")


handlers = [edit_note, delete_note]
