"""A report, or its introduction, is posted in a channel of a connected workspace."""

from typing import Any

from parley.analytics.subscription_deliveries.actions.finishing import note_begun
from parley.analytics.subscription_deliveries.actions.introducing import introduction_of, to_introduce
from parley.analytics.subscription_deliveries.actions.sending import (
    Sending,
    failed,
    read_sending,
    record,
    slack_message,
)
from parley.analytics.subscriptions.actions.subscriptions import note_outcome
from parley.analytics.subscriptions.rules.targets import channel_id
from parley.integrations.connections.errors import CredentialsRejected
from parley.integrations.connections.queries.connected import connected_or_none
from parley.integrations.connections.schemas import Connected
from parley.integrations.slack.actions import join_channel, posted_before
from parley.integrations.slack.client import slack_client
from parley.integrations.slack.errors import SlackRefused
from parley.integrations.slack.queries import KIND_NAME
from parley.integrations.slack.schemas import Posted
from parley.kernel.errors import AppError
from parley.kernel.jobs import Work
from parley.kernel.services import Services

DISCONNECTED = "The Slack workspace is no longer connected to the project."
NO_PLACE = ("channel_not_found", "not_in_channel")
BAD_BLOCKS = ("invalid_blocks", "invalid_blocks_format", "invalid_attachments")
"""What Slack says, too, of a message whose pictures it can't fetch."""
METADATA = "parley_report"


async def post_report(services: Services, work: Work) -> None:
    """Post a report, unless it is in the channel already; raises TryAgain.

    What only a person can mend ends the delivery at once: a token that is good no more, a channel without the app.
    """
    sending = await read_sending(services, work)
    if sending is None:
        return
    workspace = await _workspace(services, work.project_id, sending.delivery.integration_id)
    if workspace is None:
        await record(services, work, sending, DISCONNECTED, is_gone=True)
        return
    try:
        await _deliver(services, work, workspace, sending)
    except (SlackRefused, CredentialsRejected) as error:
        await record(services, work, sending, error.detail)
    except AppError as error:
        await failed(services, work, sending, error.detail)
    else:
        await record(services, work, sending, None)


async def _workspace(services: Services, project_id: int, id: int | None) -> Connected | None:
    async with services.database.transaction(write=False) as db:
        found = await connected_or_none(db, services.vault, project_id, id) if id is not None else None
    return found if found is not None and found.kind == KIND_NAME else None


async def _deliver(services: Services, work: Work, workspace: Connected, sending: Sending) -> None:
    if sending.attempts and await _is_there(services, workspace, sending):
        return
    async with services.database.transaction() as db:
        await note_begun(db, sending.key, work.attempts + 1)
    message = await slack_message(services, sending, may_show_pictures=True)
    message |= {"channel": channel_id(sending.recipient), "metadata": _metadata(sending)}
    try:
        await _post(services, workspace, message)
    except SlackRefused as error:
        if error.error not in BAD_BLOCKS:
            raise
        plain = await slack_message(services, sending, may_show_pictures=False)
        await _post(services, workspace, {**message, **plain})


async def _post(services: Services, workspace: Connected, message: dict[str, Any]) -> None:
    """Post a message, in a public channel also where the app isn't in it yet."""
    try:
        await _call(services, workspace, message)
    except SlackRefused as error:
        if error.error != "not_in_channel":
            raise
        try:
            await join_channel(services, workspace, message["channel"])
        except SlackRefused:
            raise error from None  # a private channel: its people invite the app
        await _call(services, workspace, message)


async def _call(services: Services, workspace: Connected, message: dict[str, Any]) -> None:
    """Post it as the first call of its session: only a later one would be repeated where a connection breaks."""
    async with slack_client(services, workspace) as client:
        await client.call("chat.postMessage", Posted, unfurl_media=False, **message)


def _metadata(sending: Sending) -> dict[str, Any]:
    """Return that by which a post is found again (https://docs.slack.dev/messaging/message-metadata)."""
    return {"event_type": METADATA, "event_payload": {"delivery_id": str(sending.delivery.id)}}


async def _is_there(services: Services, workspace: Connected, sending: Sending) -> bool:
    """Say whether an attempt before this one has posted the report, whatever became of the answer."""
    try:
        async with slack_client(services, workspace) as client:
            found = await posted_before(
                client, channel_id(sending.recipient), _metadata(sending), sending.delivery.created_at
            )
    except SlackRefused as error:
        if error.error not in NO_PLACE:
            raise
        return False
    return found is not None


async def introduce_to_channel(services: Services, work: Work) -> None:
    """Tell a channel that it gets a subscription; what Slack refuses is shown by the subscription. Raises as calls do."""
    found = await to_introduce(services, work)
    workspace = await _workspace(services, work.project_id, found.integration_id if found else None)
    if found is None or workspace is None:
        return
    message = await introduction_of(services, found)
    try:
        await _post(services, workspace, {**message, "channel": channel_id(found.target_value)})
    except (SlackRefused, CredentialsRejected) as error:
        now, why = services.clock.now(), f"The channel could not be told of it. {error.detail}"
        async with services.database.transaction() as db:
            await note_outcome(
                db, found.project_id, found.id, now, error=why, is_delivered=False, counts=False
            )
