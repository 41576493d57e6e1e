"""From `rich_content` to HTML and text, for mail and for our pages.

The nodes and marks are those that the widget of posthog-js draws, and mentions. Everything here is built from escaped
text: no tag, attribute or style of the stored content gets through, and links and images only as http or https addresses.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

import msgspec
from markupsafe import Markup

from parley.kernel.text.forms import folded
from parley.kernel.text.html import linked, safe_url

MAX_DEPTH = 20
"""As in the widget: what is nested deeper is left out."""

Node = Mapping[str, Any]

_MARKS = {"bold": "strong", "italic": "em", "underline": "u", "strike": "s", "code": "code"}
_BLOCKS = {
    "paragraph": "p",
    "bulletList": "ul",
    "orderedList": "ol",
    "listItem": "li",
    "blockquote": "blockquote",
}
_ADDRESS_LIKE, _SCHEME = re.compile(r"\w[.\u3002]\w"), re.compile(r"^https?://")
_MENTIONS = ("mention", "ph-mention")
NODES = frozenset({"doc", "text", "hardBreak", "codeBlock", "mention", *_BLOCKS})
MARKS = frozenset({"link", *_MARKS})
"""What our editor makes; `rich_content` of other programs may hold more."""


class _Place(msgspec.Struct, frozen=True):
    """Where the HTML is shown: mail loads images from anywhere, and our pages load none and open links in a new tab."""

    link: str
    is_page: bool


_MAIL = _Place('rel="noopener noreferrer"', is_page=False)
_PAGE = _Place('target="_blank" rel="noopener nofollow noreferrer"', is_page=True)


def html_of_text(text: str) -> str:
    """Return plain text as HTML: paragraphs and lines as they are, addresses as links."""
    paragraphs = text.strip("\n").replace("\r\n", "\n").split("\n\n")
    return "".join(f"<p>{str(linked(one)).replace(chr(10), '<br>')}</p>" for one in paragraphs)


def html_of_rich(rich_content: Any) -> str:
    """Return `rich_content` as HTML for mail; empty where it shows nothing."""
    return _html(rich_content, 0, _MAIL) if isinstance(rich_content, Mapping) else ""


def page_html_of_rich(rich_content: Any) -> Markup:
    """Return `rich_content` as safe HTML for our own pages; empty where it says nothing.

    Images are left out, so that no page fetches anything from elsewhere: those of messages are attachments, too.
    """
    if not isinstance(rich_content, Mapping) or not text_of_rich(rich_content).strip():
        return Markup("")
    return Markup(_html(rich_content, 0, _PAGE))  # noqa: S704 - built of escaped text


def text_of_rich(rich_content: Any) -> str:
    """Return `rich_content` as plain text; empty where it shows nothing."""
    return _text(rich_content, 0).strip("\n") if isinstance(rich_content, Mapping) else ""


def _children(node: Node) -> Sequence[Node]:
    content = node.get("content")
    return [one for one in content if isinstance(one, Mapping)] if isinstance(content, list) else []


def _own_text(node: Node) -> str | None:
    text = node.get("text")
    return text if node.get("type") == "text" and isinstance(text, str) else None


def _attribute(node: Node, name: str) -> Any:
    attributes = node.get("attrs")
    return attributes.get(name) if isinstance(attributes, Mapping) else None


def _inside(node: Node, depth: int, render: Callable[[Node, int], str]) -> str:
    return "".join(render(one, depth + 1) for one in _children(node))


def _html(node: Node, depth: int, place: _Place) -> str:
    if depth > MAX_DEPTH:
        return ""
    text = _own_text(node)
    if text is not None:
        return _marked(text, node.get("marks"), place)
    kind = str(node.get("type"))
    if kind in _MENTIONS:
        return (
            f'<span class="mention">{escape(_mention(node))}</span>'
            if place.is_page
            else escape(_mention(node))
        )
    inside = _inside(node, depth, lambda one, deeper: _html(one, deeper, place))
    if kind in _BLOCKS:
        tag = _BLOCKS[kind]
        return f"<{tag}>{inside or '<br>'}</{tag}>" if tag == "p" else f"<{tag}>{inside}</{tag}>"
    if kind == "heading":
        tag = f"h{_level(node)}"
        return f"<{tag}>{inside}</{tag}>"
    if kind == "codeBlock":
        return f"<pre><code>{inside}</code></pre>"
    image = "" if place.is_page else _image(node)
    return {"hardBreak": "<br>", "horizontalRule": "<hr>", "image": image}.get(kind, inside)


def _mention(node: Node) -> str:
    """Return what a mention says; those of other programs may hold the id of a colleague only."""
    label = _attribute(node, "label")
    return f"@{label}" if isinstance(label, str) and label else "@colleague"


def _level(node: Node) -> int:
    level = _attribute(node, "level")
    return min(max(level, 1), 6) if isinstance(level, int) else 1


def _image(node: Node) -> str:
    source, shown = safe_url(_attribute(node, "src")), _attribute(node, "alt")
    if source is None:
        return ""
    return f'<img src="{escape(source)}" alt="{escape(shown) if isinstance(shown, str) else ""}">'


def _marked(text: str, marks: Any, place: _Place) -> str:
    known = [one for one in marks if isinstance(one, Mapping)] if isinstance(marks, list) else []
    is_plain = not any(one.get("type") in ("link", "code") for one in known)
    html = str(linked(text)) if place.is_page and is_plain else escape(text)
    for mark in known:
        kind = str(mark.get("type"))
        if kind in _MARKS:
            html = f"<{_MARKS[kind]}>{html}</{_MARKS[kind]}>"
        elif kind == "link" and (address := safe_url(_attribute(mark, "href"))) is not None:
            html = f'<a href="{escape(address)}" {place.link}>{html}</a>'
            if place.is_page and _looks_like_another(text, address):
                html += f" ({escape(address)})"
    return html


def _looks_like_another(text: str, address: str) -> bool:
    """Say whether the text of a link looks like an address, and not like the one to which it leads."""
    shown, target = (_SCHEME.sub("", folded(one).strip(), count=1).rstrip("/") for one in (text, address))
    if not _ADDRESS_LIKE.search(shown):
        return False
    return target != shown and not target.startswith((f"{shown}/", f"{shown}?", f"{shown}#"))


def _text(node: Node, depth: int) -> str:
    if depth > MAX_DEPTH:
        return ""
    text = _own_text(node)
    if text is not None:
        return _with_addresses(text, node.get("marks"))
    kind = str(node.get("type"))
    if kind in ("bulletList", "orderedList"):
        return _list_text(node, depth) + "\n"
    if kind in _MENTIONS:
        return _mention(node)
    inside = _inside(node, depth, _text)
    if kind == "blockquote":
        return "".join(f"> {line}\n" for line in inside.strip("\n").split("\n")) + "\n"
    if kind in ("paragraph", "heading", "codeBlock"):
        return f"{inside}\n\n"
    return {"hardBreak": "\n", "horizontalRule": "---\n\n", "image": _image_text(node)}.get(kind, inside)


def _list_text(node: Node, depth: int) -> str:
    lines = []
    for number, item in enumerate(_children(node), 1):
        first = f"{number}. " if node.get("type") == "orderedList" else "- "
        inside = _text(item, depth + 1).strip("\n").replace("\n\n", "\n").split("\n")
        lines += [first + inside[0], *(" " * len(first) + line for line in inside[1:])]
    return "".join(f"{line}\n" for line in lines)


def _with_addresses(text: str, marks: Any) -> str:
    """Return a text with the addresses of its links behind it, unless it shows them itself."""
    found = [
        address
        for mark in (marks if isinstance(marks, list) else ())
        if isinstance(mark, Mapping) and mark.get("type") == "link"
        and (address := safe_url(_attribute(mark, "href"))) is not None and address not in text
    ]  # fmt: skip
    return text + "".join(f" ({address})" for address in found)


def _image_text(node: Node) -> str:
    source, shown = safe_url(_attribute(node, "src")), _attribute(node, "alt")
    return f"[{shown if isinstance(shown, str) and shown else 'image'}: {source}]" if source else ""
