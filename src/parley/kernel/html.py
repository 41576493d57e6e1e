"""The one sanitiser: whatever people wrote becomes HTML here, or is escaped by the templates.

A message is plain text. Its addresses become links; nothing else in it can become markup.
"""

import re
from collections.abc import Iterator
from html import escape
from urllib.parse import urlsplit

import nh3
from markupsafe import Markup

ADDRESS = re.compile(r"https?://[^\s<>\"'`\x00-\x1f]+", re.IGNORECASE)
MAX_ADDRESS_LENGTH = 2000
CLOSING = {")": "(", "]": "[", "}": "{"}
SCHEMES = {"http", "https"}


def linked(text: str) -> Markup:
    """Return text as safe HTML in which http and https addresses are links; white space stays as it is."""
    # What is built here is safe already; the sanitiser behind it keeps it so when somebody changes the building.
    return Markup(  # noqa: S704 - cleaned in this very expression
        nh3.clean(
            "".join(_pieces(text)),
            tags={"a"},
            attributes={"a": {"href", "target"}},
            url_schemes=SCHEMES,
            link_rel="noopener nofollow noreferrer",
        )
    )


def _pieces(text: str) -> Iterator[str]:
    end = 0
    for found in ADDRESS.finditer(text):
        address = _without_punctuation(found.group())
        if safe_url(address) is None:
            continue
        shown = escape(address)
        yield escape(text[end : found.start()])
        yield f'<a href="{shown}" target="_blank">{shown}</a>'
        end = found.start() + len(address)
    yield escape(text[end:])


def _without_punctuation(address: str) -> str:
    """Leave out what ends the sentence rather than the address; a bracket counts when it was opened inside."""
    while address:
        last = address[-1]
        is_open = last in CLOSING and address.count(CLOSING[last]) >= address.count(last)
        if last not in ".,;:!?)]}*_" or is_open:
            break
        address = address[:-1]
    return address


def safe_url(text: object) -> str | None:
    """Return an http or https address that a link may carry, or None for anything else.

    `https://bank.example@evil.example` leads to the second and looks like the first, so it is no link.
    """
    if not isinstance(text, str) or len(text) > MAX_ADDRESS_LENGTH or not text.isprintable():
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    is_plain = parts.scheme.lower() in SCHEMES and parts.hostname and parts.username is None
    return text if is_plain else None
