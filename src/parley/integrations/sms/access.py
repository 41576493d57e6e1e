"""Requests of Twilio: only what it has signed for one of our numbers gets in."""

from typing import Any

import msgspec

from parley.integrations.connections.queries.connected import connected
from parley.integrations.sms.errors import invalid_signature
from parley.integrations.sms.queries.channels import sms_channels_outside
from parley.integrations.sms.rules.signatures import fields_of, is_signed
from parley.integrations.sms.schemas import SmsChannel
from parley.integrations.twilio import KIND_NAME
from parley.integrations.twilio.rules import is_sid
from parley.kernel.errors import AppError
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import DocumentedAnswer, documented
from parley.kernel.services import Services
from parley.kernel.throttle import sender_limits

AT_ONCE = sender_limits("sms-webhook", 64)
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
"""TwiML that has nothing done."""


class SmsProblem(msgspec.Struct, frozen=True):
    """Why a request was not taken."""

    error: str


def answers_twilio(body: Any) -> dict[str, Any]:
    """Return the `opt` of a route that takes such a form."""
    return documented(
        body=body,
        media_types=("application/x-www-form-urlencoded",),
        answers={
            200: DocumentedAnswer("It is kept; the answer is TwiML that has nothing done.", (str,)),
            403: DocumentedAnswer(
                "Twilio has not signed it for a number that is connected here.", (SmsProblem,)
            ),
        },
    )


async def signed_request(
    request: ParleyRequest, services: Services, ours: str, body: bytes
) -> tuple[SmsChannel, dict[str, str]]:
    """Return the channel of a request that Twilio has signed, and its fields; `ours` names that of our own number.

    The key is that of the account which the request names. So it counts only for numbers of that account, and naming
    somebody else's account takes somebody else's key.
    """
    given = fields_of(body)
    # Signed is what came. No database stores a NUL, nor could PostgreSQL even look for a number with one.
    fields = {name: value.replace("\0", "") for name, value in given or ()}
    account_sid, number = fields.get("AccountSid", ""), fields.get(ours, "")
    signature = request.headers.get("x-twilio-signature", "")
    if given is None or not signature or not is_sid(account_sid, "AC") or len(number) > 20:
        raise invalid_signature()
    url = services.settings.site_url + _path(request)
    async with services.database.transaction(write=False) as db:
        for channel in await sms_channels_outside(db, account_sid, number):
            try:
                account = await connected(
                    db, services.vault, channel.project_id, channel.integration_id, KIND_NAME
                )
            except AppError:
                continue  # its secrets can't be read any more
            if is_signed(signature, str(account.secrets.get("auth_token", "")), url, given):
                return channel, fields
    raise invalid_signature()


def _path(request: ParleyRequest) -> str:
    """Return path and query as the client sent them: the signature is over the letters of the URL."""
    path = request.scope.get("parley_path", request.scope["path"])
    query = request.scope.get("query_string", b"").decode("ascii", "replace")
    return f"{path}?{query}" if query else str(path)
