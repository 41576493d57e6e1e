"""Files in the rich text of a message: PostHog's script knows no attachments, and draws images and links."""

from collections.abc import Sequence
from typing import Any

import msgspec

from parley.conversations.files.schemas import AttachmentOut
from parley.kernel.text.json_text import read_json
from parley.kernel.text.sizes import human_size

Node = dict[str, Any]


def with_files(
    rich_content: msgspec.Raw | None, content: str, attachments: Sequence[AttachmentOut]
) -> msgspec.Raw | Node | None:
    """Return the rich text of a message, a document of TipTap, with its files behind it; as it is where there are none."""
    if not attachments:
        return rich_content
    document = read_json(rich_content) if rich_content is not None else None
    if not isinstance(document, dict) or not isinstance(document.get("content"), list):
        document = {"type": "doc", "content": _paragraphs(content)}
    return {**document, "content": [*document["content"], *map(_node, attachments)]}


def _paragraphs(content: str) -> list[Node]:
    lines = content.split("\n") if content else []
    return [
        {"type": "paragraph", "content": [{"type": "text", "text": line}] if line else []} for line in lines
    ]


def _node(attachment: AttachmentOut) -> Node:
    if attachment.thumbnail_url is not None:
        return {"type": "image", "attrs": {"src": attachment.url, "alt": attachment.name}}
    words = f"{attachment.name} ({human_size(attachment.size)})"
    link = {"type": "link", "attrs": {"href": attachment.url}}
    return {"type": "paragraph", "content": [{"type": "text", "text": words, "marks": [link]}]}
