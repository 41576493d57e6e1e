"""The message of a report for Slack."""

from collections.abc import Sequence
from typing import Any

from parley.analytics.subscriptions.rules.slack import escaped, message_of
from parley.kernel.network.mail import one_line

MAX_ALT, MOST_PICTURES = 1900, 40
"""Slack takes 2,000 characters beside a picture, and 50 blocks."""


def report_message(subject: str, link: str, pictures: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the message; each picture is its address and what it shows."""
    text = escaped(subject)
    message = message_of(text, f"*{text}*\n<{link}|Open in Parley>")
    blocks = [
        {"type": "image", "image_url": url, "alt_text": one_line(name, MAX_ALT)}
        for url, name in pictures[:MOST_PICTURES]
    ]
    return {**message, "blocks": [*message["blocks"], *blocks]}
