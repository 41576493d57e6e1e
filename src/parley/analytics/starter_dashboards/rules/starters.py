"""The dashboards that a project begins with, and how their tiles lie."""

from typing import Any

import msgspec

WIDTH, HEIGHT, COLUMNS = 6, 5, 12
"""Of a tile and of the page, in PostHog's units."""


class StarterTile(msgspec.Struct, frozen=True, kw_only=True):
    """An insight to be made, and whether it takes the whole width."""

    name: str
    description: str
    query: dict[str, Any]
    is_wide: bool = False


class Starter(msgspec.Struct, frozen=True, kw_only=True):
    """A dashboard to be made; `name` is how the project remembers that it has it."""

    name: str
    title: str
    description: str
    tiles: tuple[StarterTile, ...]


def node(source: dict[str, Any]) -> dict[str, Any]:
    """Return a query as insights keep it."""
    return {"kind": "InsightVizNode", "source": source}


def event(name: str | None, title: str, **more: Any) -> dict[str, Any]:
    """Return a series: the events of a name (None: of every name but those of tickets)."""
    return {"kind": "EventsNode", "event": name, "name": name or "All events", "custom_name": title, **more}


def trends(
    *series: dict[str, Any], display: str = "ActionsLineGraph", by: str | None = None, **filter: Any
) -> dict[str, Any]:
    """Return a query for the last 30 days by day, perhaps divided by a property of the events."""
    source = {
        "kind": "TrendsQuery",
        "series": list(series),
        "dateRange": {"date_from": "-30d"},
        "interval": "day",
        "trendsFilter": {"display": display, **filter},
    }
    if by is not None:
        source["breakdownFilter"] = {"breakdown": by, "breakdown_type": "event"}
    return node(source)


def layouts_of(tiles: tuple[StarterTile, ...]) -> list[dict[str, Any]]:
    """Return where the tiles are: two in a row on a wide page, one below the other on a narrow one."""
    found, x, y = [], 0, 0
    for n, tile in enumerate(tiles):
        width = COLUMNS if tile.is_wide else WIDTH
        if x + width > COLUMNS:
            x, y = 0, y + HEIGHT
        place = {"x": x, "y": y, "w": width, "h": HEIGHT}
        found.append({"sm": place, "xs": {"x": 0, "y": n * HEIGHT, "w": 1, "h": HEIGHT}})
        x += width
    return found
