"""Messages to Slack: the introduction, and a report. Names are data: nothing in them is read as Slack's markup."""

from collections.abc import Sequence
from typing import Any

from parley.kernel.network.mail import one_line

MAX_TEXT = 2900
"""Slack takes 3,000 characters in one block."""
MAX_ALT, MOST_PICTURES = 1900, 40
"""Slack takes 2,000 characters beside a picture, and 50 blocks."""


def introduction(name: str, schedule: str) -> dict[str, Any]:
    """Return the message that a channel gets first."""
    text = f"This channel has been subscribed to {escaped(name)} on Parley. {escaped(schedule)}"
    return message_of(text, text)


def report_message(subject: str, link: str, pictures: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the message; each picture is its address and what it shows."""
    text = escaped(subject)
    message = message_of(text, f"*{text}*\n<{link}|Open in Parley>")
    blocks = [
        {"type": "image", "image_url": url, "alt_text": one_line(name, MAX_ALT)}
        for url, name in pictures[:MOST_PICTURES]
    ]
    return {**message, "blocks": [*message["blocks"], *blocks]}


def escaped(text: str) -> str:
    """Return a text on one line in which Slack sees no mention, link or entity."""
    line = one_line(text, MAX_TEXT)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def message_of(text: str, markdown: str) -> dict[str, Any]:
    """Return a message with a plain text for notifications, and one with Slack's markup, both escaped already."""
    section = {"type": "section", "text": {"type": "mrkdwn", "text": markdown}}
    return {"text": text, "blocks": [section], "unfurl_links": False}
