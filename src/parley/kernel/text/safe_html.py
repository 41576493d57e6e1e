"""HTML of strangers: made harmless, and read as text.

A sanitised page has no script, no style sheet, no form, no frame, and loads nothing from anywhere: an image is shown
when it is a file of the same mail (`cid:`); the address of any other stands in `data-remote-src`.
"""

import re
from functools import lru_cache

TAGS = {
    *(
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
    ),
    *(
        "dd",
        "del",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
    ),
    *("ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "small", "span"),
    *(
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
    ),
    *("var", "wbr"),
}
SIZED = {"align", "valign", "width", "height"}
ATTRIBUTES: dict[str, set[str]] = {
    "*": {"dir", "lang", "title", "style"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "font": {"color", "size"},
    "ol": {"start", "type"},
    "table": {"border", "cellpadding", "cellspacing", *SIZED},
    **dict.fromkeys(("tr", "col", "colgroup", "div", "p"), SIZED),
    **{tag: {"colspan", "rowspan", *SIZED} for tag in ("td", "th")},
}
# None of them takes an address, moves an element over others or hides it.
STYLES = {
    *("color", "background-color", "font-weight", "font-style", "text-align", "text-decoration"),
    *("white-space", "list-style-type", "vertical-align"),
}
WITHOUT_CONTENT = {
    *("script", "style", "title", "head", "noscript", "template", "iframe", "object", "svg", "math"),
    *("textarea", "select", "video", "audio", "xmp", "noembed", "noframes", "plaintext"),
}
SCHEMES = {"http", "https", "mailto", "tel", "cid"}
REMOTE = "x-parley-remote"
"""A scheme that stands before the address of an image until its attribute is renamed; no browser knows it."""

DECLARATION = re.compile(
    r"\s*([a-z-]{2,30})\s*:\s*([#\w.,% -]{1,80}|rgba?\([0-9., %]{1,40}\))\s*(?:!important\s*)?", re.IGNORECASE
)
REMOTE_URL = re.compile(r"\s*(https?:)?//", re.IGNORECASE)
MAX_TITLE_CHARS = 500


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if value.lower().startswith("cid:") else _remote(value)
    if name == "href":
        return None if value.lower().startswith(("cid:", REMOTE)) else value
    if name == "style":
        return _style(value)
    return value[:MAX_TITLE_CHARS]


def _remote(url: str) -> str | None:
    found = REMOTE_URL.match(url)
    if found is None:
        return None
    return f"{REMOTE}:{'' if found[1] else 'https:'}{url.strip()}"


def _style(value: str) -> str | None:
    """Return the declarations that neither call anything nor load anything."""
    found = map(DECLARATION.fullmatch, value[:2000].split(";"))
    kept = [
        f"{style[1].lower()}:{style[2].strip()}" for style in found if style and style[1].lower() in STYLES
    ]
    return ";".join(kept) or None


@lru_cache(maxsize=1)
def _cleaner():  # type: ignore[no-untyped-def]
    import nh3  # only the processes that read mail need it

    return nh3.Cleaner(
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        clean_content_tags=WITHOUT_CONTENT,
        filter_style_properties=STYLES,
        url_schemes=SCHEMES | {REMOTE},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def sanitized(html: str) -> str:
    """Return HTML that is safe to show in a page of ours."""
    clean: str = _cleaner().clean(html)
    return clean.replace(f' src="{REMOTE}:', ' data-remote-src="')
