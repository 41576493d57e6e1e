"""Parts of pages that are rendered once and kept: the same rows and messages stand on page after page."""

from collections import OrderedDict
from typing import Any

import msgspec
from jinja2 import Environment
from markupsafe import Markup

MOST_KEPT = 2000
LONGEST_KEPT = 8000
"""Bytes, with the values. A part that is longer is rendered each time, so that what is kept stays below some 24 MB."""


class Fragments:
    """Render parts of pages by templates that see nothing but the values they are given.

    So a part that is kept can show nobody what wasn't made for exactly these values. What depends on the time is handed
    over as words, such as `5 min`.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._kept: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()

    def __call__(self, template: str, **values: Any) -> Markup:
        key = template, msgspec.msgpack.encode(values, enc_hook=_distinct)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return Markup(kept.decode())  # noqa: S704 - templates escape
        made = Markup(self._environment.get_template(template).render(values))  # noqa: S704 - templates escape
        stored = made.encode()  # Python would take four bytes for each letter of a text that has one emoji
        if len(stored) + len(key[1]) <= LONGEST_KEPT:
            self._kept[key] = stored
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return made


def _distinct(value: object) -> object:
    """Encode a text that is HTML already in another way than the same letters that are not."""
    if isinstance(value, Markup):
        return msgspec.msgpack.Ext(1, value.encode())
    raise TypeError(f"A fragment can't depend on {type(value).__name__}.")
