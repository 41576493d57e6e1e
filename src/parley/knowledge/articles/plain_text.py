"""An article as plain text, section by section, for whoever quotes it in a message."""

from collections.abc import Sequence
from typing import Any

import msgspec

from parley.kernel.text.markdown import parsed


class Section(msgspec.Struct, frozen=True):
    """A heading, empty before the first one, and the text up to the next; lists keep their signs, links their addresses.

    `markdown` is the same text as it is written.
    """

    heading: str
    text: str
    markdown: str


def sections_of(content: str) -> list[Section]:
    """Return the sections of an article that have text."""
    found: list[Section] = []
    lines: list[str] = []
    heading, in_heading, marker = "", False, ""
    written, begin = content.splitlines(), 0
    for token in parsed(content):
        if token.type == "heading_open":
            first, behind = token.map or (begin, begin)
            found.append(_section(heading, lines, written[begin:first]))
            heading, lines, in_heading, begin = "", [], True, behind
        elif token.type == "heading_close":
            in_heading = False
        elif token.type == "list_item_open":
            marker = f"{token.info}. " if token.info else "- "
        elif token.type in ("fence", "code_block"):
            lines.append(token.content.strip("\n"))
        elif token.type == "inline" and in_heading:
            heading = _text(token.children or ())
        elif token.type == "inline":
            text = marker + _text(token.children or ())
            if (
                marker
                and lines
                and lines[-1].startswith(("- ", marker[:1]))
                and lines[-1][:1] in "-0123456789"
            ):
                lines[-1] += f"\n{text}"
            else:
                lines.append(text)
            marker = ""
    found.append(_section(heading, lines, written[begin:]))
    return [section for section in found if section.text]


def _section(heading: str, texts: Sequence[str], written: Sequence[str]) -> Section:
    return Section(heading, "\n\n".join(texts).strip(), "\n".join(written).strip("\n"))


def _text(children: Sequence[Any]) -> str:
    parts: list[str] = []
    link = ""
    for token in children:
        if token.type in ("text", "code_inline"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append(" " if token.type == "softbreak" else "\n")
        elif token.type == "link_open":
            link, begin = str(token.attrs.get("href", "")), len(parts)
        elif token.type == "link_close" and link not in ("", "".join(parts[begin:])):
            parts.append(f" ({link})")
    return "".join(parts)
