"""From an article's Markdown to a document of the editor, so that its formatting comes along."""

from typing import TYPE_CHECKING, Any

from parley.kernel.text.html import safe_url
from parley.kernel.text.markdown import parsed

if TYPE_CHECKING:
    from markdown_it.token import Token

Node = dict[str, Any]

BLOCKS = {
    "paragraph": "paragraph",
    "heading": "paragraph",  # messages have no headings
    "bullet_list": "bulletList",
    "ordered_list": "orderedList",
    "list_item": "listItem",
    "blockquote": "blockquote",
    "tr": "paragraph",  # nor tables
}
MARKS = {"strong": "bold", "em": "italic", "s": "strike"}
BOLD = {"type": "bold"}


def document_of(content: str) -> Node:
    """Return Markdown as a document; headings become bold lines, and rows of tables lines with bars."""
    document: Node = {"type": "doc", "content": []}
    above = [document]
    is_heading = False
    for token in parsed(content):
        kind, _, end = token.type.rpartition("_")
        if kind == "heading":
            is_heading = end == "open"
        if kind in BLOCKS and end == "open":
            above.append(_opened(kind, token))
        elif kind in BLOCKS and end == "close":
            _close(above.pop(), above[-1])
        elif token.type == "inline":
            before = [_text(" | ", [])] if above[-1]["content"] else []
            above[-1]["content"] += before + _inline(token.children or (), [BOLD] if is_heading else [])
        elif token.type in ("fence", "code_block") and token.content.strip("\n"):
            code = {"type": "codeBlock", "content": [_text(token.content.strip("\n"), [])]}
            above[-1]["content"].append(code)
    return document


def _opened(kind: str, token: "Token") -> Node:
    made: Node = {"type": BLOCKS[kind], "content": []}
    if kind == "ordered_list" and "start" in token.attrs:
        made["attrs"] = {"start": token.attrs["start"]}
    return made


def _close(node: Node, parent: Node) -> None:
    """Put a block that is over into the one around it, unless it is empty where the editor knows no empty one."""
    inside = node["content"]
    if node["type"] == "listItem" and (not inside or inside[0]["type"] != "paragraph"):
        inside.insert(0, {"type": "paragraph"})
    if inside:
        parent["content"].append(node)


def _inline(tokens: "list[Token] | tuple[()]", outer: list[Node]) -> list[Node]:
    nodes: list[Node] = []
    marks = list(outer)
    address = ""  # of a link that the editor can't have
    for token in tokens:
        kind, _, end = token.type.rpartition("_")
        if token.type == "text" and token.content:
            nodes.append(_text(token.content, marks))
        elif token.type == "code_inline":
            nodes.append(_text(token.content, [{"type": "code"}]))
        elif token.type == "softbreak":
            nodes.append(_text(" ", marks))
        elif token.type == "hardbreak":
            nodes.append({"type": "hardBreak"})
        elif kind in MARKS and end == "open":
            marks.append({"type": MARKS[kind]})
        elif kind in MARKS:
            marks.remove({"type": MARKS[kind]})
        elif token.type == "link_open":
            given = str(token.attrs.get("href", ""))
            found = safe_url(given)
            address = "" if found else given
            marks = [*marks, {"type": "link", "attrs": {"href": found}}] if found else marks
        elif token.type == "link_close":
            marks = [one for one in marks if one["type"] != "link"]
            nodes += [_text(f" ({address})", marks)] if address else []
    return nodes


def _text(text: str, marks: list[Node]) -> Node:
    once = [mark for at, mark in enumerate(marks) if mark not in marks[:at]]
    return {"type": "text", "text": text, **({"marks": once} if once else {})}
