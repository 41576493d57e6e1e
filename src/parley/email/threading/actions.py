"""Message ids are remembered for the ticket that their mails are on."""

from collections.abc import Sequence
from datetime import datetime
from types import ModuleType
from uuid import UUID

from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite

from parley.conversations.tickets.rules.comments import TICK
from parley.email.threading.rules import Origin, bare_id, bare_ids, digest_of
from parley.email.threading.tables import email_reference
from parley.kernel.database.bulk import InsertMany
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

c = email_reference.c
_COLUMNS = ("project_id", "digest", "message_id", "ticket_id", "comment_id", "origin", "created_at")
_INSERT_NAMED = InsertMany(email_reference, _COLUMNS)


def _remembering(dialect: ModuleType) -> Prepared:
    values = {name: bindparam(name, type_=c[name].type) for name in _COLUMNS}
    statement = dialect.insert(email_reference).values(values)
    new = {name: statement.excluded[name] for name in ("ticket_id", "comment_id", "origin", "created_at")}
    key = [c.project_id, c.digest]
    return Prepared(statement.on_conflict_do_update(index_elements=key, set_=new, where=c.origin == "named"))


_REMEMBER = {"postgresql": _remembering(postgresql), "sqlite": _remembering(sqlite)}


async def remember_received(
    db: Db,
    project_id: int,
    ticket_id: UUID,
    comment_id: UUID,
    message_id: str | None,
    named: Sequence[str],
    at: datetime,
) -> None:
    """Let mails that name this one, or what it names, join its ticket. Safe to repeat; `named` is oldest first.

    What another ticket knows stays there, but that an id is only named counts for nothing once its mail is here.
    """
    ids = [id for id in bare_ids(named) if id != bare_id(message_id or "")]
    rows = [
        (project_id, digest_of(id), id, ticket_id, None, "named", at - TICK * (len(ids) - index))
        for index, id in enumerate(ids)
    ]
    await _INSERT_NAMED.run(db, sorted(rows, key=lambda row: row[1]))
    if message_id:
        await _remember_mail(db, project_id, ticket_id, comment_id, message_id, "received", at)


async def remember_sent(
    db: Db, project_id: int, ticket_id: UUID, comment_id: UUID, message_id: str, at: datetime
) -> None:
    """Let answers to a mail of ours join its ticket. Safe to repeat."""
    await _remember_mail(db, project_id, ticket_id, comment_id, message_id, "sent", at)


async def _remember_mail(
    db: Db,
    project_id: int,
    ticket_id: UUID,
    comment_id: UUID,
    message_id: str,
    origin: Origin,
    at: datetime,
) -> None:
    found = bare_ids([message_id])
    if not found:
        return
    values = (project_id, digest_of(found[0]), found[0], ticket_id, comment_id, origin, at)
    await db.rows(_REMEMBER[db.dialect.name], **dict(zip(_COLUMNS, values, strict=True)))
