"""Traits and session context that come along with messages: how much of them a ticket keeps, and a list shows."""

from collections.abc import Mapping
from typing import Any

import msgspec

from parley.kernel.errors import Invalid
from parley.kernel.text.json_text import texts_of

MAX_OF_TEAM_BYTES = 65_536
"""What the team may store of traits, or of a session context, as JSON."""
LISTED_BYTES = 4096
"""What is larger, lists show shortened to what names somebody: their size must not be a customer's choice."""


class TraitLimits(msgspec.Struct, frozen=True):
    """How much a ticket keeps of traits or context. Texts under `known` names are what people work with, and stay."""

    max_keys: int
    max_text: int
    max_bytes: int
    known: tuple[str, ...]


TRAITS = TraitLimits(50, 500, 32_768, ("name", "email"))
CONTEXT = TraitLimits(40, 2000, 49_152, ("current_url", "session_replay_url"))


def merged_traits(stored: Mapping[str, Any], sent: Mapping[str, Any], limits: TraitLimits) -> dict[str, Any]:
    """Return the stored traits with those that were sent, within limits; what wasn't sent stays.

    So does a known name's value where null was sent: a browser that doesn't know the customer's address sends that.

    What there is no room for falls out, the oldest first, but known names last. On PostgreSQL, which keeps no order of
    names, it is what wasn't sent with this message.
    """
    if sent.items() <= stored.items():
        return dict(stored)
    sent = {
        key: value
        for key, value in sent.items()
        if value is not None or key not in limits.known or key not in stored
    }
    everything = {**{key: value for key, value in stored.items() if key not in sent}, **sent}
    sizes = {key: _size(key, value) for key, value in everything.items()}
    if len(everything) <= limits.max_keys and sum(sizes.values()) <= limits.max_bytes:
        return everything
    foreign = [key for key in everything if key not in limits.known]
    known = [key for key in everything if key in limits.known]
    n_keys, n_bytes = len(everything), sum(sizes.values())
    for key in [*foreign, *known]:
        if n_keys <= limits.max_keys and n_bytes <= limits.max_bytes:
            break
        n_keys -= 1
        n_bytes -= sizes[key]
        value = everything.pop(key)
        if key in limits.known and isinstance(value, str):
            everything[key] = value[: limits.max_text]
    return everything


def _size(key: str, value: Any) -> int:
    return len(msgspec.json.encode((key, value)))


def check_size(attr: str, value: Mapping[str, Any]) -> None:
    """Raise Invalid for more than the team may store."""
    if len(msgspec.json.encode(value)) > MAX_OF_TEAM_BYTES:
        raise Invalid(f"This may take {MAX_OF_TEAM_BYTES} bytes as JSON.", code="max_length", attr=attr)


def shortened(value: Any, known: tuple[str, ...], max_text: int = 500) -> dict[str, str]:
    """Return what a list shows of a large JSON object: its texts under known names, cut."""
    return texts_of(value, known, max_text)
