"""A workspace is connected, and its channels and people are looked up."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

import msgspec

from parley.integrations.connections.errors import CredentialsRejected, UpstreamFailed
from parley.integrations.connections.kinds import OutsideAccount
from parley.integrations.connections.schemas import Connected
from parley.integrations.connections.upstream import UpstreamCalls, calls_to
from parley.integrations.slack.client import SlackClient, call_with, call_with_scopes, slack_at, slack_client
from parley.integrations.slack.errors import SlackRefused, WorkspaceInUse
from parley.integrations.slack.queries import others_of
from parley.integrations.slack.rules import BOT_TOKEN, CHANNEL, account, app_of, missing_scopes
from parley.integrations.slack.schemas import (
    BotAnswer,
    BotIdentity,
    MessagesAnswer,
    SlackAnswer,
    SlackChannel,
    SlackChannels,
    SlackChannelsAnswer,
    SlackUser,
    UserAnswer,
)
from parley.kernel.database.dialect import take_turn
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.services import Services

TURN = 0x736C
"""Of those who connect the same workspace to different projects at the same time."""
KEPT_S = 3600
PAGE, MOST_PAGES = 1000, 20
CLOCKS_DIFFER = timedelta(minutes=5)
MESSAGES, MOST_PAGES_OF_MESSAGES = 200, 10


async def connect_by_token(services: Services, project_id: int, config: Mapping[str, Any]) -> OutsideAccount:
    """Prove the token of a bot that somebody has pasted; raises Invalid, and what calls to Slack raise."""
    token = config.get("bot_token")
    token = token.strip() if isinstance(token, str) else ""
    if not BOT_TOKEN.fullmatch(token):
        raise Invalid("Enter the bot token of the app. It begins with xoxb-.", attr="bot_token")
    async with calls_to(services, slack_at(services), project_id) as calls:
        found = await _identity(calls, token)
        # Which app it is says only the bot (https://docs.slack.dev/reference/methods/bots.info).
        about = await call_with(calls, token, "bots.info", BotAnswer, {"bot": found.bot_id})
    return account(
        team_id=found.team_id,
        team_name=found.team,
        bot_user_id=found.user_id,
        app_id=about.bot.app_id,
        token=token,
    )


async def _identity(calls: UpstreamCalls, token: str) -> BotIdentity:
    """Return whose token it is; raises Invalid for one that is not accepted, or may do too little."""
    try:
        found, scopes = await call_with_scopes(calls, token, "auth.test", BotIdentity, {})
    except CredentialsRejected as error:
        raise Invalid(
            "Slack does not accept this token.", code="slack_token_rejected", attr="bot_token"
        ) from error
    missing = missing_scopes(scopes)
    if missing:
        raise Invalid(
            f"The app lacks these scopes: {', '.join(missing)}. Add them in Slack and install the app again.",
            code="missing_scopes",
            attr="bot_token",
        )
    return found


async def check_workspace(db: Db, project_id: int, account: OutsideAccount) -> None:
    """Raise WorkspaceInUse unless this is the one workspace of the project, and of no other project by the same app.

    With a token of an app of their own somebody keeps nobody from connecting the workspace by another app.
    """
    await take_turn(db, TURN, crc32(account.integration_id.encode()) & 0x7FFFFFFF)
    for other_id, app_id in await others_of(db, project_id, account.integration_id):
        if other_id == project_id:
            raise WorkspaceInUse("A project has one Slack workspace. Disconnect the other one first.")
        if app_id != app_of(account.config):
            continue
        raise WorkspaceInUse(
            "This workspace is connected to another project of this server. Disconnect it there first."
        )


async def channels_of(services: Services, one: Connected, *, force_refresh: bool = False) -> SlackChannels:
    """Return the channels of the workspace, as they were at most an hour ago; a failure is not remembered."""
    key = f"slack-channels:{one.project_id}:{one.id}"
    kept = None if force_refresh else await services.cache.get(key)
    if kept is not None:
        return msgspec.json.decode(kept, type=SlackChannels)
    async with slack_client(services, one) as client:
        found, has_more = await _all_channels(client)
    channels = [
        SlackChannel(
            id=channel.id, name=channel.name, is_private=channel.is_private, is_member=channel.is_member,
            is_ext_shared=channel.is_ext_shared,
        )
        for channel in found if CHANNEL.fullmatch(channel.id)
    ]  # fmt: skip
    channels.sort(key=lambda channel: channel.name)
    made = SlackChannels(channels=channels, has_more=has_more, lastRefreshedAt=services.clock.now())
    await services.cache.set(key, msgspec.json.encode(made), KEPT_S)
    return made


async def _all_channels(client: SlackClient) -> tuple[list[Any], bool]:
    found: list[Any] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await client.call(
            "conversations.list",
            SlackChannelsAnswer,
            types="public_channel,private_channel",
            exclude_archived=True,
            limit=PAGE,
            cursor=cursor,
        )
        found += page.channels
        cursor = page.response_metadata.next_cursor
        if not cursor:
            return found, False
    return found, True


async def user_of(services: Services, client: SlackClient, user_id: str) -> SlackUser | None:
    """Return what Slack says of a user, as it was at most an hour ago; None for one that it doesn't know."""
    one = client.workspace
    key = f"slack-user:{one.project_id}:{one.id}:{user_id}"
    kept = await services.cache.get(key)
    if kept is not None:
        return msgspec.json.decode(kept, type=SlackUser)
    try:
        found = (await client.call("users.info", UserAnswer, user=user_id)).user
    except SlackRefused as error:
        if error.error not in ("user_not_found", "user_not_visible", "users_not_found"):
            raise
        return None
    if found is not None:
        await services.cache.set(key, msgspec.json.encode(found), KEPT_S)
    return found


async def join_channel(services: Services, one: Connected, channel_id: str) -> None:
    """Have the app join a public channel, which it must be in to hear of messages. Safe to repeat; raises as calls do."""
    async with slack_client(services, one) as client:
        await client.call("conversations.join", SlackAnswer, channel=channel_id)


async def posted_before(
    client: SlackClient,
    channel_id: str,
    metadata: Mapping[str, Any],
    since: datetime,
    *,
    thread_ts: str | None = None,
) -> str | None:
    """Return Slack's name of the message with this metadata, whatever became of the answer when it was posted, or None.

    Raises UpstreamFailed where so much was written since that it can't be said, and as calls do.
    """
    method = "conversations.replies" if thread_ts else "conversations.history"
    oldest, cursor = f"{(since - CLOCKS_DIFFER).timestamp():.6f}", None
    for _ in range(MOST_PAGES_OF_MESSAGES):
        page = await client.call(
            method, MessagesAnswer, channel=channel_id, ts=thread_ts, oldest=oldest,
            include_all_metadata=True, limit=MESSAGES, cursor=cursor,
        )  # fmt: skip
        found = [str(one.get("ts")) for one in page.messages if one.get("metadata") == metadata]
        cursor = page.response_metadata.next_cursor
        if found or not cursor:
            return found[0] if found else None
    raise UpstreamFailed("Too much was written in the channel to see whether this message is there already.")
