"""Registered programs."""

import re

from sqlalchemy import select

from parley.accounts.oauth_server.schemas import Application
from parley.accounts.oauth_server.tables import oauth_application
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db

_APPLICATION = StructColumns(Application, oauth_application)
_ID = re.compile(r"[A-Za-z0-9]{1,50}")


async def application_by_id(db: Db, application_id: str) -> Application | None:
    """Return a program by what a stranger says is its id (primary key)."""
    if not _ID.fullmatch(application_id):
        return None
    wanted = select(*_APPLICATION.columns).where(oauth_application.c.id == application_id)
    row = (await db.execute(wanted)).first()
    return _APPLICATION(row) if row else None
