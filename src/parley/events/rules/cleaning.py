"""JSON as SDKs really send it: made storable rather than refused.

NUL characters and lone surrogates become U+FFFD, numbers that no JSON has (NaN, infinities) become null.
"""

import json
import math
from typing import Any

import msgspec

from parley.events.errors import NotParsed
from parley.kernel.text import storable

MAX_DEPTH = 64
MAX_DIGITS = 300
TOO_DEEP = "the JSON is nested too deeply"


def json_of(data: bytes) -> Any:
    """Return the value of JSON text, every text in it storable; raises NotParsed."""
    try:
        found = msgspec.json.decode(data)
    except RecursionError as error:
        raise NotParsed(TOO_DEEP) from error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _storable(_lenient(data))
    return _storable(found) if b"\\u0000" in data else found


def check_depth(value: Any, text: bytes) -> None:
    """Raise NotParsed when the value, whose JSON is `text`, is nested deeper than is allowed."""
    if text.count(b"{") + text.count(b"[") <= MAX_DEPTH:
        return
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    raise NotParsed(TOO_DEEP)


def _lenient(data: bytes) -> Any:
    try:
        return json.loads(
            data.decode("utf-8-sig", "replace"),
            strict=False,  # lets control characters pass inside of texts
            parse_constant=lambda _: None,
            parse_float=_float,
            parse_int=_int,
        )
    except RecursionError as error:
        raise NotParsed(TOO_DEEP) from error
    except json.JSONDecodeError as error:
        raise NotParsed(f"{error.msg} at character {error.pos}") from error


def _float(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


def _int(text: str) -> int | float | None:
    return int(text) if len(text) <= MAX_DIGITS else None


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    return value
