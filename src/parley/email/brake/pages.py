"""Mail to customers in the settings, for admins."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody

from parley.email.brake.queries import n_held
from parley.email.channels.queries import channels_of
from parley.email.outbound.actions.held import cancel_held, resume_held
from parley.email.outbound.queries.deliveries import emails_page
from parley.email.outbound.schemas import OutboundEmailOut
from parley.email.reply_routes.actions import forget_bounces
from parley.email.reply_routes.queries import closed_addresses_page
from parley.email.reply_routes.schemas import ClosedAddressOut
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import PermissionDenied
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import uuid_or_none
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = "/settings/outgoing"
ADMINS_ONLY = "Only admins see the mail to customers."
MOST_SHOWN = 50
NOTICES = {
    "resumed": "It goes out now.",
    "cancelled": "It won't go out.",
    "gone": "There was nothing to do: somebody was faster.",
    "reopened": "Mail goes to this address again.",
}


class HeldForm(msgspec.Struct, frozen=True):
    """Which held mail is meant; all of them where no id is given."""

    id: str = ""


class AddressForm(msgspec.Struct, frozen=True):
    """Which address is tried again."""

    address: str = ""


class OutgoingPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `brake/outgoing.html`: mails that are held, how many, others that had no luck, and closed addresses.

    `kept` are mails of test addresses.
    """

    held: Sequence[OutboundEmailOut]
    n_held: int
    retried: Sequence[OutboundEmailOut]
    failed: Sequence[OutboundEmailOut]
    closed: Sequence[ClosedAddressOut]
    kept: Sequence[OutboundEmailOut]
    most_shown: int = MOST_SHOWN
    notice: str | None = None


def _check_admin(actor: Actor) -> None:
    if not actor.is_admin:
        raise PermissionDenied(ADMINS_ONLY)


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_outgoing(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show what the brake holds, is tried again, has failed or is only kept, and addresses to which nothing is sent."""
    _check_admin(actor)
    first = PageRequest(limit=MOST_SHOWN)
    async with services.database.transaction(write=False) as db:
        count, held = await emails_page(db, actor.project_id, "held", first)
        _, retried = await emails_page(db, actor.project_id, "waiting", first, is_tried=True)
        _, failed = await emails_page(db, actor.project_id, "failed", first)
        _, closed = await closed_addresses_page(db, actor.project_id, first)
        kept = await _kept(db, actor.project_id, first)
    notice = NOTICES.get(request.query_params.get("notice", ""))
    shown = OutgoingPage(
        held=held, n_held=count, retried=retried, failed=failed, closed=closed, kept=kept, notice=notice
    )
    return page(request, "brake/outgoing.html", shown)


async def _kept(db: Db, project_id: int, asked: PageRequest) -> Sequence[OutboundEmailOut]:
    tests = [one.id for one in await channels_of(db, project_id) if one.is_test]
    return (await emails_page(db, project_id, "sent", asked, channel_ids=tests))[1] if tests else ()


class HeldMark(msgspec.Struct, frozen=True):
    """Context of `brake/_held_mark.html`."""

    n_held: int


@get(f"{PATH}/held", guards=[page_session], include_in_schema=False)
async def show_held_mark(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show how many mails are held, for the tab of the settings; nothing where none is."""
    _check_admin(actor)
    async with services.database.transaction(write=False) as db:
        mark = HeldMark(await n_held(db, actor.project_id))
    return page(request, "brake/_held_mark.html", mark)


@post(f"{PATH}/resume", guards=[page_session], include_in_schema=False)
async def resume_outgoing(
    data: JSONBody[HeldForm], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Let one held mail out, or all of them."""
    _check_admin(actor)
    async with services.database.transaction() as db:
        count = await resume_held(db, services, actor, _ids(data))
    return redirect(f"{PATH}?notice={'resumed' if count else 'gone'}")


@post(f"{PATH}/cancel", guards=[page_session], include_in_schema=False)
async def cancel_outgoing(
    data: JSONBody[HeldForm], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Give up one held mail, or all of them."""
    _check_admin(actor)
    async with services.database.transaction() as db:
        count = await cancel_held(db, services, actor, _ids(data))
    return redirect(f"{PATH}?notice={'cancelled' if count else 'gone'}")


def _ids(form: HeldForm) -> list[Any] | None:
    """Return the one that is named; none at all for a name that no mail can have."""
    if not form.id:
        return None
    id = uuid_or_none(form.id)
    return [id] if id is not None else []


@post(f"{PATH}/reopen", guards=[page_session], include_in_schema=False)
async def reopen_outgoing(
    data: JSONBody[AddressForm], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Send to an address again that was closed after bounces."""
    _check_admin(actor)
    async with services.database.transaction() as db:
        await forget_bounces(db, actor.project_id, data.address)
    return redirect(f"{PATH}?notice=reopened")


handlers: list[Any] = [show_outgoing, show_held_mark, resume_outgoing, cancel_outgoing, reopen_outgoing]
