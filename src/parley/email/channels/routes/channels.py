"""E-mail channels of a project (docs/email.md)."""

from typing import Any

from litestar import delete, get, patch, post
from litestar.params import FromPath, JSONBody

from parley.email.channels import actions
from parley.email.channels.queries import channel_to_change, connected_channels, shown_channel
from parley.email.channels.schemas import ChannelOut, ChannelPatch, NewChannel
from parley.email.channels.shown import channel_out
from parley.email.channels.trial_mail import send_test
from parley.email.channels.verification import verified_channel
from parley.kernel.dependencies import (
    ActorDependency,
    DbDependency,
    ServicesDependency,
    own_transaction,
)
from parley.kernel.http.authorization import needs
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency import KEEPS, keep
from parley.kernel.openapi.documented import documented
from parley.kernel.services import Services

CHANNELS = "/api/projects/{project_id:str}/conversations/email_channels"
CHANNEL = CHANNELS + "/{channel_id:str}"


@get(CHANNELS, guards=[needs("ticket:read")])
async def list_email_channels(
    request: ParleyRequest, actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> Page[ChannelOut]:
    """List the project's e-mail channels, oldest first, each with the DNS records of its domain."""
    asked = page_request(request)
    found = await connected_channels(db, actor.project_id)
    shown = found[asked.offset : asked.offset + asked.limit]
    return page_of(request, asked, len(found), [channel_out(one, services.settings) for one in shown])


@post(CHANNELS, guards=[needs("ticket:write")], status_code=201, opt=KEEPS)
async def create_email_channel(
    data: JSONBody[NewChannel], request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> ChannelOut:
    """Connect an address. Admins connect addresses of support, everybody one of their own."""
    key = await actions.key_for(services, actor, data)
    async with own_transaction(request, services) as db:
        made = await actions.connect_channel(db, services, actor.project_id, actor.user_id, data, key)
        shown = channel_out(made, services.settings)
        await keep(request, 201, shown)
    return shown


@get(CHANNEL, guards=[needs("ticket:read")])
async def show_email_channel(
    channel_id: FromPath[str], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> ChannelOut:
    """Show one channel with its forwarding address and what the last look at the DNS found."""
    return channel_out(await shown_channel(db, actor, channel_id), services.settings)


@patch(CHANNEL, guards=[needs("ticket:write")])
async def change_email_channel(
    channel_id: FromPath[str],
    data: JSONBody[ChannelPatch],
    actor: ActorDependency,
    db: DbDependency,
    services: ServicesDependency,
) -> ChannelOut:
    """Change the name that mails come from, or make the channel the default one."""
    found = await channel_to_change(db, actor, channel_id)
    return channel_out(await actions.change_channel(db, services, found.channel, data), services.settings)


@delete(CHANNEL, guards=[needs("ticket:write")], status_code=204)
async def delete_email_channel(
    channel_id: FromPath[str], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> None:
    """Disconnect a channel: mail to its forwarding address is not taken any more. Tickets stay."""
    found = await channel_to_change(db, actor, channel_id)
    await actions.disconnect_channel(db, services, found.channel)


@post(
    f"{CHANNEL}/verify",
    guards=[needs("ticket:write")],
    status_code=200,
    opt={
        **documented(errors={409: "Another project has proved the domain, and has one of its addresses."}),
        **KEEPS,
    },
)
async def verify_email_channel(
    channel_id: FromPath[str], request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> ChannelOut:
    """Look up the records of the channel's domain now; mail may be sent from it once all of them are there."""
    verified = await verified_channel(services, actor, channel_id)
    return await _kept(request, services, channel_out(verified, services.settings))


@post(
    f"{CHANNEL}/send_test",
    guards=[needs("ticket:write")],
    status_code=200,
    opt={
        **documented(
            errors={
                400: "The domain of the channel is not verified.",
                502: "The mail server did not take the mail; its words are in the detail.",
            }
        ),
        **KEEPS,
    },
)
async def send_test_of_email_channel(
    channel_id: FromPath[str], request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> ChannelOut:
    """Mail the caller from a verified channel. Asked again under the same key, it answers the same and may mail again."""
    tried = await send_test(services, actor, channel_id)
    return await _kept(request, services, channel_out(tried, services.settings))


async def _kept(request: ParleyRequest, services: Services, shown: ChannelOut) -> ChannelOut:
    """Keep the answer for the `Idempotency-Key`: what it took was no transaction."""
    async with own_transaction(request, services):
        await keep(request, 200, shown)
    return shown


handlers: list[Any] = [
    list_email_channels,
    create_email_channel,
    show_email_channel,
    change_email_channel,
    delete_email_channel,
    verify_email_channel,
    send_test_of_email_channel,
]
