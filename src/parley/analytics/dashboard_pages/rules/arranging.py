"""The order and the width of tiles, and where a page has them in PostHog's units."""

from collections.abc import Sequence
from typing import Any

from parley.analytics.dashboards.schemas import StoredTile, TileChange

COLUMNS, HEIGHT, HALF = 12, 5, 6
WIDTHS = {4: "A third", 6: "Half", 12: "The whole width"}


def width_of(tile: StoredTile) -> int:
    """Return how wide a tile is: the nearest of the widths that pages offer."""
    place = tile.layouts.get("sm")
    width = place.get("w") if isinstance(place, dict) else None
    if isinstance(width, bool) or not isinstance(width, int | float):
        return HALF
    return min(WIDTHS, key=lambda one: (abs(one - width), one))


def in_order(tiles: Sequence[StoredTile]) -> list[StoredTile]:
    """Return tiles as they stand on the page: by their places where all have one, else by their order."""
    places = {one.id: _place(one) for one in tiles}
    if any(place is None for place in places.values()):
        return list(tiles)
    return sorted(tiles, key=lambda one: places[one.id] or (0.0, 0.0))


def _place(tile: StoredTile) -> tuple[float, float] | None:
    place = tile.layouts.get("sm")
    if not isinstance(place, dict):
        return None
    found = [place.get(name) for name in ("y", "x")]
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in found):
        return None
    return float(found[0]), float(found[1])  # type: ignore[arg-type]


def moved(tiles: Sequence[StoredTile], id: int, by: int) -> list[StoredTile]:
    """Return the tiles with one moved by so many places, as far as there are any."""
    rows = list(tiles)
    at = next((n for n, one in enumerate(rows) if one.id == id), None)
    if at is not None:
        tile = rows.pop(at)
        rows.insert(max(0, min(at + by, len(rows))), tile)
    return rows


def arranged(tiles: Sequence[StoredTile], widths: dict[int, int] | None = None) -> list[TileChange]:
    """Return changes that lay the tiles side by side in this order; `widths` has those that get another one."""
    changes, x, y = [], 0, 0
    for n, tile in enumerate(tiles):
        width = (widths or {}).get(tile.id, width_of(tile))
        if x + width > COLUMNS:
            x, y = 0, y + HEIGHT
        layouts: dict[str, Any] = {
            **tile.layouts,
            "sm": {"x": x, "y": y, "w": width, "h": HEIGHT},
            "xs": {"x": 0, "y": n * HEIGHT, "w": 1, "h": HEIGHT},
        }
        changes.append(TileChange(id=tile.id, order=n, layouts=layouts))
        x += width
    return changes
