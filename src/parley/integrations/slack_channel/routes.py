"""Where Slack sends its events (docs/slack.md)."""

from typing import Any

import msgspec
from litestar import post

from parley.integrations.slack.signatures import is_signed
from parley.integrations.slack_channel.actions.receiving import keep_event
from parley.integrations.slack_channel.rules.events import event_of
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.errors import PermissionDenied
from parley.kernel.http.authorization import public
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import DocumentedAnswer, ErrorBody, documented
from parley.kernel.text.json_text import repaired_json
from parley.kernel.throttle import body_of_sender, sender_limits

PATH = "/api/conversations/v1/slack/events"
MOST_BODY_BYTES = 512 * 1024
AT_ONCE = sender_limits("slack-events", 64)
REFUSED = "The request is not signed by Slack, or not lately."


class EventTaken(msgspec.Struct, frozen=True, omit_defaults=True):
    """The event is kept. `challenge` is what Slack has sent to prove that the address is right."""

    ok: bool
    challenge: str | None = None


class SlackCallback(msgspec.Struct, frozen=True):
    """What is read of an event; Slack sends more."""

    type: str
    team_id: str | None = None
    event_id: str | None = None
    event: dict[str, Any] | None = None
    challenge: str | None = None


@post(
    PATH,
    guards=[public],
    status_code=200,
    request_max_body_size=MOST_BODY_BYTES,
    opt=documented(
        body=SlackCallback,
        media_types=("application/json",),
        answers={
            200: DocumentedAnswer("The event is kept.", (EventTaken,)),
            403: DocumentedAnswer("The signature is not good.", (ErrorBody,)),
        },
    ),
)
async def take_slack_events(request: ParleyRequest, services: ServicesDependency) -> EventTaken:
    """Take an event from Slack, which signs its requests. It is worked on after the answer, and once."""
    body = await body_of_sender(request, AT_ONCE)
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    secret = services.settings.slack_signing_secret
    if not is_signed(body, timestamp, signature, secret, services.clock.now()):
        raise PermissionDenied(REFUSED)
    found = repaired_json(body)
    return await _taken(services, found if isinstance(found, dict) else {})


async def _taken(services: Any, body: dict[str, Any]) -> EventTaken:
    challenge = body.get("challenge")
    if body.get("type") == "url_verification" and isinstance(challenge, str):
        return EventTaken(True, challenge[:1000])
    event = event_of(body)
    if event is not None:
        await keep_event(services, event)
    return EventTaken(True)


handlers: list[Any] = [take_slack_events]
