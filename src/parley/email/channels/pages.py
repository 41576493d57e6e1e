"""The pages on which addresses are connected, step by step."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from parley.email.channels import actions
from parley.email.channels.errors import AddressInUse, NotSent, NotVerified
from parley.email.channels.queries import channel_to_change, connected_channels, shown_channel
from parley.email.channels.rules import MOST_CHANNELS, may_change
from parley.email.channels.schemas import ChannelOut, ChannelPatch, NewChannel
from parley.email.channels.shown import channel_out
from parley.email.channels.trial_mail import send_test
from parley.email.channels.verification import verified_channel
from parley.kernel.config.for_mail import missing_for_mail
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import AppError, Invalid, Throttled
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import TRIM, read
from parley.kernel.http.request import ParleyRequest
from parley.kernel.network.mailbox_providers import hint_about
from parley.kernel.services import Services
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = "/settings/email"
CHANNEL = f"{PATH}/{{channel_id:str}}"
NOTICES = {
    "connected": "The address is connected. Now publish the records below.",
    "connected-in": "The address is connected. Mail to it can come in; none goes out from it.",
    "test": "The test address is there. Write from it, or write to it as a customer would.",
    "ready": "The address is connected. Its domain is proved already, so mail can be sent from it.",
    "verified": "All records are found. Mail can be sent from this address.",
    "tested-file": "The test is written to a file, and not mailed: no mail server is set.",
    "tested": "The mail server has taken the test. It should be in your mailbox in a moment.",
    "saved": "Saved.",
    "default": "Mail goes out from this address unless another one is named.",
    "default-later": "It is the default. Until its records are found, mail goes out from another address.",
    "disconnected": "The address is disconnected.",
}


class ChannelForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form for a new channel."""

    from_email: Annotated[str, Meta(extra=TRIM)] = ""
    from_name: Annotated[str, Meta(extra=TRIM)] = ""
    kind: str = "support"
    is_test: bool = False


class ChannelsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `channels/channels.html`; `problem` belongs to the field named `at`, or to all of them."""

    channels: Sequence[ChannelOut]
    form: ChannelForm
    is_admin: bool
    missing: Sequence[str]  # settings of the server, for mail
    test_address: str  # one that may be taken
    most: int = MOST_CHANNELS
    problem: str | None = None
    at: str | None = None
    notice: str | None = None


class ChannelPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `channels/channel.html`."""

    channel: ChannelOut
    may_change: bool
    missing: Sequence[str]  # settings of the server, for mail
    problem: str | None = None
    notice: str | None = None


