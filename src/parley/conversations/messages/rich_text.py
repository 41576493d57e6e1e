"""What the editor of the form sends: made anew of known nodes and marks, and reduced to text where that says it all."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from parley.conversations.tickets.rules.comments import MAX_RICH_CONTENT
from parley.kernel.errors import AppError, Invalid
from parley.kernel.http.body import refuse_nul
from parley.kernel.text.html import safe_url
from parley.kernel.text.json_text import strict_json
from parley.kernel.text.rich_content import MARKS, MAX_DEPTH, NODES, text_of_rich

TOO_LARGE = "This is too long with its formatting: 100 KB is the most."
UNREADABLE = "The formatting of this text can't be read. Please write it again, or reload the page."
BAD_LINK = "A link leads to an address that isn't allowed. It must begin with https:// or http://."
TOO_DEEP = "Lists and quotes lie too deep inside each other here."
_PLAIN = {"doc", "paragraph", "text", "hardBreak"}


class Written(msgspec.Struct, frozen=True):
    """What somebody has written: its text, and its rich form where the text doesn't say it all."""

    content: str
    rich_content: dict[str, Any] | None = None


def written(content: str, rich_text: str) -> Written:
    """Return what a form holds: the document of the editor where there is one, else the text field.

    Raises Invalid for a document that is too large, and for what no editor of ours makes.
    """
    if not rich_text:
        return Written(content)
    if len(rich_text.encode("utf-8", "surrogatepass")) > MAX_RICH_CONTENT:
        raise Invalid(TOO_LARGE, code="max_length", attr="content")
    try:
        given = strict_json(rich_text.encode("utf-8", "surrogatepass"))
        refuse_nul({"content": given})
    except AppError as error:
        raise Invalid(UNREADABLE, attr="content") from error
    if not isinstance(given, dict) or given.get("type") != "doc":
        raise Invalid(UNREADABLE, attr="content")
    document = _without_empty_ends(_node(given, 0))
    text = text_of_rich(document)
    return Written(text) if _is_plain(document) else Written(text, document)


def appended(rich_text: str, text: str) -> str:
    """Return the document of the editor with paragraphs behind it, as JSON; empty where plain text says it all."""
    try:
        document = written("", rich_text).rich_content
    except Invalid:
        return ""
    if document is None:
        return ""
    return msgspec.json.encode({**document, "content": [*document["content"], *paragraphs_of(text)]}).decode()


def paragraphs_of(text: str) -> list[dict[str, Any]]:
    """Return plain text as nodes of the editor: an empty line ends a paragraph."""
    return [{"type": "paragraph", "content": _lines(one)} for one in text.split("\n\n") if one]


def readable(rich_content: Any) -> str:
    """Return a stored document as JSON for the editor; empty where it is none that the editor knows."""
    if not rich_content:
        return ""
    rich_text = msgspec.json.encode(rich_content).decode()
    try:
        written("", rich_text)
    except Invalid:
        return ""
    return rich_text


def _lines(text: str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for at, line in enumerate(text.split("\n")):
        lines += [{"type": "hardBreak"}] if at else []
        lines += [{"type": "text", "text": line}] if line else []
    return lines


def _node(given: Any, depth: int) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        raise Invalid(TOO_DEEP, attr="content")
    kind = _kind(given)
    if kind is None or kind not in NODES:
        raise _unknown(kind)
    made: dict[str, Any] = {"type": kind}
    if kind == "text":
        if not isinstance(given.get("text"), str) or not given["text"]:
            raise Invalid(UNREADABLE, attr="content")
        made["text"] = given["text"]
    if attributes := _attributes(kind, given.get("attrs")):
        made["attrs"] = attributes
    if inside := [_node(one, depth + 1) for one in _listed(given.get("content"))]:
        made["content"] = inside
    if marks := [_mark(one) for one in _listed(given.get("marks"))]:
        made["marks"] = marks
    return made


def _attributes(kind: str, given: Any) -> dict[str, Any]:
    """Return what counts of the attributes of a node: whom a mention is of, and where a list begins."""
    given = given if isinstance(given, Mapping) else {}
    if kind == "mention":
        id, label = given.get("id"), given.get("label")
        if not isinstance(id, str) or not isinstance(label, str) or len(id) > 20 or len(label) > 400:
            raise Invalid(UNREADABLE, attr="content")
        return {"id": id, "label": label}
    start = given.get("start")
    return {"start": start} if kind == "orderedList" and type(start) is int and 0 <= start < 10**6 else {}


def _mark(given: Any) -> dict[str, Any]:
    kind = _kind(given)
    if kind is None or kind not in MARKS:
        raise _unknown(kind)
    if kind != "link":
        return {"type": kind}
    attributes = given.get("attrs")
    address = safe_url(attributes.get("href")) if isinstance(attributes, dict) else None
    if address is None:
        raise Invalid(BAD_LINK, attr="content")
    return {"type": "link", "attrs": {"href": address}}


def _listed(given: Any) -> Iterable[Any]:
    if given is None:
        return ()
    if not isinstance(given, list):
        raise Invalid(UNREADABLE, attr="content")
    return given


def _kind(given: Any) -> str | None:
    kind = given.get("type") if isinstance(given, dict) else None
    return kind if isinstance(kind, str) else None


def _unknown(kind: str | None) -> Invalid:
    what = f"“{kind[:40]}”" if kind and kind.isprintable() else "something unknown"
    return Invalid(
        f"A message can't hold {what}. Please take it out, or write it without formatting.", attr="content"
    )


def _without_empty_ends(document: dict[str, Any]) -> dict[str, Any]:
    nodes = list(document.get("content", ()))
    for at in (0, -1):
        while nodes and nodes[at] == {"type": "paragraph"}:
            del nodes[at]
    return {"type": "doc", "content": nodes}


def _is_plain(node: dict[str, Any]) -> bool:
    return node["type"] in _PLAIN and "marks" not in node and all(map(_is_plain, node.get("content", ())))
