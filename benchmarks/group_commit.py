"""What several writers at once get of SQLite, where one flush can hold the changes of all, beside one writer alone."""

from collections.abc import Mapping, Sequence

import msgspec

from benchmarks.aims import wanted
from benchmarks.load import CONNECTIONS, Ask, Reading
from benchmarks.throughput import Place, Side, by_turns, p50_ms, per_second, ratio_of

OPERATIONS = ("open", "message")
WARM_UP_S = 1


class GroupCommit(msgspec.Struct, frozen=True):
    """The readings of a write over one connection and over eight, in the order of the rounds."""

    name: str
    one: Sequence[Reading]
    many: Sequence[Reading]

    @property
    def ratio(self) -> float:
        """How many times as much eight writers reach."""
        return ratio_of(self.many, self.one)

    def figures(self) -> dict[str, float]:
        return {f"{self.name}.ratio": self.ratio, f"{self.name}_alone.per_second": per_second(self.one)}


def measure_group_commit(
    name: str, asks: list[Ask], place: Place, rounds: int, seconds: float
) -> GroupCommit:
    """Write over one connection and over eight, by turns."""
    sides = [Side(place, asks, count) for count in (1, CONNECTIONS)]
    return GroupCommit(name, *by_turns(sides, rounds=rounds, seconds=seconds, warm_up_s=WARM_UP_S))


def group_commit_table(found: Sequence[GroupCommit], titles: Mapping[str, str]) -> str:
    """Return what one writer and eight reach."""
    lines = [
        f"| SQLite | one writer, a second | p50 | {CONNECTIONS} writers, a second | p50 | ratio | |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in found:
        alone, many = ((per_second(side), p50_ms(side)) for side in (each.one, each.many))
        lines.append(
            f"| {titles[each.name]} | {alone[0]:.0f} | {alone[1]:.1f} ms | {many[0]:.0f} | {many[1]:.1f} ms "
            f"| **{each.ratio:.2f}** | {wanted(f'group_commit.{each.name}.ratio')} |"
        )
    return "\n".join([*lines, ""])
