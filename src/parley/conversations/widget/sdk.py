"""The SDK's scripts as they lie beside this file, fetched at build time (tools/build_assets.py)."""

from functools import lru_cache
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parent / "static"


class Script(msgspec.Struct, frozen=True):
    """One script in one form; `tag` changes whenever its content does."""

    content: bytes
    tag: str
    is_gzipped: bool


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """Return the file names that may be asked for. Any other name is never looked up."""
    return frozenset(path.name for path in FOLDER.glob("*.js"))


@lru_cache(maxsize=1)
def version() -> str:
    """Return the version of the SDK, empty when the assets have not been built."""
    note = FOLDER / "version.txt"
    return note.read_text().strip() if note.exists() else ""


def script(name: str, *, gzipped: bool) -> Script | None:
    """Return a script, compressed if asked for and there; None for an unknown name.

    It is read anew each time: the system keeps the file at hand, and the process stays small.
    """
    if name not in names():
        return None
    plain, packed = FOLDER / name, FOLDER / f"{name}.gz"
    is_gzipped = gzipped and packed.exists()
    path = packed if is_gzipped else plain
    status = path.stat()
    return Script(path.read_bytes(), f'"{status.st_mtime_ns:x}-{status.st_size:x}"', is_gzipped)
