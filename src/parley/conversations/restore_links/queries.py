"""Links, and the tickets that they give back."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, false, or_, select, true

from parley.accounts.projects.tables import project
from parley.conversations.restore_links.rules import is_stated, spellings_of
from parley.conversations.restore_links.tables import restore_link
from parley.conversations.threads.queries.merge_paths import ids_closed_to_sessions
from parley.conversations.tickets.tables import STATED_EMAIL, STATED_EMAIL_KEY, ticket
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db

MOST_TICKETS = 500
"""What one link gives back. Anybody can name an address many times; the next link gives back what is older."""


class RestoreLink(msgspec.Struct, frozen=True):
    """A link as it is stored."""

    email: str
    expires_at: datetime
    used_at: datetime | None


_LINK = StructColumns(RestoreLink, restore_link)


async def locked_link(db: Db, project_id: int, token_hash: str) -> RestoreLink | None:
    """Return a link of the project, if there is one, and lock all links of its address (ix_restore_link_email).

    They are locked in one order, so that two of them that are redeemed at once come one after the other.
    """
    mine = (restore_link.c.project_id == project_id, restore_link.c.token_hash == token_hash)
    email = (await db.execute(select(restore_link.c.email).where(*mine))).scalar_one_or_none()
    if email is None:
        return None
    same = select(restore_link.c.token_hash).where(
        restore_link.c.project_id == project_id, restore_link.c.email == email
    )
    await db.execute(same.order_by(restore_link.c.token_hash).with_for_update())
    row = (await db.execute(select(*_LINK.columns).where(*mine))).first()
    return _LINK(row) if row is not None else None


def _stated(project_id: int, email: str) -> Select[Any]:
    """Select the tickets that only their session reaches, and whose visitor entered this address (ix_ticket_told_email)."""
    return select(ticket.c.id, STATED_EMAIL.label("stated"), ticket.c.has_been_merged).where(
        ticket.c.project_id == project_id,
        STATED_EMAIL_KEY.in_(spellings_of(email)),
        ticket.c.identity_verified == false(),
        ticket.c.closed_to_sessions == false(),
    )


async def restorable_ticket_ids(db: Db, project_id: int, email: str, *, session: UUID) -> set[UUID]:
    """Lock the tickets that a link for this address gives to a session, the newest that it doesn't have first; return them.

    Deleted and merged tickets are among them. What a verified person owns or has written on never is: whose that is their
    signature decides. Nor is what capture says about addresses asked for.
    """
    its_own = ticket.c.widget_session_id == session
    newest = _stated(project_id, email).with_only_columns(ticket.c.id)
    newest = newest.order_by(its_own, ticket.c.id.desc()).limit(MOST_TICKETS)
    ids = (await db.execute(newest)).scalars().all()
    # In the order in which everybody locks several tickets.
    wanted = _stated(project_id, email).where(ticket.c.id.in_(ids)).order_by(ticket.c.id)
    rows = (await db.execute(wanted.with_for_update(key_share=True))).all()
    found = {row.id: row.has_been_merged for row in rows if is_stated(row.stated, email)}
    merged = [id for id, has_been_merged in found.items() if has_been_merged]
    closed = await ids_closed_to_sessions(db.rows, project_id, merged) if merged else set()
    return found.keys() - closed


async def has_restorable_tickets(db: Db, project_id: int, email: str) -> bool:
    """Say whether a link for this address would give back anything that is still there."""
    live = or_(ticket.c.deleted_at.is_(None), ticket.c.is_merged == true())
    found = _stated(project_id, email).where(live).order_by(ticket.c.id.desc()).limit(MOST_TICKETS)
    return any(is_stated(row.stated, email) for row in await db.execute(found))


async def project_name(db: Db, project_id: int) -> str | None:
    """Return what the mail calls the project; None where its conversations are off or it is gone."""
    named = select(project.c.name).where(project.c.id == project_id, project.c.conversations_enabled)
    name: str | None = (await db.execute(named)).scalar_one_or_none()
    return name
