"""What a chart is, whatever kind of insight it shows."""

from typing import Any

import msgspec

Cell = str | int | float | None
Spec = dict[str, Any]
"""A Vega-Lite description. Colours and fonts are in its `config` alone, so that a page can change the theme."""


class ChartTable(msgspec.Struct, frozen=True):
    """The same numbers as words: for screen readers, mails without pictures, and files. No text is cut.

    With `is_over_time` the last rows are the newest, which a table without room for all shows.
    """

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    is_over_time: bool = False


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """One insight to be shown. `spec` is None where a table says more than a picture; `alt` is a sentence or two."""

    spec: Spec | None
    table: ChartTable
    alt: str
    is_empty: bool = False


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What every chart has: its title, its size in pixels, and the words for its period, such as `these 7 days`."""

    title: str
    width: int
    height: int
    period: str
