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


def flush(folder: Path, key: str) -> None:
    """Make an object durable, and the names that lead to it: obstore renames it into its place and flushes nothing."""
    place = folder / key
    for path in (place, *(parent for parent in place.parents if parent.is_relative_to(folder))):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
