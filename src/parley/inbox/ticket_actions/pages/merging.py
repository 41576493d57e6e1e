"""Two conversations become one, or one becomes two; then the one that this is about is shown."""

from typing import Annotated, Any
from urllib.parse import parse_qsl

import msgspec
from litestar import Response, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from parley.conversations.merging.actions import merging, splitting, unmerging
from parley.conversations.merging.schemas import NewSplit
from parley.inbox.ticket_details.details import lead_to
from parley.inbox.ticket_rows.address import ListAddress
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.body import TRIM, read
from parley.kernel.http.request import ParleyRequest
from parley.web.guards import is_htmx, page_session
from parley.web.rendering import redirect


class MergeForm(msgspec.Struct, frozen=True):
    """The number of the ticket that another one is merged into; a `#` before it is no mistake."""

    into: Annotated[str, Meta(max_length=100, extra=TRIM)] = ""


@post("/inbox/{number:int}/merge", guards=[page_session], include_in_schema=False)
async def merge(
    request: ParleyRequest,
    number: FromPath[int],
    data: JSONBody[MergeForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Merge a ticket into another one and show that one, with a button to un-merge."""
    async with services.database.transaction() as db:
        into = data.into.removeprefix("#")
        await merging.merge_ticket(db, services, actor, str(number), into)
    return _show(request, number)


@post("/inbox/{number:int}/unmerge", guards=[page_session], include_in_schema=False)
async def unmerge(
    request: ParleyRequest, number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Un-merge a ticket and show it."""
    async with services.database.transaction() as db:
        separate = await unmerging.unmerge_ticket(db, services, actor, str(number))
    return _show(request, separate.ticket_number)


@post("/inbox/{number:int}/split", guards=[page_session], include_in_schema=False)
async def split(
    request: ParleyRequest, number: FromPath[int], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Split the selected messages off into a new ticket and show it."""
    wanted = _chosen(await request.body())
    async with services.database.transaction() as db:
        new = await splitting.split_ticket(db, services, actor, str(number), wanted)
    return _show(request, new.ticket_number)


def _chosen(form: bytes) -> NewSplit:
    """Read the form; the boxes that are ticked all have the same name."""
    try:
        pairs = parse_qsl(form.decode(), keep_blank_values=True, errors="strict", max_num_fields=2000)
    except ValueError as error:
        raise Invalid("This form can't be read.") from error
    ids = [value for name, value in pairs if name == "message_ids"]
    if not ids:
        raise Invalid("Tick the messages that are to become a conversation of their own.", attr="message_ids")
    subject = dict(pairs).get("subject", "").strip().replace("\x00", "")
    return read(NewSplit, {"message_ids": ids, "subject": subject or None})


def _show(request: ParleyRequest, number: int) -> Response[Any]:
    path = f"/inbox/{number}{ListAddress.of(request.query_params).query}"
    return lead_to(path) if is_htmx(request) else redirect(path)


handlers = [merge, unmerge, split]
