"""The functions that statements and triggers call on SQLite and that SQLite lacks."""

import hashlib
import math
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import re2

from parley.kernel.text.forms import folded
from parley.kernel.text.iso_moments import instant_of, wall_of
from parley.kernel.text.json_text import read_json

PLAIN_NUMBER = re.compile(r"\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\s*", re.ASCII)
LARGEST = 1e300
LONGEST_TEXT = 100


def add_functions(connection: Any) -> None:
    """Give a connection to SQLite its functions; the search's triggers call `search_folded` (docs/decisions/0011)."""
    for function, n_values in FUNCTIONS.items():
        name = function.__name__.removeprefix("_")
        connection.create_function(name, n_values, function, deterministic=True)


def _search_folded(text: str | None) -> str | None:
    return None if text is None else folded(text)


def _number_of_json(text: str | None) -> float | None:
    """Return the number that a JSON value is: a number, or a string that is a plain decimal one."""
    if text is None:
        return None
    if text.startswith('"'):
        value = str(read_json(text))
        if len(value) > LONGEST_TEXT or not PLAIN_NUMBER.fullmatch(value):
            return None
    elif text[0] in "-0123456789":
        value = text
    else:
        return None
    found = float(value)
    return found if math.isfinite(found) and abs(found) < LARGEST else None


def _md5_of(text: str | None) -> str | None:
    return None if text is None else hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _percentile_of(share: float, numbers: str) -> float | None:
    """Return what PostgreSQL's percentile_cont does, over a JSON array."""
    found = sorted(one for one in read_json(numbers) if one is not None)
    if not found:
        return None
    place = share * (len(found) - 1)
    below, above = found[math.floor(place)], found[math.ceil(place)]
    return float(below + (above - below) * (place - math.floor(place)))


@lru_cache(64)
def _pattern(text: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    return re2.compile(text, options)


def _re2_found(text: str | None, pattern: str) -> int | None:
    return None if text is None else int(_pattern(pattern).search(text) is not None)


FUNCTIONS: dict[Callable[..., Any], int] = {
    _search_folded: 1,
    _number_of_json: 1,
    _md5_of: 1,
    _percentile_of: 2,
    _re2_found: 2,
    wall_of: 1,
    instant_of: 1,
}
