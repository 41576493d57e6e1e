"""JSON from outside: bounded before anything is built of it; what no database stores is named or repaired.

`strict_json` is for programs of the team, which read the answer and can mend what they send. `repaired_json` is for
visitors and SDKs, whose message would be lost. Neither builds more than `MAX_PARTS` values nor goes deeper than
`MAX_DEPTH`, so that one call takes less than 10 ms however few bytes spell it.
"""

import json
import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec

from parley.kernel.errors import Invalid, ParseFailed, TooLarge
from parley.kernel.text.forms import REPLACEMENT, SURROGATE, storable

MAX_DEPTH = 64
MAX_PARTS = 75_000
"""How many `[`, `{` and `,` a JSON text may have; those inside of its texts count, too."""
MAX_ESCAPES = 50_000
"""How many backslashes a text may have that isn't quite JSON, since Python's own reader makes a piece of each escape."""
MAX_DIGITS = 300
DEEP = "The JSON is nested too deeply."


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("Number out of range")
    return value


# msgspec reads some numbers, `1e308` among them, a hundred times slower than Python does.
read_json = msgspec.json.Decoder(float_hook=_number).decode
"""Return the value of JSON text that is known to be bounded, such as what is stored; raises msgspec.DecodeError."""


def json_reader(kind: Any) -> Callable[[bytes], Any]:
    """Return what reads JSON text that is known to be bounded into a type, as `read_json` does into plain values."""
    return msgspec.json.Decoder(kind, float_hook=_number).decode


@lru_cache
def _reader_of(names: tuple[str, ...]) -> msgspec.json.Decoder[Any]:
    fields: list[Any] = [
        (f"field_{n}", msgspec.Raw, msgspec.field(default=msgspec.Raw(), name=name))
        for n, name in enumerate(names)
    ]
    return msgspec.json.Decoder(type=msgspec.defstruct("Named", fields))


def texts_of(raw: bytes | str | msgspec.Raw, names: tuple[str, ...], most: int) -> dict[str, str]:
    """Return the texts that a JSON object has under these names, cut; nothing is built of all else in it."""
    found: tuple[msgspec.Raw, ...] = msgspec.structs.astuple(_reader_of(names).decode(raw))
    texts = [(name, bytes(value)) for name, value in zip(names, found, strict=True)]
    return {name: read_json(text)[:most] for name, text in texts if text[:1] == b'"'}


def strict_json(raw: bytes) -> Any:
    """Return the value; raises TooLarge, ParseFailed, or Invalid for a field whose value can't be stored."""
    check_structure(raw)
    try:
        found = read_json(raw)
    except RecursionError as error:
        raise ParseFailed(DEEP) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _name_the_field(raw)
        raise ParseFailed(f"JSON parse error - {error}"[:300]) from error
    _check_depth(found, raw)
    return found


def repaired_json(raw: bytes, *, nul: str = REPLACEMENT, max_depth: int = MAX_DEPTH) -> Any:
    """Return the value with everything in it storable; raises TooLarge and ParseFailed.

    Lone surrogates and broken UTF-8 become U+FFFD, NUL becomes `nul`, numbers that no JSON has become null.
    """
    check_structure(raw)
    try:
        found, is_json = read_json(raw), True
    except RecursionError as error:
        raise ParseFailed(DEEP) from error
    except (msgspec.DecodeError, UnicodeDecodeError):
        found, is_json = _lenient(raw), False
    _check_depth(found, raw, max_depth)
    return found if is_json and b"\\u0000" not in raw else repaired(found, nul=nul)


def check_structure(raw: bytes) -> None:
    """Raise TooLarge or ParseFailed for a text that would build too much; looks at each byte, and parses nothing."""
    opened = raw.count(b"[") + raw.count(b"{")
    if opened + raw.count(b",") <= MAX_PARTS:
        return
    if opened - raw.count(b"]") - raw.count(b"}") > MAX_DEPTH:
        raise ParseFailed(DEEP)
    raise TooLarge(f"The JSON has more than {MAX_PARTS} parts.")


def repaired(value: Any, *, nul: str = REPLACEMENT) -> Any:
    """Return a JSON value of bounded depth with everything in it storable, as `repaired_json` does."""
    if isinstance(value, str):
        return storable(value, nul=nul)
    if isinstance(value, dict):
        return {storable(key, nul=nul): repaired(item, nul=nul) for key, item in value.items()}
    if isinstance(value, list):
        return [repaired(item, nul=nul) for item in value]
    return value


def is_deeper(value: Any, allowed: int) -> bool:
    """Say whether lists and objects lie inside each other more than `allowed` times."""
    level = [value]
    while level:
        level = [item for item in level if isinstance(item, (dict, list))]
        if level and allowed == 0:
            return True
        allowed -= 1
        level = [child for item in level for child in (item.values() if isinstance(item, dict) else item)]
    return False


def _check_depth(value: Any, raw: bytes, max_depth: int = MAX_DEPTH) -> None:
    if raw.count(b"[") + raw.count(b"{") > max_depth and is_deeper(value, max_depth):
        raise ParseFailed(DEEP)


def _lenient(raw: bytes, *, unstorable: float | None = None) -> Any:
    """Read what isn't quite JSON; a number that no JSON has is `unstorable`."""
    if raw.count(b"\\") > MAX_ESCAPES:
        raise TooLarge(f"The JSON has more than {MAX_ESCAPES} escapes, and some that aren't right.")

    def read_float(text: str) -> float | None:
        value = float(text)
        return value if math.isfinite(value) else unstorable

    try:
        return json.loads(
            raw.decode("utf-8-sig", "replace"),
            strict=False,  # lets control characters pass inside of texts
            parse_constant=lambda _: unstorable,
            parse_float=read_float,
            parse_int=lambda text: int(text) if len(text) <= MAX_DIGITS else unstorable,
        )
    except RecursionError as error:
        raise ParseFailed(DEEP) from error
    except json.JSONDecodeError as error:
        raise ParseFailed(f"{error.msg} at character {error.pos}") from error


def _name_the_field(raw: bytes) -> None:
    """Raise Invalid for the first field with a text or number that can't be stored, if that is what is wrong."""
    try:
        found = _lenient(raw, unstorable=math.nan)
    except (ParseFailed, TooLarge):
        return
    if not isinstance(found, dict) or is_deeper(found, MAX_DEPTH):
        return
    for name, value in found.items():
        attr = storable(name)[:100]
        if half := _first_surrogate(name) or _first_surrogate(value):
            raise Invalid(
                f"Surrogate characters are not allowed: U+{ord(half):X}.",
                code="surrogate_characters_not_allowed",
                attr=attr,
            )
        if _holds_nan(value):
            raise Invalid("Numbers must be finite, and not larger than JSON can carry.", attr=attr)


def _first_surrogate(value: Any) -> str | None:
    if isinstance(value, str):
        found = SURROGATE.search(value)
        return found.group() if found else None
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        return next((half for item in value if (half := _first_surrogate(item))), None)
    return None


def _holds_nan(value: Any) -> bool:
    if isinstance(value, dict):
        value = [*value.values()]
    return any(map(_holds_nan, value)) if isinstance(value, list) else value != value
