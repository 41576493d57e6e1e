"""HTML as plain text: what is quoted gets `> ` before it, so that it can be told apart afterwards.

It reads what the sanitiser wrote, which is well formed. That is several times faster than libraries that read any HTML.
"""

import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser

BLOCKS = {
    *(
        "div",
        "p",
        "table",
        "tr",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "blockquote",
        "center",
        "caption",
        "pre",
    ),
    *("h1", "h2", "h3", "h4", "h5", "h6"),
}
SPACED = {"p", "ul", "ol", "dl", "table", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"}
"""Blocks with an empty line before and after."""

TAG = re.compile(r"<[^<>]*>")
SPACES = re.compile(r"[ \t\r\n\f]+")
MAX_QUOTES, MAX_EMPTY = 8, 2
RULER = "-" * 20


class _Text(HTMLParser):
    def __init__(self, image_text: Callable[[str], str | None]) -> None:
        super().__init__(convert_charrefs=True)
        self.image_text = image_text
        self.lines: list[str] = []
        self.line: list[str] = []
        self.wants_space = False
        self.is_gap_due = False
        self.n_quotes = 0
        self.n_quotes_of_gap = 0
        self.n_empty = 0
        self.n_preformatted = 0
        self.lists: list[int | None] = []
        self.links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self._break(is_spaced=tag in SPACED and not (tag in ("ul", "ol") and self.lists))
        if tag == "br":
            self._end_line()
        elif tag == "hr":
            self._break(is_spaced=False)
            self._write(RULER)
            self._break(is_spaced=False)
        elif tag == "blockquote":
            self.n_quotes += 1
        elif tag == "pre":
            self.n_preformatted += 1
        elif tag in ("ul", "ol"):
            self.lists.append(1 if tag == "ol" else None)
        elif tag == "li":
            self._write(self._bullet())
        elif tag in ("td", "th") and self.line:
            self.wants_space = True
        elif tag == "a":
            self.links.append((dict(attrs).get("href") or "", len(self.line)))
        elif tag == "img":
            self._write(self._image(dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.links:
            self._close_link(*self.links.pop())
        if tag in BLOCKS:
            self._break(is_spaced=tag in SPACED and not (tag in ("ul", "ol") and len(self.lists) > 1))
        if tag == "blockquote":
            self.n_quotes = max(0, self.n_quotes - 1)
        elif tag == "pre":
            self.n_preformatted = max(0, self.n_preformatted - 1)
        elif tag in ("ul", "ol") and self.lists:
            self.lists.pop()

    def handle_data(self, data: str) -> None:
        if self.n_preformatted:
            first, *rest = data.split("\n")
            self._write(first)
            for line in rest:
                self._end_line()
                self._write(line)
            return
        words = SPACES.sub(" ", data)
        if words.startswith(" ") and self.line:
            self.wants_space = True
        if words.strip(" "):
            self._write(words.strip(" "))
            self.wants_space = words.endswith(" ")

    def _image(self, attributes: dict[str, str | None]) -> str:
        scheme, _, content_id = (attributes.get("src") or "").partition(":")
        alt = SPACES.sub(" ", attributes.get("alt") or "").strip()
        placeholder = self.image_text(content_id) if scheme.lower() == "cid" else None
        return placeholder or (f"[{alt}]" if alt else "")

    def _bullet(self) -> str:
        number = self.lists[-1] if self.lists else None
        if number is None:
            return "- "
        self.lists[-1] = number + 1
        return f"{number}. "

    def _close_link(self, url: str, start: int) -> None:
        shown = "".join(self.line[start:]).strip()
        if url.startswith(("http://", "https://", "mailto:")) and shown and shown.rstrip("/") not in url:
            self._write(f" <{url}>")

    def _write(self, text: str) -> None:
        if not text:
            return
        if self.wants_space and self.line and not self.line[-1].endswith(" "):
            self.line.append(" ")
        self.wants_space = False
        self.line.append(text)

    def _break(self, *, is_spaced: bool) -> None:
        if self.line:
            self._end_line()
        if is_spaced and not self.is_gap_due:
            self.is_gap_due, self.n_quotes_of_gap = True, self.n_quotes

    def _end_line(self) -> None:
        text = "".join(self.line).rstrip()
        prefix = "> " * min(self.n_quotes, MAX_QUOTES)
        if self.is_gap_due and self.lines and text:
            self.lines.append(("> " * min(self.n_quotes_of_gap, self.n_quotes, MAX_QUOTES)).rstrip())
        self.is_gap_due = self.is_gap_due and not text
        if text or self.n_preformatted or self.n_empty < MAX_EMPTY:
            self.lines.append((prefix + text).rstrip())
        self.n_empty = 0 if text else self.n_empty + 1
        self.line, self.wants_space = [], False

    def text(self) -> str:
        self._break(is_spaced=False)
        return "\n".join(self.lines).strip("\n")


def text_of_html(clean: str, image_text: Callable[[str], str | None] = lambda content_id: None) -> str:
    """Return the text of HTML that the sanitiser wrote; `image_text` says what stands for an image with a content id."""
    reader = _Text(image_text)
    reader.feed(clean)
    reader.close()
    return reader.text()


def rough_text(html: str) -> str:
    """Return what stands between the tags of any HTML, for a page that is too much for a sanitiser; linear in time."""
    lines = (SPACES.sub(" ", line).strip() for line in unescape(TAG.sub(" ", html)).split("\n"))
    return "\n".join(line for line in lines if line)
