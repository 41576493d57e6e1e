"""The embedded size: how soon it is ready and how much memory it holds when idle."""

import statistics
import tempfile
import time
from pathlib import Path

import msgspec

from benchmarks.processes import cpu_seconds, proportional_set_mib
from benchmarks.programs import parley

SETTLE_S = 10
STARTS = 3


class Embedded(msgspec.Struct, frozen=True):
    """Medians: seconds to ready on a new and on an existing folder, how many of them the processor worked, and the
    mebibytes held 10 s after ready.
    """

    ready_new_s: float
    ready_again_s: float
    work_new_s: float
    work_again_s: float
    memory_mib: float

    def figures(self) -> dict[str, float]:
        return {
            "ready_new.s": self.ready_new_s,
            "ready_again.s": self.ready_again_s,
            "work_new.s": self.work_new_s,
            "work_again.s": self.work_again_s,
            "idle.mib": self.memory_mib,
        }


def measure_embedded() -> Embedded:
    """Start Parley on empty folders, and again on the same folders."""
    new, again, work_new, work_again, memory = [], [], [], [], []
    with tempfile.TemporaryDirectory(prefix="parley-embedded-") as name, parley(Path(name)):
        pass  # the first start after an update also compiles Python's bytecode
    for _ in range(STARTS):
        with tempfile.TemporaryDirectory(prefix="parley-embedded-") as name:
            folder = Path(name)
            with parley(folder) as program:
                new.append(program.ready_after_s)
                work_new.append(cpu_seconds(program.process.pid))
            with parley(folder) as program:
                again.append(program.ready_after_s)
                work_again.append(cpu_seconds(program.process.pid))
                time.sleep(SETTLE_S)
                memory.append(proportional_set_mib(program.process.pid))
    return Embedded(*(statistics.median(values) for values in (new, again, work_new, work_again, memory)))
