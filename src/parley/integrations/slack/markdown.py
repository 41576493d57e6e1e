"""From the Markdown that people type to Slack's mrkdwn, line by line. Whatever isn't markup is data."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from parley.integrations.slack.escaping import escaped, slack_link
from parley.kernel.text.html import safe_url

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_NESTING = 20
SIGNS = {"strong": "*", "em": "_", "s": "~"}
_HEADING = re.compile(r"#{1,6} +(.+)")
_ITEM = re.compile(r"( {0,8})[-*+] +(.+)")
_FENCE = "```"


@lru_cache(maxsize=1)
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    rules = ["emphasis", "strikethrough", "backticks", "link"]
    return MarkdownIt("zero", {"maxNesting": MAX_NESTING}).enable(rules)


def mrkdwn_of_markdown(text: str) -> str:
    """Return a typed text for Slack: bold, italic, strike, code, links, headings and lists as Slack marks them."""
    lines, is_code = [], False
    for line in text.split("\n"):
        if line.lstrip().startswith(_FENCE) and line.count(_FENCE) == 1:
            lines.append(_FENCE)
            is_code = not is_code
        else:
            lines.append(escaped(line) if is_code else _line(line))
    return "\n".join(lines)


def _line(line: str) -> str:
    if (heading := _HEADING.fullmatch(line)) and (title := heading[1].rstrip(" #")):
        return f"*{escaped(title)}*"
    if item := _ITEM.fullmatch(line):
        return f"{item[1]}• {_inline(item[2])}"
    return _inline(line)


def _inline(text: str) -> str:
    if not any(sign in text for sign in "*_~`["):
        return escaped(text)
    [block] = _parser().parseInline(text)
    return _shown(iter(block.children or ()))


def _shown(tokens: "Iterator[Token]") -> str:
    """Return what stands up to the end of a link, or of all."""
    parts: list[str] = []
    for token in tokens:
        name = token.type.partition("_")[0]
        if token.type == "link_close":
            break
        if token.type == "link_open":
            parts.append(_link(str(token.attrGet("href") or ""), _shown(tokens)))
        elif token.type == "code_inline":
            parts.append(f"`{escaped(token.content)}`")
        else:
            parts.append(SIGNS.get(name, "") or escaped(token.content))
    return "".join(parts)


def _link(href: str, text: str) -> str:
    url = safe_url(href)
    return slack_link(url, text or escaped(url)) if url else text
