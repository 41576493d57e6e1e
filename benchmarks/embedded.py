"""The embedded size: how soon it is ready and how much memory it holds when idle."""

import os
import statistics
import tempfile
import time
from pathlib import Path

import msgspec

from benchmarks.programs import parley

SETTLE_S = 10
STARTS = 3


class Embedded(msgspec.Struct, frozen=True):
    """Seconds to ready on a new and on an existing folder (medians), and mebibytes held 10 s after ready."""

    ready_new_s: float
    ready_again_s: float
    memory_mib: float


def measure_embedded() -> Embedded:
    """Start Parley on empty folders, and again on the same folders."""
    new, again, memory = [], [], []
    for _ in range(STARTS):
        with tempfile.TemporaryDirectory(prefix="parley-embedded-") as name:
            folder = Path(name)
            with parley(folder) as program:
                new.append(program.ready_after_s)
            with parley(folder) as program:
                again.append(program.ready_after_s)
                time.sleep(SETTLE_S)
                memory.append(proportional_set_mib(program.process.pid))
    return Embedded(*(statistics.median(values) for values in (new, again, memory)))


def proportional_set_mib(pid: int) -> float:
    """Return the proportional set size of a process and everything below it."""
    return sum(_own_kib(one) for one in _tree(pid)) / 1024


def _tree(pid: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                text = Path(entry.path, "stat").read_text()
            except OSError:
                continue  # it has ended meanwhile
            # The name of the program stands in brackets and may hold anything; the parent is the second field behind it.
            parents.setdefault(int(text.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found.extend(parents.get(one, ()))
    return found


def _own_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0
