"""What a project wants of the channel, as the settings page saves it."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from parley.accounts.projects.actions.settings import update_project
from parley.accounts.projects.schemas import ProjectPatch
from parley.integrations.slack.actions import channels_of, join_channel
from parley.integrations.slack.client import slack_client
from parley.integrations.slack.queries import workspace_of
from parley.integrations.slack.schemas import Posted, SlackChannel
from parley.integrations.slack_channel.rules.decisions import DEFAULT_EMOJI, EMOJI
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import TRIM
from parley.kernel.services import Services

TEST = "This is a test from Parley. Messages that people write in this channel become tickets."
Text = Annotated[str, Meta(max_length=200, extra=TRIM)]


class SlackChannelForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form of the channel. Channels are Slack's ids; empty is none."""

    slack_enabled: Text = ""
    slack_channel_id: Text = ""
    slack_ticket_emoji: Text = ""
    slack_notification_channel_id: Text = ""


async def save_form(services: Services, actor: Actor, form: SlackChannelForm) -> None:
    """Save what the form says, and have the app join the channels. Raises Invalid, and what calls to Slack raise."""
    emoji = form.slack_ticket_emoji.strip(":").strip() or DEFAULT_EMOJI
    if not EMOJI.fullmatch(emoji):
        raise Invalid(
            "Enter the name of one emoji, as Slack shows it between colons, such as :ticket:.",
            attr="slack_ticket_emoji",
        )
    support = await _joined(services, actor, form.slack_channel_id, "slack_channel_id")
    notices = await _joined(
        services, actor, form.slack_notification_channel_id, "slack_notification_channel_id"
    )
    settings = {
        "slack_enabled": bool(form.slack_enabled),
        "slack_channel_id": support.id if support else None,
        "slack_channel_name": support.name if support else None,
        "slack_ticket_emoji": emoji,
        "slack_notification_channel_id": notices.id if notices else None,
        "slack_notification_channel_name": notices.name if notices else None,
    }
    async with services.database.transaction() as db:
        await update_project(db, services, actor, ProjectPatch(conversations_settings=settings))


async def _joined(services: Services, actor: Actor, channel_id: str, attr: str) -> SlackChannel | None:
    """Return a channel of the workspace that the app is in now; None for none. Raises Invalid for one that isn't there."""
    if not channel_id:
        return None
    workspace = await workspace_of(services, actor.project_id)
    found = _named(channel_id, (await channels_of(services, workspace)).channels)
    if found is None or not found.is_member:  # it may be new, or the app may have been invited since
        fresh = await channels_of(services, workspace, force_refresh=True)
        found = _named(channel_id, fresh.channels)
    if found is None:
        raise Invalid("This channel is not in the workspace, or the app does not see it.", attr=attr)
    if not found.is_member:
        if found.is_private:
            raise Invalid("The channel is private. Invite the app in Slack with /invite first.", attr=attr)
        await join_channel(services, workspace, found.id)
        await channels_of(services, workspace, force_refresh=True)
    return found


def _named(channel_id: str, channels: Sequence[SlackChannel]) -> SlackChannel | None:
    return next((one for one in channels if one.id == channel_id), None)


async def send_test(services: Services, actor: Actor) -> None:
    """Post a test into the support channel; raises Invalid, and what calls to Slack raise."""
    channel_id = actor.project.settings.get("slack_channel_id")
    if not isinstance(channel_id, str) or not channel_id:
        raise Invalid("Choose a channel first.", attr="slack_channel_id")
    workspace = await workspace_of(services, actor.project_id)
    async with slack_client(services, workspace) as client:
        await client.call("chat.postMessage", Posted, channel=channel_id, text=TEST)
