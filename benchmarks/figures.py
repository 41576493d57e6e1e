"""Figures by name: `part.what.unit`, and `@database` behind that where a part measures several.

So the name says what the number is. What was asked for is in it wherever it makes another measurement: the seconds for
10,000 people are `scim.sync_10000.s`, and those for 2,000 people have no aim and are compared with nothing else.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec


class Unit(msgspec.Struct, frozen=True):
    """How figures of a kind are written, what is better, and whether they depend on how fast the machine is today."""

    word: str
    more_is_better: bool
    depends_on_day: bool


UNITS: Mapping[str, Unit] = {
    "ratio": Unit("", more_is_better=True, depends_on_day=False),
    "times": Unit(" times", more_is_better=False, depends_on_day=False),
    "per_second": Unit(" a second", more_is_better=True, depends_on_day=True),
    "s": Unit(" s", more_is_better=False, depends_on_day=True),
    "ms": Unit(" ms", more_is_better=False, depends_on_day=True),
    "mib": Unit(" MiB", more_is_better=False, depends_on_day=False),
    "kb": Unit(" KB", more_is_better=False, depends_on_day=False),
    "count": Unit("", more_is_better=False, depends_on_day=False),
}
DATABASES = {"": "", "postgresql": "PostgreSQL", "sqlite": "SQLite"}


class Measured(Protocol):
    """What a part has found out, which knows its own figures."""

    def figures(self) -> Mapping[str, float]:
        """Return them by name, without the part and the database."""
        ...


def merged(found: Iterable[Measured]) -> dict[str, float]:
    """Return the figures of several measurements together."""
    return {name: value for one in found for name, value in one.figures().items()}


def named(part: str, figures: Mapping[str, float], database: str = "") -> dict[str, float]:
    """Return figures under their whole names."""
    ending = f"@{database}" if database else ""
    return {f"{part}.{name}{ending}": value for name, value in figures.items()}


def slug(title: str) -> str:
    """Return words as they stand in the name of a figure."""
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")


def unit_of(figure: str) -> Unit:
    """Return the unit that the name of a figure ends in."""
    return UNITS[without_database(figure).rpartition(".")[2]]


def without_database(figure: str) -> str:
    """Return the name of a figure for whichever database."""
    return figure.partition("@")[0]


def database_of(figure: str) -> str:
    """Return the database that a figure belongs to, as people write it; empty where there is no other."""
    return DATABASES[figure.partition("@")[2]]


def written(figure: str, value: float) -> str:
    """Return a value with its unit, in three digits, or all those before the point."""
    number = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{number}{unit_of(figure).word}"
