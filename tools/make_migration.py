"""Write the next migration from the difference between the tables and an empty or migrated database.

Usage: python -m tools.make_migration "what it means to people"
"""

import asyncio
import sys
import tempfile
import warnings
from pathlib import Path

from alembic import command

from parley.kernel.migrations.revisions import newest
from parley.kernel.migrations.runner import with_alembic


def main() -> None:
    """Compare with a scratch SQLite database that has all migrations so far."""
    # Alembic compares no index over an expression on SQLite, and says so for each of them.
    warnings.filterwarnings("ignore", message=".*expression-based index")
    number = f"{int(newest()) + 1:04d}" if _has_any() else "0001"
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/scratch.sqlite3"
        if _has_any():
            asyncio.run(with_alembic(url, lambda config: command.upgrade(config, "head")))
        asyncio.run(
            with_alembic(
                url, lambda config: command.revision(config, sys.argv[1], autogenerate=True, rev_id=number)
            )
        )


def _has_any() -> bool:
    import parley.migrations

    return any((Path(parley.migrations.__file__).parent / "versions").glob("0*.py"))


if __name__ == "__main__":
    main()
