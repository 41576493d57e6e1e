"""Images that stand in the text of a mail (RFC 2392): in plain text each has a placeholder, such as `[logo.png]`."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from parley.email.parsing.schemas import ParsedAttachment

MENTION = re.compile(r"\[(?:cid:([^\s\[\]]{1,300})|image: ([^\[\]\n]{1,200}))\]", re.IGNORECASE)
"""How Outlook and Gmail write in the plain text that an image stands there in the HTML."""
PLACEHOLDER = re.compile(r"\[[^\[\]\n]{1,100}\]")
NOT_IN_NAMES = re.compile(r"[\s\[\]<>]+")
UNKNOWN = "[image]"
LONGEST_NAME = 80


class InlineImages(Struct, frozen=True):
    """The placeholders of the files of a mail that have a content id, by this id and by name, in their order."""

    by_content_id: Mapping[str, str]
    by_name: Mapping[str, Sequence[str]]

    def in_text(self, text: str) -> str:
        """Return plain text with placeholders in the place of what mail programs write; no content id is left in it."""
        n_shown: dict[str, int] = {}

        def placeholder(found: re.Match[str]) -> str:
            if found[1]:
                return self.of_content_id(found[1]) or UNKNOWN
            name = found[2].strip()
            known, at = self.by_name.get(name, ()), n_shown.get(name, 0)
            n_shown[name] = at + 1
            return known[at] if at < len(known) else found[0]

        return MENTION.sub(placeholder, text)

    def of_content_id(self, content_id: str) -> str | None:
        """Return the placeholder of a file; in an address its id may be percent-encoded."""
        return self.by_content_id.get(content_id) or self.by_content_id.get(unquote(content_id))


def inline_images(attachments: Sequence[ParsedAttachment]) -> InlineImages:
    """Return the placeholders of files; no two have the same one. Of two files with one content id the first counts."""
    by_content_id: dict[str, str] = {}
    by_name: dict[str, list[str]] = {}
    n_named: dict[str, int] = {}
    for one in attachments:
        if one.content_id is None or one.content_id in by_content_id:
            continue
        name = NOT_IN_NAMES.sub(" ", one.name).strip()[:LONGEST_NAME] or "image"
        n_named[name] = n_named.get(name, 0) + 1
        placeholder = f"[{name}]" if n_named[name] == 1 else f"[{name}, {n_named[name]}]"
        by_content_id[one.content_id] = placeholder
        by_name.setdefault(one.name.strip(), []).append(placeholder)
    return InlineImages(by_content_id, by_name)


def with_placeholders(
    attachments: Sequence[ParsedAttachment], images: InlineImages, text: str
) -> tuple[ParsedAttachment, ...]:
    """Return files that say where in the text they stand; only those that do are inline beyond doubt."""
    shown = set(PLACEHOLDER.findall(text))
    found = [images.by_content_id.get(one.content_id or "") for one in attachments]
    return tuple(
        replace(one, placeholder=placeholder, is_inline=True) if placeholder in shown else one
        for one, placeholder in zip(attachments, found, strict=True)
    )
