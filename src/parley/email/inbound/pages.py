"""The ledger of inbound mail in the settings, for who may see every ticket."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from parley.email.inbound.access import check_may_read, may_replay
from parley.email.inbound.actions.replaying import replay
from parley.email.inbound.filters import ledger_filters
from parley.email.inbound.queries.ledger import inbound_message_by_id, ledger_page, raw_key_of
from parley.email.inbound.rules.states import STATES
from parley.email.inbound.schemas import InboundMessageOut, LedgerPlace
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.request import ParleyRequest, uuid_in_path
from parley.kernel.services import Services
from parley.kernel.storage.errors import NoSuchObject
from parley.kernel.text.cursors import encoded_cursor
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = "/settings/inbound"
MAIL = f"{PATH}/{{inbound_id:str}}"
PAGE_SIZE = 50
SHOWN_BYTES = 100_000
"""Of a raw mail; the API has all of it."""
SHOWN_FILTERS = ("state", "from_address", "search")
NOTICES = {
    "replayed": "The mail is interpreted once more. Load the page again in a moment.",
    "gone": "The raw mail is deleted, so nothing can be replayed.",
}


class LedgerPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `inbound/ledger.html`; `chosen` are the filters by name, `older` is the link to the next page."""

    mails: Sequence[InboundMessageOut]
    states: Sequence[str]
    chosen: Mapping[str, str]
    older: str | None


class MailPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `inbound/mail.html`; `raw` is the beginning of the mail, None where it is deleted."""

    mail: InboundMessageOut
    raw: str | None
    is_cut: bool
    may_replay: bool
    raw_link: str
    notice: str | None = None


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_ledger(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the mails that came in, newest first."""
    check_may_read(actor)
    query = request.query_params
    async with services.database.transaction(write=False) as db:
        mails, last = await ledger_page(db, actor.project_id, ledger_filters(query), PAGE_SIZE)
    chosen = {name: query.get(name, "") for name in SHOWN_FILTERS}
    given = {name: text for name, text in chosen.items() if text}
    older = None
    if last is not None:
        older = f"{PATH}?{urlencode({**given, 'after_mark': encoded_cursor(LedgerPlace(last))})}"
    shown = LedgerPage(mails=mails, states=STATES, chosen=chosen, older=older)
    return page(request, "inbound/ledger.html", shown)


@get(MAIL, guards=[page_session], include_in_schema=False)
async def show_mail(
    inbound_id: FromPath[str], request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show one mail: what became of it, and the mail as it came."""
    check_may_read(actor)
    id = uuid_in_path(inbound_id)
    async with services.database.transaction(write=False) as db:
        mail = await inbound_message_by_id(db, actor.project_id, id)
    shown = MailPage(
        mail=mail,
        raw=await _raw(services, actor.project_id, mail),
        is_cut=mail.size_bytes > SHOWN_BYTES,
        may_replay=may_replay(actor),
        raw_link=f"/api/projects/{actor.project_id}/conversations/inbound_messages/{id}/raw/",
        notice=NOTICES.get(request.query_params.get("notice", "")),
    )
    return page(request, "inbound/mail.html", shown)


async def _raw(services: Services, project_id: int, mail: InboundMessageOut) -> str | None:
    try:
        async with services.database.transaction(write=False) as db:
            key = await raw_key_of(db, project_id, mail.id)
        return (await services.storage.read(key, SHOWN_BYTES)).decode("utf-8", "replace").replace("\x00", "")
    except (NotFound, NoSuchObject):
        return None


@post(f"{MAIL}/replay", guards=[page_session], include_in_schema=False)
async def replay_mail(
    inbound_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Interpret a mail once more."""
    id, notice = uuid_in_path(inbound_id), "replayed"
    try:
        async with services.database.transaction() as db:
            await replay(db, actor, id)
    except Invalid:
        notice = "gone"
    return redirect(f"{PATH}/{id}?notice={notice}")


handlers: list[Any] = [show_ledger, show_mail, replay_mail]
