"""What may be set on a tile."""

from typing import Any

import msgspec
from msgspec import UNSET

from parley.analytics.dashboards.schemas import TileChange
from parley.kernel.errors import Invalid, too_long

MAX_LAYOUTS = 2000
LARGEST_ID = 2**31 - 1


def insight_named(change: TileChange, attr: str) -> int | None:
    """Return which insight a new tile shows, None for one with a text; raises Invalid where it has neither."""
    given = change.insight
    id = given.get("id") if isinstance(given, dict) else given
    if id is None and change.text:
        return None
    if isinstance(id, bool) or not isinstance(id, int) or not 0 < id <= LARGEST_ID:
        raise Invalid("A new tile needs the number of an `insight`, or a `text`.", attr=f"{attr}__insight")
    return id


def values_of_change(change: TileChange, attr: str, *, is_text: bool) -> dict[str, Any]:
    """Return the columns that a change sets; raises Invalid."""
    values: dict[str, Any] = {}
    if change.layouts is not UNSET:
        values["layouts"] = change.layouts or {}
        if len(msgspec.json.encode(values["layouts"])) > MAX_LAYOUTS:
            raise too_long(MAX_LAYOUTS, f"{attr}__layouts", "bytes")
    if change.text and is_text:
        values["text"] = msgspec.to_builtins(change.text)
    if change.color is not UNSET:
        values["color"] = change.color
    if isinstance(change.order, int):
        values["position"] = change.order
    if isinstance(change.deleted, bool):
        values["deleted"] = change.deleted
    return values