async def _channels_page(
    request: ParleyRequest, services: Services, actor: Actor, **overrides: Any
) -> ChannelsPage:
    async with services.database.transaction(write=False) as db:
        found = await connected_channels(db, actor.project_id)
    shown: dict[str, Any] = {
        "channels": [channel_out(one, services.settings) for one in found],
        "form": ChannelForm(),
        "test_address": f"help@test-{actor.project_id}.example",
        "missing": missing_for_mail(services.settings),
        "notice": NOTICES.get(request.query_params.get("notice", "")),
    }
    return ChannelsPage(is_admin=actor.is_admin, **shown | overrides)


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_channels(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the channels, and a form for a new one."""
    return page(request, "channels/channels.html", await _channels_page(request, services, actor))


@post(PATH, guards=[page_session], include_in_schema=False)
async def connect_from_page(
    request: ParleyRequest, data: JSONBody[ChannelForm], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Connect an address, or show the form with the problem."""
    try:
        new = read(NewChannel, msgspec.structs.asdict(data))
        key = await actions.key_for(services, actor, new)
        async with services.database.transaction() as db:
            made = await actions.connect_channel(db, services, actor.project_id, actor.user_id, new, key)
    except (Invalid, AddressInUse) as error:
        at = error.attr or ("from_email" if isinstance(error, AddressInUse) else None)
        shown = await _channels_page(request, services, actor, form=data, problem=_words(error), at=at)
        return page(request, "channels/channels.html", shown, status=422)
    waiting = "connected-in" if hint_about(made.channel.domain) else "connected"
    notice = "test" if new.is_test else "ready" if made.channel.is_verified else waiting
    return redirect(f"{PATH}/{made.channel.id}?notice={notice}")


def _words(error: AppError) -> str:
    if error.code in ("blank", "min_length"):
        return "Say who the mail is from." if error.attr == "from_name" else "Name the address."
    return error.detail


async def _channel_page(
    request: ParleyRequest, services: Services, actor: Actor, channel_id: str, problem: str | None = None
) -> Response[Any]:
    async with services.database.transaction(write=False) as db:
        found = await shown_channel(db, actor, channel_id)
    context = ChannelPage(
        channel=channel_out(found, services.settings),
        may_change=may_change(actor, found.channel.kind, found.channel.owner_id),
        missing=missing_for_mail(services.settings),
        problem=problem,
        notice=None if problem else NOTICES.get(request.query_params.get("notice", "")),
    )
    return page(request, "channels/channel.html", context, status=422 if problem else 200)


@get(CHANNEL, guards=[page_session], include_in_schema=False)
async def show_channel(
    request: ParleyRequest, channel_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show a channel: its records, its forwarding address, and what remains to be done."""
    return await _channel_page(request, services, actor, channel_id)


@post(CHANNEL, guards=[page_session], include_in_schema=False)
async def rename_channel(
    request: ParleyRequest, channel_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Change the name that mails come from."""
    try:
        patch = read(ChannelPatch, {"from_name": str((await request.fields()).get("from_name", ""))})
        async with services.database.transaction() as db:
            found = await channel_to_change(db, actor, channel_id)
            await actions.change_channel(db, services, found.channel, patch)
    except Invalid as error:
        return await _channel_page(request, services, actor, channel_id, _words(error))
    return redirect(f"{PATH}/{channel_id}?notice=saved")


@post(f"{CHANNEL}/verify", guards=[page_session], include_in_schema=False)
async def verify_from_page(
    request: ParleyRequest, channel_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Look up the records now."""
    try:
        found = await verified_channel(services, actor, channel_id)
    except AddressInUse as error:
        return await _channel_page(request, services, actor, channel_id, error.detail)
    if not found.channel.is_verified or found.domain.failing_since:
        problem = "Not all records are found yet. Each one below says what is missing."
        return await _channel_page(request, services, actor, channel_id, problem)
    return redirect(f"{PATH}/{channel_id}?notice=verified")


@post(f"{CHANNEL}/send-test", guards=[page_session], include_in_schema=False)
async def send_test_from_page(
    request: ParleyRequest, channel_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Mail whoever presses the button."""
    try:
        await send_test(services, actor, channel_id)
    except (NotVerified, NotSent, Throttled) as error:
        return await _channel_page(request, services, actor, channel_id, error.detail)
    notice = "tested-file" if services.settings.smtp_url is None else "tested"
    return redirect(f"{PATH}/{channel_id}?notice={notice}")


@post(f"{CHANNEL}/default", guards=[page_session], include_in_schema=False)
async def make_default(
    channel_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Make this the default channel."""
    async with services.database.transaction() as db:
        found = await channel_to_change(db, actor, channel_id)
        await actions.set_default(db, services, found.channel)
    notice = "default" if found.channel.is_verified else "default-later"
    return redirect(f"{PATH}/{channel_id}?notice={notice}")


@post(f"{CHANNEL}/disconnect", guards=[page_session], include_in_schema=False)
async def disconnect_from_page(
    channel_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Disconnect the address."""
    async with services.database.transaction() as db:
        found = await channel_to_change(db, actor, channel_id)
        await actions.disconnect_channel(db, services, found.channel)
    return redirect(f"{PATH}?notice=disconnected")


handlers: list[Any] = [
    show_channels,
    connect_from_page,
    show_channel,
    rename_channel,
    verify_from_page,
    send_test_from_page,
    make_default,
    disconnect_from_page,
]
