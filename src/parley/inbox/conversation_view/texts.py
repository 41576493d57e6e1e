"""The text of a message with the images that stand in it."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from markupsafe import Markup

from parley.conversations.files.schemas import AttachmentOut
from parley.kernel.text.json_text import read_json
from parley.kernel.text.rich_content import page_html_of_rich

MOST_SHOWN = 100
"""How many images one text shows; one image may stand in many places."""


class TextPart(msgspec.Struct, frozen=True):
    """A piece of a text, or an image that stands between two of them."""

    text: str = ""
    image: AttachmentOut | None = None


class ShownText(msgspec.Struct, frozen=True):
    """A text in its parts, and the files that don't stand in it."""

    parts: Sequence[TextPart]
    other_files: Sequence[AttachmentOut]


def rich_text(rich_content: msgspec.Raw | dict[str, Any] | None) -> Markup:
    """Return the rich form of a message as safe HTML; empty where it says nothing that its text doesn't."""
    if rich_content is None:
        return Markup("")
    return page_html_of_rich(
        read_json(rich_content) if isinstance(rich_content, msgspec.Raw) else rich_content
    )


def shown_text(text: str, files: Sequence[AttachmentOut]) -> ShownText:
    """Return a text with its images in the places of their placeholders; files that aren't images are no part of it."""
    images = {one.placeholder: one for one in files if one.placeholder and one.thumbnail_url}
    if not images:
        return ShownText([TextPart(text)] if text else [], files)
    anywhere = re.compile("(" + "|".join(map(re.escape, images)) + ")")
    pieces = anywhere.split(text, maxsplit=MOST_SHOWN)
    # An image is a line of its own, so the end of the line that it stands in is none more.
    pieces[2::2] = [piece.removeprefix("\n") for piece in pieces[2::2]]
    parts = [
        TextPart(image=images[piece]) if at % 2 else TextPart(piece)
        for at, piece in enumerate(pieces)
        if piece
    ]
    shown = {part.image.id for part in parts if part.image}
    return ShownText(parts, [one for one in files if one.id not in shown])
