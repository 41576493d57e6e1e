"""The text of a distinct id: the same wherever one is sent, stored or looked up.

A distinct id is opaque. It is never trimmed, folded or cut, since two ids must not become one person.
"""

from hashlib import sha256
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from parley.kernel.errors import too_long
from parley.kernel.text.forms import storable

MAX_LENGTH = 400

DistinctId = Annotated[str, Meta(max_length=MAX_LENGTH)]
"""A distinct id in a body; a longer one is refused."""


def captured_distinct_id(value: Any) -> str:
    """Return the id that an event names; what is no text is written as JSON.

    Nobody reads the answer to a captured event, so one that is too long is kept apart by its digest.
    """
    text = storable(value) if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= MAX_LENGTH else f"sha256:{sha256(text.encode()).hexdigest()}"


def asked_distinct_id(text: str, *, attr: str = "distinct_id") -> str:
    """Return the id that a query names, as it is stored; raises Invalid for one that is too long."""
    if len(text) > MAX_LENGTH:
        raise too_long(MAX_LENGTH, attr)
    return storable(text)
