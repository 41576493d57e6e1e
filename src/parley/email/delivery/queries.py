"""What a mail says of its project and its ticket."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, select

from parley.accounts.projects.tables import project
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db

_OF: Any = bindparam("project_id")


class SendingProject(msgspec.Struct, frozen=True):
    """The project that a mail is from."""

    name: str
    settings: dict[str, Any]


_PROJECT = Prepared(select(project.c.name, project.c.conversations_settings).where(project.c.id == _OF))


async def sending_project(db: Db, project_id: int) -> SendingProject:
    """Return the project (primary key)."""
    row = await db.row(_PROJECT, project_id=project_id)
    assert row is not None  # its mails would be gone with it
    return SendingProject(*row)


class SendingTicket(msgspec.Struct, frozen=True):
    """The ticket that a mail is about, and the address to which its customer wrote."""

    id: UUID
    number: int
    email_to: str | None


_TICKET = StructColumns(SendingTicket, ticket)
_TICKETS = Prepared(
    select(*_TICKET.columns).where(
        ticket.c.project_id == _OF, is_one_of(ticket.c.id, listed("ids", ticket.c.id))
    )
)


async def sending_tickets(db: Db, project_id: int, ids: Sequence[UUID]) -> dict[UUID, SendingTicket]:
    """Return some tickets (primary key)."""
    found = (_TICKET(row) for row in await db.rows(_TICKETS, project_id=project_id, ids=list(ids)))
    return {one.id: one for one in found}
