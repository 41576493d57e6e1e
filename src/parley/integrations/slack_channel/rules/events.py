"""What Slack's events say (https://docs.slack.dev/apis/events-api), as far as the channel needs it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

import msgspec

from parley.integrations.slack.rules import APP, CHANNEL, TEAM, TIMESTAMP, USER

EventKind = Literal["message", "mention", "reaction", "edited", "deleted", "revoked"]
MOST_TEXT, MOST_FILES, MOST_EVENT_ID, MOST_NAME = 40_000, 10, 80, 200
WRITTEN = (None, "file_share", "thread_broadcast")
"""Subtypes of messages that somebody has written; others tell that somebody has joined, and the like."""


class SlackFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a message; type and size are what Slack says."""

    name: str
    mimetype: str
    size: int
    url: str


class SlackMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that a person has written in a channel. `thread_ts` is None for one that begins a thread or may do so.

    `edited_ts` is None for a text as it was first written.
    """

    channel_id: str
    ts: str
    thread_ts: str | None
    user_id: str
    text: str
    files: Sequence[SlackFile] = ()
    edited_ts: str | None = None

    @property
    def root_ts(self) -> str:
        return self.thread_ts or self.ts


class SlackEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event to work on. `message` is there but for reactions, which name theirs by `ts`, and `revoked`."""

    event_id: str
    team_id: str
    kind: EventKind
    app_id: str = ""  # for which app Slack has signed it; events that were kept before don't say
    channel_id: str = ""
    ts: str = ""
    user_id: str = ""
    reaction: str = ""
    message: SlackMessage | None = None

    @property
    def root_ts(self) -> str:
        return self.message.root_ts if self.message else self.ts


def team_of(body: Mapping[str, Any]) -> str | None:
    """Return the workspace for which Slack sends an event: of a shared channel the one that has the app."""
    found = body.get("authorizations")
    first = found[0] if isinstance(found, list) and found and isinstance(found[0], Mapping) else {}
    return _matching(TEAM, first.get("team_id")) or _matching(TEAM, body.get("team_id"))


def event_of(body: Mapping[str, Any]) -> SlackEvent | None:
    """Return what a request says has happened; None for what the channel has nothing to do with, such as words of bots."""
    team_id, event_id, event = team_of(body), body.get("event_id"), body.get("event")
    app_id = _matching(APP, body.get("api_app_id"))
    if team_id is None or app_id is None or not isinstance(event, Mapping):
        return None
    if not isinstance(event_id, str) or not event_id:
        return None
    about: dict[str, Any] = {"event_id": event_id[:MOST_EVENT_ID], "team_id": team_id, "app_id": app_id}
    kind = event.get("type")
    if kind in ("app_uninstalled", "tokens_revoked"):
        return SlackEvent(kind="revoked", **about) if _ends_the_bot(event) else None
    if kind == "reaction_added":
        return _reaction(event, about)
    if kind == "app_mention":
        return _written(event, "mention", about)
    return _message(event, about) if kind == "message" else None


def _ends_the_bot(event: Mapping[str, Any]) -> bool:
    tokens = event.get("tokens")
    return event.get("type") == "app_uninstalled" or (isinstance(tokens, Mapping) and bool(tokens.get("bot")))


def _reaction(event: Mapping[str, Any], about: dict[str, Any]) -> SlackEvent | None:
    item, reaction = event.get("item"), event.get("reaction")
    if not isinstance(item, Mapping) or item.get("type") != "message" or not isinstance(reaction, str):
        return None
    channel, ts = _matching(CHANNEL, item.get("channel")), _matching(TIMESTAMP, item.get("ts"))
    user = _matching(USER, event.get("user"))
    if channel is None or ts is None or user is None:
        return None
    name = reaction.partition("::")[0][:100]  # behind it is the tone of the skin
    return SlackEvent(kind="reaction", channel_id=channel, ts=ts, user_id=user, reaction=name, **about)


def _message(event: Mapping[str, Any], about: dict[str, Any]) -> SlackEvent | None:
    subtype = event.get("subtype")
    if subtype == "message_changed":
        changed = event.get("message")
        if not isinstance(changed, Mapping) or changed.get("subtype") not in WRITTEN:
            return None
        return _written({**changed, "channel": event.get("channel")}, "edited", about)
    if subtype == "message_deleted":
        channel, ts = _matching(CHANNEL, event.get("channel")), _matching(TIMESTAMP, event.get("deleted_ts"))
        return SlackEvent(kind="deleted", channel_id=channel, ts=ts, **about) if channel and ts else None
    return _written(event, "message", about) if subtype in WRITTEN else None


def _written(event: Mapping[str, Any], kind: EventKind, about: dict[str, Any]) -> SlackEvent | None:
    message = written_message(event, event.get("channel"))
    if message is None:
        return None
    return SlackEvent(
        kind=kind,
        channel_id=message.channel_id,
        ts=message.ts,
        user_id=message.user_id,
        message=message,
        **about,
    )


def written_message(message: Mapping[str, Any], channel: Any) -> SlackMessage | None:
    """Read a message as it is in events and in answers; None for one of a bot, ours or another, or of nobody."""
    if message.get("bot_id") or message.get("bot_profile") or message.get("app_id"):
        return None
    channel_id, user = _matching(CHANNEL, channel), _matching(USER, message.get("user"))
    ts, thread_ts = _matching(TIMESTAMP, message.get("ts")), _matching(TIMESTAMP, message.get("thread_ts"))
    if channel_id is None or channel_id.startswith("D") or user is None or ts is None:
        return None
    text, files, edited = message.get("text"), message.get("files"), message.get("edited")
    return SlackMessage(
        channel_id=channel_id,
        ts=ts,
        thread_ts=None if thread_ts == ts else thread_ts,
        user_id=user,
        text=text[:MOST_TEXT] if isinstance(text, str) else "",
        files=[found for one in files[:MOST_FILES] if (found := _file(one))]
        if isinstance(files, list)
        else (),
        edited_ts=_matching(TIMESTAMP, edited.get("ts")) if isinstance(edited, Mapping) else None,
    )


def is_older(edited_ts: str | None, known: str | None) -> bool:
    """Say whether a text of a message was written before the one that is known: events come in any order."""
    return Decimal(edited_ts or 0) < Decimal(known or 0)


def _file(one: Any) -> SlackFile | None:
    if not isinstance(one, Mapping):
        return None
    url, size = one.get("url_private_download") or one.get("url_private"), one.get("size")
    if not isinstance(url, str) or len(url) > 2000 or not isinstance(size, int):
        return None
    name, mimetype = one.get("name"), one.get("mimetype")
    return SlackFile(
        name=name[:MOST_NAME] if isinstance(name, str) and name else "file",
        mimetype=mimetype[:100] if isinstance(mimetype, str) else "",
        size=size,
        url=url,
    )


def _matching(form: Any, value: Any) -> str | None:
    return value if isinstance(value, str) and form.fullmatch(value) else None
