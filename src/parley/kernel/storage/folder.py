"""What a folder needs beside obstore: it is private, it is really there, and what is written survives a power cut."""

import os
from pathlib import Path

from parley.kernel.storage.errors import StorageAway


def make_private(folder: Path) -> None:
    """Make the folder of objects, for its owner alone, unless it is there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def check_usable(folder: Path) -> None:
    """Raise StorageAway where the folder is not there any more: obstore would make an empty one in its place."""
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise StorageAway


def flush(folder: Path, key: str, durable: dict[Path, tuple[int, int]]) -> None:
    """Make an object durable, and the names that lead to it: obstore renames it into its place and flushes nothing.

    `durable` remembers how the folders above were before they were flushed: flushing one in which nothing is new takes as
    long as flushing an object. A folder may get two new ones within a tick of the clock of files, so their number counts,
    too: most file systems have it as the number of links.
    """
    place = folder / key
    _flush(place)
    _flush(place.parent)
    for above in list(place.parents)[1:]:
        found = above.stat()
        state = (found.st_mtime_ns, found.st_nlink)
        if durable.get(above) != state:
            _flush(above)
            durable[above] = state
        if above == folder:
            return


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
