"""From Markdown to HTML that is safe to show beside anything."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
MAX_NESTING = 20


@lru_cache(maxsize=1)
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    # Raw HTML stays text. Images are left out: whoever reads an article would tell another server so.
    options = {"html": False, "maxNesting": MAX_NESTING}
    return MarkdownIt("commonmark", options).enable(["table", "strikethrough"]).disable("image")


def parsed(text: str) -> "Sequence[Token]":
    """Return an article's content as the tokens of its blocks."""
    return _parser().parse(text)


def html_of(text: str) -> Markup:
    """Return an article's content as HTML; the time grows with its length, so call it in a thread for long texts."""
    import nh3

    clean = nh3.clean(
        _parser().render(text),
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener nofollow noreferrer",
    )
    return Markup(clean)  # noqa: S704 - it was sanitised in the line before
