"""What processes have used: processor time and memory, of one and everything below it."""

import os
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int, *, ended: bool = False) -> float:
    """Return the processor time of a process and everything alive below it, or what ended there, too."""
    last = 15 if ended else 13
    return sum(_ticks(one, last) for one in tree(pid)) / TICKS_PER_S


def proportional_set_mib(pid: int) -> float:
    """Return the proportional set size of a process and everything below it."""
    return sum(_proportional_kib(one) for one in tree(pid)) / 1024


def own_set_mib(pid: int) -> float:
    """Return the proportional set size of a process alone."""
    return _proportional_kib(pid) / 1024


def tree(pid: int) -> list[int]:
    """Return a process and everything below it."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [pid]
    for one in found:
        found.extend(children.get(one, ()))
    return found


def _stat(pid: int) -> list[str]:
    """Return the fields behind the program's name, which stands in brackets and may hold anything; none if it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _ticks(pid: int, last: int) -> int:
    return sum(map(int, _stat(pid)[11:last]))


def _proportional_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0
