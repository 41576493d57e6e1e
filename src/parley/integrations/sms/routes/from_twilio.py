"""Messages that Twilio posts."""

from functools import partial
from typing import Any

import msgspec
from litestar import Response, post

from parley.integrations.sms import INBOUND_PATH
from parley.integrations.sms.access import AT_ONCE, EMPTY, answers_twilio, signed_request
from parley.integrations.sms.actions.receiving import receive_text
from parley.integrations.sms.rules.numbers import sender_of
from parley.integrations.sms.schemas import IncomingText, SmsChannel
from parley.integrations.twilio.rules import is_sid
from parley.kernel.database.retries import call_again
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.http.authorization import public
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.kernel.throttle import body_of_sender, sender_slots

MOST_MEDIA, MOST_TEXT = 10, 10_000


class PostedText(msgspec.Struct, frozen=True):
    """The fields that must be there of a message."""

    AccountSid: str
    MessageSid: str
    From: str
    To: str
    Body: str


@post(INBOUND_PATH, guards=[public], status_code=200, opt=answers_twilio(PostedText))
async def take_text(request: ParleyRequest, services: ServicesDependency) -> Response[str]:
    """Take a message from Twilio, signed with the auth token of the account that the number belongs to."""
    body = await body_of_sender(request, AT_ONCE)
    with sender_slots(request, AT_ONCE):
        channel, fields = await signed_request(request, services, "To", body)
        sent = _incoming(fields)
        if sent is not None:
            await call_again(partial(_receive, services, channel, sent))
    return Response(EMPTY, media_type="text/xml")


def _incoming(fields: dict[str, str]) -> IncomingText | None:
    """Return the message of a form; None for what is none, such as one without a sender."""
    sender, sid = sender_of(fields.get("From", "")), fields.get("MessageSid", "")
    if sender is None or not (is_sid(sid, "SM") or is_sid(sid, "MM")):
        return None
    count = fields.get("NumMedia", "0")
    n_media = min(int(count), MOST_MEDIA) if count.isascii() and count.isdigit() and len(count) < 4 else 0
    media = [fields.get(f"MediaUrl{place}", "") for place in range(n_media)]
    return IncomingText(
        sid=sid,
        sender=sender,
        body=fields.get("Body", "")[:MOST_TEXT],
        opt_out_type=fields.get("OptOutType", "")[:20],
        media=[url[:1000] for url in media if url],
    )


async def _receive(services: Services, channel: SmsChannel, sent: IncomingText) -> None:
    async with services.database.transaction() as db:
        await receive_text(db, services, channel, sent)


handlers: list[Any] = [take_text]
