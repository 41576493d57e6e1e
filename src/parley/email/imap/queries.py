"""Mailboxes, read."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from parley.email.imap.rules import LOST_AFTER
from parley.email.imap.schemas import Mailbox, MailboxOut
from parley.email.imap.tables import imap_mailbox
from parley.kernel.clock import TOLERANCE
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound

_MAILBOX = StructColumns(Mailbox, imap_mailbox)
_SHOWN = StructColumns(MailboxOut, imap_mailbox)


def mailbox_key(project_id: int, channel_id: UUID) -> ColumnElement[bool]:
    """Return the condition that names one mailbox (primary key)."""
    return and_(imap_mailbox.c.project_id == project_id, imap_mailbox.c.channel_id == channel_id)


async def mailbox_of(db: Db, project_id: int, channel_id: UUID, *, is_held: bool = False) -> Mailbox | None:
    """Return the mailbox of a channel (primary key); with `is_held` until the transaction ends."""
    found = select(*_MAILBOX.columns).where(mailbox_key(project_id, channel_id))
    row = (await db.execute(found.with_for_update() if is_held else found)).first()
    return _MAILBOX(row) if row else None


async def mailbox_out(db: Db, project_id: int, channel_id: UUID) -> MailboxOut:
    """Return the mailbox of a channel without its password (primary key); raises NotFound."""
    row = (await db.execute(select(*_SHOWN.columns).where(mailbox_key(project_id, channel_id)))).first()
    if row is None:
        raise NotFound
    return _SHOWN(row)


async def lost_mailboxes(db: Db, now: datetime, limit: int) -> Sequence[Mailbox]:
    """Return mailboxes that nobody has taken care of lately, held (index on seen_at).

    Those that were seen in the time to come are among them: a clock has been set back since.
    """
    seen = imap_mailbox.c.seen_at
    is_lost = or_(seen < now - LOST_AFTER, seen > now + TOLERANCE)
    lost = select(*_MAILBOX.columns).where(is_lost).limit(limit)
    return [_MAILBOX(row) for row in await db.execute(lost.with_for_update(skip_locked=True))]


async def all_mailboxes(db: Db) -> Sequence[Mailbox]:
    """Return the mailboxes of all projects, held; reads the whole table."""
    return [_MAILBOX(row) for row in await db.execute(select(*_MAILBOX.columns).with_for_update())]
