"""Messages to an incoming webhook of Slack. Names are data: nothing in them is read as Slack's markup."""

from typing import Any

from parley.kernel.network.mail import one_line

MAX_TEXT = 2900
"""Slack takes 3,000 characters in one block."""


def introduction(name: str, schedule: str) -> dict[str, Any]:
    """Return the message that a channel gets first."""
    text = f"This channel has been subscribed to {escaped(name)} on Parley. {escaped(schedule)}"
    return message_of(text, text)


def escaped(text: str) -> str:
    """Return a text on one line in which Slack sees no mention, link or entity."""
    line = one_line(text, MAX_TEXT)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def message_of(text: str, markdown: str) -> dict[str, Any]:
    """Return a message with a plain text for notifications, and one with Slack's markup, both escaped already."""
    section = {"type": "section", "text": {"type": "mrkdwn", "text": markdown}}
    return {"text": text, "blocks": [section], "unfurl_links": False}
