"""The whole text of a mail, where the thread shows only what is new in it."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from parley.conversations.files.attachments import page_links
from parley.conversations.messages.queries.messages import full_email_of, message_by_id, of_ticket
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.inbox.conversation_view.texts import TextPart, shown_text
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import NotFound
from parley.kernel.http.request import ParleyRequest, uuid_in_path
from parley.web.guards import page_session
from parley.web.rendering import page


class WholeMail(msgspec.Struct, frozen=True):
    """Context of `conversation_view/_whole_mail.html`."""

    text: Sequence[TextPart]


@get("/inbox/{number:int}/messages/{message_id:str}/mail", guards=[page_session], include_in_schema=False)
async def show_whole_mail(
    request: ParleyRequest,
    number: FromPath[int],
    message_id: FromPath[str],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Show what a mail says besides, such as a signature and what it quotes, in the place of the link to it."""
    ticket = await ticket_by_key(services.database, actor, str(number))
    of = of_ticket(ticket, actor.project, page_links(services))
    text = await full_email_of(services.database, of, uuid_in_path(message_id))
    if text is None:
        raise NotFound
    message = await message_by_id(services.database, of, uuid_in_path(message_id))
    context = WholeMail(shown_text(text, message.attachments).parts)
    return page(request, "conversation_view/_whole_mail.html", context)


handlers = [show_whole_mail]
