"""What text messages have gone out, and what Twilio reports of them (docs/sms.md)."""

from functools import partial
from typing import Any, get_args

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody

from parley.integrations.sms import STATUS_PATH
from parley.integrations.sms.access import AT_ONCE, EMPTY, answers_twilio, signed_request
from parley.integrations.sms.addresses import MESSAGE
from parley.integrations.sms.schemas import SmsChannel
from parley.integrations.sms_outbound.actions.held import cancel_held_texts, resume_held_texts
from parley.integrations.sms_outbound.actions.recording import take_report
from parley.integrations.sms_outbound.queries.messages import messages_page
from parley.integrations.sms_outbound.rules.states import State
from parley.integrations.sms_outbound.schemas import HeldTexts, SmsMessageOut, WhichTexts
from parley.integrations.twilio.rules import is_sid
from parley.kernel.database.retries import call_again
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.errors import not_a_choice
from parley.kernel.http.authorization import needs, public
from parley.kernel.http.organizations import admins_of_project_only
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import uuid_or_none
from parley.kernel.openapi.documented import Query, documented
from parley.kernel.services import Services
from parley.kernel.throttle import body_of_sender, sender_slots

MESSAGES = "/api/projects/{project_id:str}/conversations/sms_messages"
STATES = get_args(State)
READS, WRITES, ADMINS = needs("ticket:read"), needs("ticket:write"), admins_of_project_only


@get(
    MESSAGES,
    guards=[READS, ADMINS],
    opt=documented(query=[Query("state", f"Only messages in one state: {', '.join(STATES)}.")]),
)
async def list_sms_messages(
    request: ParleyRequest, actor: ActorDependency, db: DbDependency
) -> Page[SmsMessageOut]:
    """List the text messages that answers have become, the latest first. For admins."""
    state = request.query_params.get("state", "")
    if state and state not in STATES:
        raise not_a_choice(state[:100], "state")
    asked = page_request(request)
    count, found = await messages_page(db, actor.project_id, state or None, asked)
    return page_of(request, asked, count, found)


@post(f"{MESSAGES}/resume", guards=[WRITES, ADMINS], status_code=200)
async def resume_sms_messages(
    data: JSONBody[WhichTexts], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> HeldTexts:
    """Let messages go that are held because there were many in an hour. For admins."""
    return HeldTexts(await resume_held_texts(db, services, actor, data.ids))


@post(f"{MESSAGES}/cancel", guards=[WRITES, ADMINS], status_code=200)
async def cancel_sms_messages(
    data: JSONBody[WhichTexts], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> HeldTexts:
    """Give up messages that are held; nothing of them goes out. For admins."""
    return HeldTexts(await cancel_held_texts(db, services, actor, data.ids))


class PostedReport(msgspec.Struct, frozen=True):
    """The fields that must be there of a report."""

    AccountSid: str
    MessageSid: str
    MessageStatus: str
    From: str


@post(STATUS_PATH, guards=[public], status_code=200, opt=answers_twilio(PostedReport))
async def take_status(request: ParleyRequest, services: ServicesDependency) -> Response[str]:
    """Take a report of Twilio about a message that went out."""
    body = await body_of_sender(request, AT_ONCE)
    with sender_slots(request, AT_ONCE):
        channel, fields = await signed_request(request, services, "From", body)
        await call_again(partial(_report, services, channel, fields, request.query_params.get(MESSAGE, "")))
    return Response(EMPTY, media_type="text/xml")


async def _report(services: Services, channel: SmsChannel, fields: dict[str, str], message: str) -> None:
    sid, code = fields.get("MessageSid", ""), fields.get("ErrorCode", "")
    if not is_sid(sid, sid[:2]):
        return
    number = int(code) if code.isascii() and code.isdigit() and len(code) < 8 else 0
    status = fields.get("MessageStatus", "")[:20]
    async with services.database.transaction() as db:
        await take_report(db, services, channel.project_id, uuid_or_none(message), sid, status, number)


handlers: list[Any] = [list_sms_messages, resume_sms_messages, cancel_sms_messages, take_status]
