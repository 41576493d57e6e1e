"""Messages to an incoming webhook of Slack. Names are data: nothing in them is read as Slack's markup."""

from typing import Any

from parley.kernel.network.mail import one_line

MAX_TEXT = 2900
"""Slack takes 3,000 characters in one block."""


def report_message(subject: str, link: str) -> dict[str, Any]:
    """Return the message of a report."""
    text = escaped(subject)
    return _message(text, f"*{text}*\n<{link}|Open in Parley>")


def introduction(name: str, schedule: str) -> dict[str, Any]:
    """Return the message that a channel gets first."""
    text = f"This channel has been subscribed to {escaped(name)} on Parley. {escaped(schedule)}"
    return _message(text, text)


def escaped(text: str) -> str:
    """Return a text on one line in which Slack sees no mention, link or entity."""
    line = one_line(text, MAX_TEXT)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _message(text: str, markdown: str) -> dict[str, Any]:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": markdown}}
    return {"text": text, "blocks": [section], "unfurl_links": False}
