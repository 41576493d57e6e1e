"""What the numbers of a chart are: counts, shares, or lengths of time."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from parley.analytics.charts.rules.texts import duration, label, number, percent

LENGTHS = ((86_400, "days"), (3600, "hours"), (60, "minutes"), (1, "seconds"))


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """How a number is drawn (divided, in a d3 format, under a title) and how it is written."""

    divisor: float = 1
    format: str = ",~r"
    title: str | None = None
    text: Callable[[float], str] = number


def unit_of(display: Mapping[str, Any], most: float) -> Unit:
    """Return the unit that the author of an insight has chosen, in the size that suits the largest number."""
    kind = display.get("aggregationAxisFormat")
    if kind in ("duration", "duration_ms"):
        scale = 1000 if kind == "duration_ms" else 1
        size, name = next((one for one in LENGTHS if most / scale >= one[0] * 2), LENGTHS[-1])
        return Unit(divisor=size * scale, title=name, text=lambda value: duration(value / scale))
    if kind == "percentage":
        return Unit(divisor=100, format=".0~%", text=lambda value: percent(value / 100))
    if kind == "percentage_scaled":
        return Unit(format=".0~%", text=percent)
    before, after = (
        label(str(display.get("aggregationAxisPrefix") or ""), 12),
        label(str(display.get("aggregationAxisPostfix") or ""), 12),
    )
    plain = "~s" if most >= 10_000 else ",~r"
    if before or after:
        return Unit(
            format=plain,
            title=f"{before} {after}".strip(),
            text=lambda value: f"{before}{number(value)}{after}",
        )
    return Unit(format=plain)
