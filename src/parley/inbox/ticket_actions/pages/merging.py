"""One conversation becomes two, because it was merged or because of its messages; then the other one is shown."""

from typing import Any
from urllib.parse import parse_qsl

from litestar import Response, post
from litestar.params import FromPath

from parley.conversations.merging.actions import splitting, unmerging
from parley.conversations.merging.schemas import NewSplit
from parley.inbox.ticket_details.details import lead_to
from parley.inbox.ticket_rows.address import ListAddress
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.body import read
from parley.kernel.http.request import ParleyRequest
from parley.web.guards import is_htmx, page_session
from parley.web.rendering import redirect


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


handlers = [unmerge, split]
