"""What became slower or larger since the figures that are kept."""

from collections.abc import Mapping, Sequence

import msgspec

from benchmarks.figures import unit_of
from benchmarks.results import Result

TOLERATED = 0.10
"""By how much a figure may be worse without being named: single runs vary so much."""


class Change(msgspec.Struct, frozen=True):
    """A figure that is worse than when it was last kept, and the result that it is worse than."""

    figure: str
    before: float
    now: float
    than: Result

    @property
    def worse_by(self) -> float | None:
        """How much worse, as a part of what it was; nothing where it was 0."""
        return abs(self.now - self.before) / self.before if self.before else None


def last_with(kept: Sequence[Result], machine: str, figure: str) -> Result | None:
    """Return the newest result of a machine like this one that has a figure."""
    return next((one for one in kept if one.machine == machine and figure in one.figures), None)


def worsened(kept: Sequence[Result], machine: str, figures: Mapping[str, float]) -> list[Change]:
    """Return what is more than a tenth worse than when it was last kept."""
    found = []
    for figure, now in figures.items():
        last = last_with(kept, machine, figure)
        if last is not None and is_worse(figure, last.figures[figure], now):
            found.append(Change(figure, last.figures[figure], now, last))
    return found


def is_worse(figure: str, before: float, now: float) -> bool:
    """Say whether a figure is more than a tenth worse than another one of its name."""
    if unit_of(figure).more_is_better:
        return now < before * (1 - TOLERATED)
    return now > before * (1 + TOLERATED)
