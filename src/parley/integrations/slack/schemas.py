"""Answers of Slack's Web API, as far as they are read, and channels as they travel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec


class SlackAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What every method answers; `error` is a code of Slack's."""

    ok: bool
    error: str = ""


class NextPage(msgspec.Struct, frozen=True):
    """Where a list goes on; empty at its end."""

    next_cursor: str = ""


class BotIdentity(SlackAnswer, frozen=True, kw_only=True):
    """Of `auth.test`."""

    team: str = ""
    team_id: str = ""
    user_id: str = ""
    bot_id: str = ""


class SlackBot(msgspec.Struct, frozen=True, kw_only=True):
    id: str = ""
    app_id: str = ""


class BotAnswer(SlackAnswer, frozen=True, kw_only=True):
    """Of `bots.info`."""

    bot: SlackBot = SlackBot()


class Posted(SlackAnswer, frozen=True, kw_only=True):
    """Of `chat.postMessage`; `ts` names the message in its channel."""

    channel: str = ""
    ts: str = ""


class SlackProfile(msgspec.Struct, frozen=True, kw_only=True):
    display_name: str = ""
    real_name: str = ""
    email: str = ""
    image_72: str = ""


class SlackUser(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str = ""
    is_bot: bool = False
    profile: SlackProfile = SlackProfile()


class UserAnswer(SlackAnswer, frozen=True, kw_only=True):
    """Of `users.info`."""

    user: SlackUser | None = None


class ListedChannel(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str = ""
    is_private: bool = False
    is_member: bool = False
    is_ext_shared: bool = False


class SlackChannelsAnswer(SlackAnswer, frozen=True, kw_only=True):
    """Of `conversations.list`."""

    channels: Sequence[ListedChannel] = ()
    response_metadata: NextPage = NextPage()


class MessagesAnswer(SlackAnswer, frozen=True, kw_only=True):
    """Of `conversations.replies` and `conversations.history`; messages are as in events."""

    messages: Sequence[dict[str, Any]] = ()
    response_metadata: NextPage = NextPage()


class UploadPlace(SlackAnswer, frozen=True, kw_only=True):
    """Of `files.getUploadURLExternal`."""

    upload_url: str = ""
    file_id: str = ""


class SlackChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel of the workspace; the app posts in those of which it is a member."""

    id: str
    name: str
    is_private: bool
    is_member: bool
    is_ext_shared: bool


class SlackChannels(msgspec.Struct, frozen=True, kw_only=True):
    """The channels of the workspace, by name; they are asked for once an hour. `has_more` says that not all are listed."""

    channels: Sequence[SlackChannel]
    has_more: bool
    lastRefreshedAt: datetime
