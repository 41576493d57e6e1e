"""Which messages in Slack become tickets, and what a ticket says of them."""

import re
from collections.abc import Mapping
from typing import Any

from parley.integrations.slack_channel.rules.events import SlackEvent

DEFAULT_EMOJI = "ticket"
EMOJI = re.compile(r"[a-z0-9_+'-]{1,100}")
MOST_IMAGE_BYTES = 4 * 1024 * 1024
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")


def is_on(settings: Mapping[str, Any]) -> bool:
    """Say whether a project has switched on the channel."""
    return settings.get("slack_enabled") is True


def emoji_of(settings: Mapping[str, Any]) -> str:
    """Return the name of the emoji that makes a ticket of a message, without its colons."""
    found = settings.get("slack_ticket_emoji")
    name = (
        found.strip().strip(":").strip().lower() if isinstance(found, str) else ""
    )  # fold: names of emoji are ASCII
    return name or DEFAULT_EMOJI


def notification_channel(settings: Mapping[str, Any]) -> str | None:
    """Return the channel in which the team is told of conversations."""
    found = settings.get("slack_notification_channel_id")
    return found if isinstance(found, str) and found else None


def opens(event: SlackEvent, settings: Mapping[str, Any], bot_user_id: str) -> str | None:
    """Return the channel detail of the ticket that an event opens; None where it opens none.

    Answers in a thread open none: whoever answers in a thread that is no ticket speaks to those in it.
    """
    if event.user_id == bot_user_id:
        return None
    if event.kind == "mention":
        return "slack_bot_mention"
    if event.kind == "reaction":
        return "slack_emoji_reaction" if event.reaction == emoji_of(settings) else None
    is_root = event.message is not None and event.message.thread_ts is None
    in_support = bool(event.channel_id) and event.channel_id == settings.get("slack_channel_id")
    return "slack_channel_message" if event.kind == "message" and is_root and in_support else None


def distinct_id_of(team_id: str, user_id: str) -> str:
    """Return who wrote, as a distinct id. It never is their e-mail address, which they only claim."""
    return f"slack:{team_id}:{user_id}"
