"""JSON as SDKs really send it: made storable rather than refused.

NUL characters and lone surrogates become U+FFFD, numbers that no JSON has (NaN, infinities) become null.
"""

from typing import Any

from parley.kernel.errors import ParseFailed, TooLarge
from parley.kernel.text.json_text import (
    DEEP,
    MAX_DEPTH,
    is_deeper,
    repaired_json,
)
from parley.people.events.errors import CaptureTooLarge, UnparsableBody

AROUND_PROPERTIES = 3
"""Properties lie inside an event, which lies inside a list of a batch."""


def lenient_json(data: bytes) -> Any:
    """Return the value of JSON text, every text in it storable; raises NotParsed, and TooMuch for too many values."""
    try:
        return repaired_json(data, max_depth=MAX_DEPTH + AROUND_PROPERTIES)
    except TooLarge as error:
        raise CaptureTooLarge from error
    except ParseFailed as error:
        raise UnparsableBody(
            "the JSON is nested too deeply" if error.detail == DEEP else error.detail
        ) from error


def check_depth(value: Any, text: bytes) -> None:
    """Raise NotParsed when the value, whose JSON is `text`, is nested deeper than is allowed."""
    if text.count(b"{") + text.count(b"[") > MAX_DEPTH and is_deeper(value, MAX_DEPTH):
        raise UnparsableBody("the JSON is nested too deeply")
