"""The figures of the last ten commits that were measured, in a file beside this one."""

import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

KEPT = 10
FILE = Path(__file__).with_name("results.json")
DIGITS = 4
"""Of a figure; more would only make the changes of the file longer."""


class ResultsUnreadable(Exception):
    """Raised when the file holds something else than results; the text says what to do."""


class Result(msgspec.Struct, frozen=True):
    """What one commit reached on one machine; `commit` ends in `+` where files differed from it."""

    commit: str
    date: date
    machine: str
    figures: dict[str, float]


def read_results(file: Path = FILE) -> list[Result]:
    """Return what is kept, newest first; nothing where there is no file."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=list[Result])
    except FileNotFoundError:
        return []
    except (msgspec.MsgspecError, UnicodeDecodeError, OSError) as error:
        raise ResultsUnreadable(
            f"The kept results can't be read: {error} ({file}). Put its last version back with `git checkout`, "
            "or remove it to begin anew."
        ) from error


def write_results(results: Sequence[Result], file: Path = FILE) -> None:
    """Write results, each figure on a line of its own, so that their changes can be read."""
    file.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=2) + b"\n")


def with_result(results: Sequence[Result], new: Result) -> list[Result]:
    """Return the kept results with a new one, newest first, at most ten.

    Parts can be measured one by one: what the same commit reached on the same machine stays, unless it was measured again.
    """
    same = [one for one in results if _is_same(one, new)]
    figures = {name: _rounded(value) for one in [*same, new] for name, value in one.figures.items()}
    whole = msgspec.structs.replace(new, figures=dict(sorted(figures.items())))
    return [whole, *(one for one in results if one not in same)][:KEPT]


def _is_same(one: Result, other: Result) -> bool:
    """Say whether two are of the same code; what differs from a commit may differ from day to day."""
    is_clean = not other.commit.endswith("+")
    return is_clean and (one.commit, one.machine) == (other.commit, other.machine)


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def result_now(machine: str, figures: Mapping[str, float]) -> Result:
    """Return a result of the files as they are now."""
    return Result(commit_of(FILE), datetime.now(UTC).date(), machine, dict(figures))


def commit_of(file: Path) -> str:
    """Return the short name of the commit around a file, with `+` where any other file that git knows differs from it."""
    try:
        name = _git(file.parent, "rev-parse", "--short=8", "HEAD")
        changed = _git(
            file.parent, "status", "--porcelain", "--untracked-files=no", "--", ":/", f":!{file.name}"
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown+"
    return f"{name}+" if changed else name


def _git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
