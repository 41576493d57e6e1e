"""Mail that others have collected, used where it lies (`../shared/data/mail`, beside the repository)."""

from pathlib import Path

import pytest

FOLDER = next(
    (found for above in Path(__file__).parents if (found := above / "shared" / "data" / "mail").exists()),
    Path("../shared/data/mail"),
)

needs_corpora = pytest.mark.skipif(not FOLDER.exists(), reason=f"There is no collection of mail at {FOLDER}.")


def files(folder: str, pattern: str = "*") -> list[Path]:
    """Return the files below a folder of the collection, in the order of their names."""
    return sorted(
        path for path in (FOLDER / folder).rglob(pattern) if path.is_file() and path.name != "LICENSE"
    )
