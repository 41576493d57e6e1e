"""The revisions of the database: their numbered files, and Alembic's configuration for them."""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parents[2] / "migrations"


def import_tables() -> None:
    """Import the tables of every feature, so that `metadata` is complete."""
    for file in sorted(FOLDER.parent.rglob("tables.py")):
        importlib.import_module(".".join(("parley", *file.relative_to(FOLDER.parent).with_suffix("").parts)))


def revisions() -> list[str]:
    """Return the names of all revisions in their order; the files are numbered."""
    return sorted(file.name.split("_", 1)[0] for file in (FOLDER / "versions").glob("0*.py"))


def newest() -> str:
    """Return the name of the newest revision."""
    return revisions()[-1]


def config(connection: Connection) -> "Config":
    """Return Alembic's configuration for an open connection."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.attributes["connection"] = connection
    return made
