"""Registered programs."""

import re
from collections.abc import Sequence
from datetime import datetime

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


async def surplus_applications(db: Db, before: datetime, most: int, limit: int) -> Sequence[str]:
    """Return programs that end before this moment, the soonest of them, beyond those that last longer (expires_at)."""
    c = oauth_application.c
    ending = select(c.id).where(c.expires_at <= before).order_by(c.expires_at.desc(), c.id)
    return (await db.execute(ending.offset(most).limit(limit))).scalars().all()
