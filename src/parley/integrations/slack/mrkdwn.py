"""From Slack's markup, mrkdwn, to text and rich content, and back (https://docs.slack.dev/messaging/formatting-message-text).

Whatever isn't markup is data: in text for Slack `&`, `<` and `>` are escaped, so that no answer mentions a whole channel.
"""

import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any

from parley.integrations.slack.escaping import escaped, slack_link
from parley.integrations.slack.markdown import mrkdwn_of_markdown
from parley.kernel.text.html import safe_url

Node = dict[str, Any]
MAX_DEPTH = 20
_TAG = re.compile(r"<([^<>\n]{1,3000})>")
_PLACES = {"!here": "@here", "!channel": "@channel", "!everyone": "@everyone"}
_FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_MENTION = re.compile(r"<@([UW][A-Z0-9]{1,30})(?:\|[^<>]*)?>[ \t]*")
_EMPTY_LINES = re.compile(r"\n{2,}")
_QUOTE = re.compile(r"^(&gt;|>) ?")
_STYLES = (("*", "bold"), ("_", "italic"), ("~", "strike"))
# A sign is one of a style between spaces or punctuation, and next to what it is about.
_STYLED = {
    sign: re.compile(
        rf"(?<![\w{sign}]){re.escape(sign)}(?=\S)([^{sign}\n]+)(?<=\S){re.escape(sign)}(?![\w{sign}])"
    )
    for sign, _ in _STYLES
}
_MARKS = {"bold": "*", "italic": "_", "strike": "~", "code": "`"}


def mentioned_users(text: str) -> list[str]:
    """Return the ids of users whom a text mentions, each once."""
    return list(dict.fromkeys(_MENTION.findall(text)))


def without_mention(text: str, user_id: str) -> str:
    """Return a text without mentions of a user, such as of the bot that is called."""
    return _MENTION.sub(lambda found: "" if found[1] == user_id else found[0], text).strip()


def plain_text(text: str, names: Mapping[str, str]) -> str:
    """Return a message as plain text; `names` are those of the users whom it mentions, by id. Styles stay as typed."""
    return unescape(_TAG.sub(lambda found: _told(found[1], names), text))


def _told(inside: str, names: Mapping[str, str]) -> str:
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return f"@{label or names.get(target[1:], target[1:])}"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        place = _PLACES.get(target.partition("^")[0])
        return place or label or target[1:]
    address = target.removeprefix("mailto:")
    return f"{label} ({address})" if label and label not in (target, address) else address


def rich_content(text: str, names: Mapping[str, str]) -> Node | None:
    """Return a message as rich content; None where it has no style, link or code, so that its text says it all."""
    nodes: list[Node] = []
    at = 0
    for found in _FENCE.finditer(text):
        nodes += _paragraphs(text[at : found.start()], names)
        code = plain_text(found[1], names)
        nodes += [{"type": "codeBlock", "content": [{"type": "text", "text": code}]}] if code else []
        at = found.end()
    nodes += _paragraphs(text[at:], names)
    return {"type": "doc", "content": nodes} if any(map(_is_styled, nodes)) else None


def _is_styled(node: Node) -> bool:
    is_plain = node["type"] in ("doc", "paragraph", "text", "hardBreak") and "marks" not in node
    return not is_plain or any(map(_is_styled, node.get("content", ())))


def _paragraphs(text: str, names: Mapping[str, str]) -> list[Node]:
    found: list[Node] = []
    for block in _EMPTY_LINES.split(text.strip("\n")):
        lines = block.split("\n")
        is_quote = all(line.startswith(("&gt;", ">")) for line in lines)
        if is_quote:
            lines = [_QUOTE.sub("", line) for line in lines]
        content: list[Node] = []
        for line in lines:
            content += [{"type": "hardBreak"}] if content else []
            content += _inline(line, names)
        if content:
            paragraph = {"type": "paragraph", "content": content}
            found.append({"type": "blockquote", "content": [paragraph]} if is_quote else paragraph)
    return found


def _inline(text: str, names: Mapping[str, str]) -> list[Node]:
    """Return a line as nodes: first code, in which nothing else counts, then links, then styles."""
    return _split(
        text,
        _CODE,
        lambda found: [_text(plain_text(found[1], names), "code")],
        lambda rest: _linked(rest, names),
    )


