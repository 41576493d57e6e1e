"""From text to HTML: whatever people wrote becomes HTML here, or is escaped by the templates.

A message is plain text. Its addresses become links; nothing else in it can become markup. Everything here takes time
that is linear in the length of the text.
"""

import re
from collections.abc import Iterator
from html import escape
from itertools import islice
from urllib.parse import urlsplit

from markupsafe import Markup

ADDRESS = re.compile(r"https?://[^\s<>\"'`\x00-\x1f]+", re.IGNORECASE)
MAX_ADDRESS_LENGTH, MAX_LINKS = 2000, 200
HOST = re.compile(r"https?://[^/?#]{1,300}(?:[/?#]|$)", re.IGNORECASE)
"""No host has a longer name, and Python normalises names in quadratic time."""
CLOSING = {")": "(", "]": "[", "}": "{"}
ENDINGS = frozenset(".,;:!?)]}*_")
SCHEMES = {"http", "https"}


def linked(text: str) -> Markup:
    """Return text as safe HTML in which http and https addresses are links; white space stays as it is."""
    return Markup("".join(_pieces(text)))  # noqa: S704 - every piece is escaped


def _pieces(text: str) -> Iterator[str]:
    end = 0
    for found in islice(ADDRESS.finditer(text), MAX_LINKS):
        address = _without_punctuation(found.group())
        if safe_url(address) is None:
            continue
        shown = escape(address)
        yield escape(text[end : found.start()])
        yield f'<a href="{shown}" target="_blank" rel="noopener nofollow noreferrer">{shown}</a>'
        end = found.start() + len(address)
    yield escape(text[end:])


def _without_punctuation(address: str) -> str:
    """Leave out what ends the sentence rather than the address; a bracket counts when it was opened inside."""
    surplus = {last: address.count(last) - address.count(first) for last, first in CLOSING.items()}
    end = len(address)
    while end and (last := address[end - 1]) in ENDINGS and surplus.get(last, 1) > 0:
        end -= 1
        if last in CLOSING:
            surplus[last] -= 1
    return address[:end]


def safe_url(text: object) -> str | None:
    """Return an http or https address that a link may carry, or None for anything else.

    `https://bank.example@evil.example` leads to the second and looks like the first, so it is no link.
    """
    if not isinstance(text, str) or len(text) > MAX_ADDRESS_LENGTH or not text.isprintable():
        return None
    if HOST.match(text) is None:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    is_plain = parts.scheme.lower() in SCHEMES and parts.hostname and parts.username is None
    return text if is_plain else None
