"""CSS selectors by which recorders hide parts of a page. One that browsers don't understand hides nothing."""

import re
import warnings

from parley.kernel.errors import Invalid

_QUIET = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|/\*.*?\*/|\\.', re.DOTALL)
_NOT_IN_BROWSERS = re.compile(
    r"!=|[\w-]\s*\|(?!=)|=[^\]]*\ss\s*\]|:-soup-|:lang\(\s*[),*]|"
    r":(?:contains|matches|current|past|future|paused|playing|muted|seeking|stalled|buffering|volume-locked|"
    r"local-link|target-within)\b",
    re.IGNORECASE,
)
"""What the parser takes beyond browsers: its own additions, namespaces, and what few browsers have."""


def check_selector(text: str, attr: str) -> None:
    """Raise Invalid for a text that isn't a selector, or that not every browser of today understands."""
    import soupsieve  # takes 60 ms to load, and is seldom needed

    try:
        with warnings.catch_warnings(action="ignore"):
            soupsieve.compile(text)
    except (soupsieve.SelectorSyntaxError, ValueError, NotImplementedError, RecursionError) as error:
        raise _not_a_selector(attr) from error
    if _NOT_IN_BROWSERS.search(_QUIET.sub(" ", text)):
        raise _not_a_selector(attr)


def _not_a_selector(attr: str) -> Invalid:
    return Invalid(
        "Browsers don't understand this CSS selector, so nothing would be hidden. Write one such as .address or #total, "
        "and separate several by commas.",
        attr=attr,
    )
