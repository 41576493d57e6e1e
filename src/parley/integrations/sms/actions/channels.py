"""Numbers become channels, and stop being ones."""

import msgspec
from sqlalchemy import delete, insert

from parley.accounts.projects.actions.audit import record_in_project
from parley.integrations.connections.errors import NotPermitted
from parley.integrations.connections.queries.connected import connected
from parley.integrations.connections.schemas import Connected
from parley.integrations.sms.addresses import inbound_url, is_reachable
from parley.integrations.sms.errors import NoSuchNumber, NoTexts, NumberInUse
from parley.integrations.sms.queries.channels import (
    channel_key,
    sms_channel_by_id,
    sms_channels_of,
    sms_channels_outside,
)
from parley.integrations.sms.rules.numbers import e164_of
from parley.integrations.sms.schemas import NewSmsChannel, SmsChannel, SmsChannelOut
from parley.integrations.sms.tables import sms_channel
from parley.integrations.twilio import KIND_NAME
from parley.integrations.twilio.calls import calls_of
from parley.integrations.twilio.numbers import listed_numbers
from parley.integrations.twilio.schemas import TwilioNumber
from parley.kernel.database.dialect import take_turn
from parley.kernel.database.transaction import Db
from parley.kernel.errors import AppError, Invalid, NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import new_uuid
from parley.kernel.services import Services

MOST_CHANNELS = 50
TURN = 0x736D
"""Of those who connect numbers at the same time, in whichever project."""
UNREACHABLE = (
    "Twilio can't reach this server: PARLEY_SITE_URL is no address of the internet. "
    "Have whoever runs Parley set it first."
)


async def prepared_channel(services: Services, actor: Actor, new: NewSmsChannel) -> SmsChannel:
    """Find a number at Twilio and have Twilio post its messages here; return the channel to be stored. No transaction.

    Where Twilio can't be told, the channel says why. Raises Invalid, NotFound and UpstreamFailed.
    """
    async with services.database.transaction(write=False) as db:
        if not actor.project.conversations_enabled:
            raise Invalid("Support is not enabled.")
        try:
            account = await connected(db, services.vault, actor.project_id, new.integration_id, KIND_NAME)
        except NotFound as error:
            text = "There is no such integration."
            raise Invalid(text, code="does_not_exist", attr="integration_id") from error
    found = await _number_of(services, account, new.phone_number)
    async with services.database.transaction(write=False) as db:
        await _check_free(db, actor.project_id, account.integration_id, found.phone_number)
    problem = await _route(services, account, found)
    return SmsChannel(
        project_id=actor.project_id,
        id=new_uuid(),
        integration_id=account.id,
        account_sid=account.integration_id,
        number=found.phone_number,
        number_sid=found.sid,
        name=found.friendly_name[:100],
        is_routed=problem is None,
        problem=problem,
        created_at=services.clock.now(),
    )


async def _number_of(services: Services, account: Connected, wanted: str) -> TwilioNumber:
    number = e164_of(wanted)
    if number is None:
        raise Invalid("Enter a phone number such as +15005550006.", attr="phone_number")
    listed = await listed_numbers(services, account, anew=True)
    found = next((one for one in listed.numbers if one.phone_number == number), None)
    if found is None:
        raise NoSuchNumber
    if not found.can_text:
        raise NoTexts
    return found


async def _check_free(db: Db, project_id: int, account_sid: str, number: str) -> None:
    for one in await sms_channels_outside(db, account_sid, number):
        raise NumberInUse("this project" if one.project_id == project_id else "another project")
    mine = await sms_channels_of(db, project_id)
    if any(one.number == number for one in mine):
        raise NumberInUse("this project")
    if len(mine) >= MOST_CHANNELS:
        raise Invalid(f"A project can have at most {MOST_CHANNELS} numbers.", code="limit_reached")


async def _route(services: Services, account: Connected, number: TwilioNumber) -> str | None:
    """Tell Twilio where to post messages to a number; return why that did not work, None where it did."""
    site_url = services.settings.site_url
    if not is_reachable(site_url):
        return UNREACHABLE
    try:
        async with calls_of(services, account) as calls:
            await calls.route_texts(number.sid, inbound_url(site_url))
    except NotPermitted:
        return "These keys may not change the number at Twilio."
    except AppError as error:
        return error.detail[:300]
    return None


async def store_channel(db: Db, services: Services, actor: Actor, channel: SmsChannel) -> None:
    """Store a prepared channel; raises NumberInUse where somebody was faster, NotFound for an integration that is gone."""
    await take_turn(db, TURN, 0)
    await _check_free(db, channel.project_id, channel.account_sid, channel.number)
    await connected(db, services.vault, channel.project_id, channel.integration_id, KIND_NAME)
    values = msgspec.structs.asdict(channel) | {"created_by": actor.user_id}
    await db.execute(insert(sms_channel).values(values))
    await _record(db, services, channel, "sms_channel.connected")


async def disconnect_number(db: Db, services: Services, actor: Actor, given: str) -> None:
    """Let a number be no channel any more: its messages are refused. Tickets, and who has opted out, stay. NotFound."""
    channel = await sms_channel_by_id(db, actor.project_id, given)
    await db.execute(delete(sms_channel).where(channel_key(channel.project_id, channel.id)))
    await _record(db, services, channel, "sms_channel.disconnected")


async def _record(db: Db, services: Services, channel: SmsChannel, action: str) -> None:
    target = ("sms_channel", str(channel.id), channel.number)
    await record_in_project(db, services, channel.project_id, action, target=target)


def shown_channel(channel: SmsChannel, site_url: str) -> SmsChannelOut:
    """Return a number as it is shown."""
    return SmsChannelOut(
        id=channel.id,
        integration_id=channel.integration_id,
        phone_number=channel.number,
        name=channel.name,
        is_routed=channel.is_routed,
        problem=channel.problem,
        inbound_url=inbound_url(site_url),
        created_at=channel.created_at,
    )
