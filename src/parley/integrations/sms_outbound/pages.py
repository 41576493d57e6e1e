"""Text messages in the settings, for admins: numbers, what is held, and who has opted out."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody

from parley.integrations.connections.queries.connected import connected_of_kind
from parley.integrations.connections.schemas import Connected
from parley.integrations.sms.actions.channels import (
    disconnect_number,
    prepared_channel,
    shown_channel,
    store_channel,
)
from parley.integrations.sms.queries.channels import opt_outs_page, sms_channels_of
from parley.integrations.sms.schemas import NewSmsChannel, OptOutOut, SmsChannelOut
from parley.integrations.sms_outbound.actions.held import cancel_held_texts, resume_held_texts
from parley.integrations.sms_outbound.queries.messages import messages_page
from parley.integrations.sms_outbound.schemas import SmsMessageOut
from parley.integrations.twilio import KIND_NAME
from parley.integrations.twilio.numbers import listed_numbers
from parley.integrations.twilio.schemas import TwilioNumber
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.errors import AppError, PermissionDenied
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = "/settings/sms"
MOST_SHOWN = 50
NOTICES = {
    "connected": "The number takes text messages now.",
    "copy": "The number is connected. Twilio still has to be told where its messages go: see below.",
    "disconnected": "The number is disconnected.",
    "resumed": "They go out now.",
    "cancelled": "They won't go out.",
}


class NumberForm(msgspec.Struct, frozen=True, kw_only=True):
    """Which number of which account is connected."""

    integration_id: str = ""
    phone_number: str = ""


class AccountView(msgspec.Struct, frozen=True):
    """An account with its numbers that are no channels; `problem` says why they are not known."""

    id: int
    sid: str
    numbers: Sequence[TwilioNumber]
    problem: str | None = None


class SmsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `sms_outbound/sms.html`."""

    channels: Sequence[SmsChannelOut]
    accounts: Sequence[AccountView]
    held: Sequence[SmsMessageOut]
    n_held: int
    opt_outs: Sequence[OptOutOut]
    n_opt_outs: int
    notice: str | None = None
    problem: str | None = None


def _check_admin(actor: Actor) -> None:
    if not actor.is_admin:
        raise PermissionDenied("Only admins see the settings of text messages.")


async def _sms_page(
    request: ParleyRequest, services: Services, actor: Actor, problem: str | None = None
) -> SmsPage:
    first = PageRequest(limit=MOST_SHOWN)
    async with services.database.transaction(write=False) as db:
        channels = await sms_channels_of(db, actor.project_id)
        accounts = await connected_of_kind(db, services.vault, actor.project_id, KIND_NAME)
        n_held, held = await messages_page(db, actor.project_id, "held", first)
        n_out, out = await opt_outs_page(db, actor.project_id, first)
    taken = {one.number for one in channels}
    return SmsPage(
        channels=[shown_channel(one, services.settings.site_url) for one in channels],
        accounts=[await _account_view(services, one, taken) for one in accounts],
        held=held,
        n_held=n_held,
        opt_outs=out,
        n_opt_outs=n_out,
        notice=None if problem else NOTICES.get(request.query_params.get("notice", "")),
        problem=problem,
    )


async def _account_view(services: Services, account: Connected, taken: set[str]) -> AccountView:
    try:
        listed = await listed_numbers(services, account, anew=False)
    except AppError as error:
        return AccountView(account.id, account.integration_id, (), error.detail)
    free = [one for one in listed.numbers if one.can_text and one.phone_number not in taken]
    return AccountView(account.id, account.integration_id, free)


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_sms_settings(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the numbers that take text messages, those that can be connected, what is held, and who has opted out."""
    _check_admin(actor)
    return page(request, "sms_outbound/sms.html", await _sms_page(request, services, actor))


@post(f"{PATH}/connect", guards=[page_session], include_in_schema=False)
async def connect_sms_number(
    request: ParleyRequest,
    data: JSONBody[NumberForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Let a number of an account take text messages."""
    _check_admin(actor)
    id = int(data.integration_id) if data.integration_id.isascii() and data.integration_id.isdigit() else 0
    try:
        new = NewSmsChannel(integration_id=id, phone_number=data.phone_number)
        channel = await prepared_channel(services, actor, new)
        async with services.database.transaction() as db:
            await store_channel(db, services, actor, channel)
    except AppError as error:
        shown = await _sms_page(request, services, actor, error.detail)
        return page(request, "sms_outbound/sms.html", shown, status=error.status)
    return redirect(f"{PATH}?notice={'connected' if channel.is_routed else 'copy'}")


@post(f"{PATH}/{{channel_id:str}}/disconnect", guards=[page_session], include_in_schema=False)
async def disconnect_sms_number(
    channel_id: FromPath[str], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> Response[Any]:
    """Let a number take no text messages any more."""
    _check_admin(actor)
    await disconnect_number(db, services, actor, channel_id)
    return redirect(f"{PATH}?notice=disconnected")


@post(f"{PATH}/held/resume", guards=[page_session], include_in_schema=False)
async def resume_sms(actor: ActorDependency, db: DbDependency, services: ServicesDependency) -> Response[Any]:
    """Let everything go that is held."""
    _check_admin(actor)
    await resume_held_texts(db, services, actor, None)
    return redirect(f"{PATH}?notice=resumed")


@post(f"{PATH}/held/cancel", guards=[page_session], include_in_schema=False)
async def cancel_sms(actor: ActorDependency, db: DbDependency, services: ServicesDependency) -> Response[Any]:
    """Give up everything that is held."""
    _check_admin(actor)
    await cancel_held_texts(db, services, actor, None)
    return redirect(f"{PATH}?notice=cancelled")


handlers: list[Any] = [
    show_sms_settings,
    connect_sms_number,
    disconnect_sms_number,
    resume_sms,
    cancel_sms,
]
