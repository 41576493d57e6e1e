"""Numbers as channels, and who has opted out (docs/sms.md)."""

from typing import Any

from litestar import delete, get, post
from litestar.params import FromPath, JSONBody

from parley.integrations.sms.actions.channels import (
    disconnect_number,
    prepared_channel,
    shown_channel,
    store_channel,
)
from parley.integrations.sms.queries.channels import opt_outs_page, sms_channel_by_id, sms_channels_of
from parley.integrations.sms.schemas import (
    NewSmsChannel,
    OptOutOut,
    SmsChannelOut,
)
from parley.kernel.dependencies import (
    ActorDependency,
    DbDependency,
    ServicesDependency,
    own_transaction,
)
from parley.kernel.http.authorization import needs
from parley.kernel.http.organizations import admins_of_project_only
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency import KEEPS, keep
from parley.kernel.openapi.documented import documented

BASE = "/api/projects/{project_id:str}/conversations"
CHANNELS = f"{BASE}/sms_channels"
CHANNEL = CHANNELS + "/{channel_id:str}"
ERRORS = {
    400: "The account has no such number, it takes no text messages, or it is a channel already.",
    502: "Twilio does not answer, or with something that can't be used.",
}


READS, WRITES = needs("ticket:read"), needs("ticket:write")
ADMINS = admins_of_project_only


@get(CHANNELS, guards=[READS])
async def list_sms_channels(
    request: ParleyRequest, actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> Page[SmsChannelOut]:
    """List the numbers that take text messages, oldest first."""
    asked = page_request(request)
    found = await sms_channels_of(db, actor.project_id)
    page = found[asked.offset : asked.offset + asked.limit]
    shown = [shown_channel(one, services.settings.site_url) for one in page]
    return page_of(request, asked, len(found), shown)


@post(CHANNELS, guards=[WRITES, ADMINS], status_code=201, opt={**KEEPS, **documented(errors=ERRORS)})
async def create_sms_channel(
    data: JSONBody[NewSmsChannel],
    request: ParleyRequest,
    actor: ActorDependency,
    services: ServicesDependency,
) -> SmsChannelOut:
    """Let a number of a connected account at Twilio take text messages. For admins."""
    channel = await prepared_channel(services, actor, data)
    async with own_transaction(request, services) as db:
        await store_channel(db, services, actor, channel)
        shown = shown_channel(channel, services.settings.site_url)
        await keep(request, 201, shown)
    return shown


@get(CHANNEL, guards=[READS])
async def show_sms_channel(
    channel_id: FromPath[str], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> SmsChannelOut:
    """Show one number that takes text messages."""
    found = await sms_channel_by_id(db, actor.project_id, channel_id)
    return shown_channel(found, services.settings.site_url)


@delete(CHANNEL, guards=[WRITES, ADMINS], status_code=204)
async def delete_sms_channel(
    channel_id: FromPath[str], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> None:
    """Disconnect a number: messages to it are not taken any more. Tickets and opt-outs stay. For admins."""
    await disconnect_number(db, services, actor, channel_id)


@get(f"{BASE}/sms_opt_outs", guards=[READS, ADMINS])
async def list_sms_opt_outs(
    request: ParleyRequest, actor: ActorDependency, db: DbDependency
) -> Page[OptOutOut]:
    """List the numbers that have opted out of text messages, the latest first. For admins."""
    asked = page_request(request)
    count, found = await opt_outs_page(db, actor.project_id, asked)
    return page_of(request, asked, count, found)


handlers: list[Any] = [
    list_sms_channels,
    create_sms_channel,
    show_sms_channel,
    delete_sms_channel,
    list_sms_opt_outs,
]