def _linked(text: str, names: Mapping[str, str]) -> list[Node]:
    def node(found: re.Match[str]) -> list[Node]:
        target, _, label = found[1].partition("|")
        url = safe_url(unescape(target))
        if url is None:
            return [_text(unescape(_told(found[1], names)))]
        mark = {"type": "link", "attrs": {"href": url}}
        shown = unescape(label)
        # A text that looks like another address must not hide where the link leads.
        shown = shown if shown and "://" not in shown else url
        return [{"type": "text", "text": shown, "marks": [mark]}]

    return _split(text, _TAG, node, lambda rest: _styled(rest, 0))


def _styled(text: str, depth: int) -> list[Node]:
    if depth == len(_STYLES):
        return [_text(unescape(text))] if text else []
    mark, style = _STYLES[depth]

    def node(found: re.Match[str]) -> list[Node]:
        return [_with_mark(one, style) for one in _styled(found[1], depth + 1)]

    return _split(text, _STYLED[mark], node, lambda rest: _styled(rest, depth + 1))


def _split(text: str, form: re.Pattern[str], inside: Any, outside: Any) -> list[Node]:
    nodes: list[Node] = []
    at = 0
    for found in form.finditer(text):
        nodes += outside(text[at : found.start()]) if found.start() > at else []
        nodes += inside(found)
        at = found.end()
    return nodes + (outside(text[at:]) if at < len(text) else [])


def _text(text: str, *marks: str) -> Node:
    return {"type": "text", "text": text} | ({"marks": [{"type": one} for one in marks]} if marks else {})


def _with_mark(node: Node, mark: str) -> Node:
    return {**node, "marks": [*node.get("marks", ()), {"type": mark}]}


def mrkdwn_of(content: str, rich: Any) -> str:
    """Return an answer for Slack: its rich form where that shows something, else its text, which may have Markdown."""
    return (_mrkdwn(rich, 0).strip("\n") if isinstance(rich, Mapping) else "") or mrkdwn_of_markdown(content)


def _children(node: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    content = node.get("content")
    return [one for one in content if isinstance(one, Mapping)] if isinstance(content, list) else []


def _mrkdwn(node: Mapping[str, Any], depth: int) -> str:
    if depth > MAX_DEPTH:
        return ""
    kind, text = node.get("type"), node.get("text")
    if kind == "text":
        return _marked(text, node.get("marks")) if isinstance(text, str) else ""
    if kind in ("bulletList", "orderedList"):
        return _list(node, depth)
    inside = "".join(_mrkdwn(one, depth + 1) for one in _children(node))
    if kind == "codeBlock":
        return f"```\n{inside}\n```\n\n"
    if kind == "blockquote":
        return "".join(f"> {line}\n" for line in inside.strip("\n").split("\n")) + "\n"
    if kind == "heading":
        return f"*{inside}*\n\n" if inside.strip() else ""
    if kind == "image":
        return _image(node)
    return {"paragraph": f"{inside}\n\n", "hardBreak": "\n", "horizontalRule": "———\n\n"}.get(
        str(kind), inside
    )


def _list(node: Mapping[str, Any], depth: int) -> str:
    lines = []
    for number, item in enumerate(_children(node), 1):
        first = f"{number}. " if node.get("type") == "orderedList" else "• "
        inside = _mrkdwn(item, depth + 1).strip("\n").replace("\n\n", "\n").split("\n")
        lines += [first + inside[0], *("    " + line for line in inside[1:])]
    return "".join(f"{line}\n" for line in lines) + "\n"


def _image(node: Mapping[str, Any]) -> str:
    attributes = node.get("attrs")
    if not isinstance(attributes, Mapping) or (source := safe_url(attributes.get("src"))) is None:
        return ""
    shown = attributes.get("alt")
    return slack_link(source, escaped(shown) if isinstance(shown, str) and shown else "image")


def _marked(text: str, marks: Any) -> str:
    """Return a text with its styles; spaces at its ends stay outside, since Slack sees no style before or behind one."""
    shown, kinds = (
        escaped(text),
        [one for one in (marks if isinstance(marks, list) else ()) if isinstance(one, Mapping)],
    )
    inside = shown.strip()
    if not inside:
        return shown
    before, after = shown[: len(shown) - len(shown.lstrip())], shown[len(shown.rstrip()) :]
    for mark in kinds:
        sign = _MARKS.get(str(mark.get("type")))
        inside = f"{sign}{inside}{sign}" if sign else inside
    for mark in kinds:
        attributes = mark.get("attrs")
        is_link = mark.get("type") == "link" and isinstance(attributes, Mapping)
        url = safe_url(attributes.get("href")) if is_link and isinstance(attributes, Mapping) else None
        inside = slack_link(url, inside) if url else inside
    return before + inside + after
