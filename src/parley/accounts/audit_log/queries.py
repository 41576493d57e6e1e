"""Reading the audit log."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    exists,
    func,
    literal_column,
    select,
    tuple_,
    type_coerce,
    union_all,
)

from parley.accounts.audit_log.schemas import (
    AuditEntryOut,
    AuditFilters,
    AuditKey,
    AuditProject,
    AuditTarget,
    AuditUser,
    EntryAuthor,
    EntryCursor,
    Target,
)
from parley.accounts.audit_log.sentences import sentence
from parley.accounts.audit_log.tables import audit_entry, audit_search_text
from parley.accounts.memberships.tables import membership
from parley.accounts.sessions.rules import browser_of
from parley.accounts.users.rules import full_name, user_name
from parley.accounts.users.tables import user_account
from parley.kernel.database.database import Database
from parley.kernel.database.transaction import Db
from parley.kernel.http.paging import PageRequest
from parley.kernel.text.cursors import decoded_cursor, encoded_cursor
from parley.kernel.text.forms import folded

FEW = 2000
"""Entries that are put in order by themselves; more of them lie so near to each other that a walk finds the next."""
PIECE = 500
"""Entries that an export reads at once."""


async def user_target(db: Db, user_id: int, kind: str = "member") -> Target:
    """Return a user as what something is done to (primary key)."""
    user = user_account.c
    columns = (user.uuid, user.email, user.first_name, user.last_name)
    row = (await db.execute(select(*columns).where(user.id == user_id))).one()
    return kind, str(row.uuid), user_name(row.first_name, row.last_name, row.email)


async def author_by_id(db: Db, user_id: int) -> EntryAuthor:
    """Return how a user is called now (primary key)."""
    user = user_account.c
    found = await db.execute(select(user.email, user.first_name, user.last_name).where(user.id == user_id))
    row = found.first()
    if row is None:
        return EntryAuthor(user_id)
    return EntryAuthor(user_id, row.email, full_name(row.first_name, row.last_name))


async def entry_page(
    db: Db, organization_id: UUID, filters: AuditFilters, asked: PageRequest
) -> tuple[int, list[AuditEntryOut], str | None]:
    """Return how many entries match, those of one page, newest first, and the cursor behind them.

    Served by the index on the user, the action or the target, else by ix_audit_entry_time. A search looks through the texts
    that entries share. Where few entries have such a text, ix_audit_entry_search finds them; else the next are near.
    """
    count = await _count(db, organization_id, filters)
    if not count:
        return 0, [], None
    place = decoded_cursor(asked.cursor, EntryCursor)
    is_rare = filters.search is not None and count <= FEW
    page = newest_first(db, organization_id, filters, place, is_rare=is_rare).limit(asked.limit)
    if place is None:
        page = page.offset(asked.offset)
    found = [_shown(row) for row in await db.execute(page)]
    return count, found, encoded_cursor(_place(found[-1])) if found else None


async def _count(db: Db, organization_id: UUID, filters: AuditFilters) -> int:
    """Return how many entries match: of a search alone by what is noted beside each text, else entry by entry."""
    matching, texts = _conditions(db, organization_id, filters), audit_search_text.c
    counted = select(func.count()).select_from(audit_entry).where(*matching)
    if not filters.search:
        count: int = (await db.execute(counted)).scalar_one()
        return count
    by_text, older = found_by_text(db, organization_id, filters.search)
    noted = counted.where(by_text)
    if len(matching) == 1:
        holds = (_is_of(db, organization_id), _holds(db, texts.text, filters.search))
        noted = select(func.coalesce(func.sum(texts.n_entries), 0)).where(*holds)
    n_noted: int = (await db.execute(noted)).scalar_one()
    n_older: int = (await db.execute(counted.where(older))).scalar_one()
    return int(n_noted) + n_older


async def entries_to_export(
    database: Database, organization_id: UUID, filters: AuditFilters
) -> AsyncIterator[Sequence[AuditEntryOut]]:
    """Yield all entries that match, newest first, in pieces, each read by itself: no slow reader holds a transaction."""
    place: EntryCursor | None = None
    while True:
        async with database.transaction(write=False) as db:
            wanted = newest_first(db, organization_id, filters, place).limit(PIECE)
            rows = (await db.execute(wanted)).all()
        piece = [_shown(row) for row in rows]
        if piece:
            yield piece
            place = _place(piece[-1])
        if len(piece) < PIECE:
            return


async def user_id_of(db: Db, uuid: UUID) -> int | None:
    """Return the id of a user (unique index)."""
    found: int | None = (
        await db.execute(select(user_account.c.id).where(user_account.c.uuid == uuid))
    ).scalar_one_or_none()
    return found


async def organizations_with_entries_before(db: Db, before: datetime) -> Sequence[UUID]:
    """Return the organizations that have entries from before this moment (ix_audit_entry_time)."""
    old = (audit_entry.c.organization_id == membership.c.organization_id, audit_entry.c.created_at < before)
    found = await db.execute(select(membership.c.organization_id).distinct().where(exists().where(*old)))
    return found.scalars().all()


async def is_announced(db: Db, organization_id: UUID, before: datetime) -> bool:
    """Say whether an entry says already that all until this moment are deleted (ix_audit_entry_cleared)."""
    clearing = (audit_entry.c.organization_id == organization_id, audit_entry.c.cleared_before >= before)
    return (await db.execute(select(audit_entry.c.id).where(*clearing).limit(1))).first() is not None


def old_entries(organization_id: UUID, before: datetime, limit: int) -> Select[tuple[UUID]]:
    """The oldest entries from before this moment, for use inside another statement (ix_audit_entry_time)."""
    old = (audit_entry.c.organization_id == organization_id, audit_entry.c.created_at < before)
    return select(audit_entry.c.id).where(*old).order_by(audit_entry.c.created_at).limit(limit)


def newest_first(
    db: Db,
    organization_id: UUID,
    filters: AuditFilters,
    place: EntryCursor | None,
    *,
    is_rare: bool = False,
) -> Select[Any]:
    """Return the statement that finds what matches behind a place, in an order that every index of the table has.

    What a search finds rarely is collected first and put in order then.
    """
    columns = (audit_entry.c.created_at, audit_entry.c.id)
    matching = _conditions(db, organization_id, filters)
    found = select(audit_entry).where(*matching)
    if filters.search and is_rare:
        parts = [
            select(audit_entry.c.id).where(*matching, one)
            for one in found_by_text(db, organization_id, filters.search)
        ]
        rare = union_all(*parts).cte("rare").prefix_with("MATERIALIZED")
        found = select(audit_entry).where(
            audit_entry.c.organization_id == organization_id, audit_entry.c.id.in_(select(rare.c.id))
        )
    elif filters.search:
        found = found.where(_holds(db, audit_entry.c.search_text, filters.search))
    if place is not None:
        found = found.where(
            tuple_(*columns) < tuple_(place.at, place.id, types=[one.type for one in columns])
        )
    return found.order_by(*(one.desc() for one in columns))


def _conditions(db: Db, organization_id: UUID, filters: AuditFilters) -> list[ColumnElement[bool]]:
    columns = audit_entry.c
    matching = [columns.organization_id == organization_id]
    for name in ("user_id", "action", "target_type", "target_id"):
        wanted = getattr(filters, name)
        if wanted is not None:
            matching.append(columns[name] == wanted)
    if filters.after is not None:
        matching.append(columns.created_at >= filters.after)
    if filters.before is not None:
        matching.append(columns.created_at < filters.before)
    return matching


def found_by_text(db: Db, organization_id: UUID, search: str) -> tuple[ColumnElement[bool], ...]:
    """Return conditions of which each entry that a search finds fulfils exactly one: its text is kept apart, or isn't."""
    texts = audit_search_text.c
    mine = select(texts.id).where(_is_of(db, organization_id), _holds(db, texts.text, search))
    entries = audit_entry.c
    older = and_(entries.search_id.is_(None), _holds(db, entries.search_text, search))
    return entries.search_id.in_(mine), older


def _is_of(db: Db, organization_id: UUID) -> ColumnElement[bool]:
    """Return the condition on texts. SQLite reads all of them in their own order: by the key it would jump to each."""
    column = audit_search_text.c.organization_id
    if db.dialect.name == "postgresql":
        return column == organization_id
    return type_coerce(literal_column("+audit_search_text.organization_id"), column.type) == organization_id


def _holds(db: Db, column: ColumnElement[str], search: str) -> ColumnElement[bool]:
    place_of = func.strpos if db.dialect.name == "postgresql" else func.instr
    return place_of(column, folded(search)) > 0


def _place(entry: AuditEntryOut) -> EntryCursor:
    return EntryCursor(entry.created_at, entry.id)


def _shown(row: Row[Any]) -> AuditEntryOut:
    user = AuditUser(row.user_id, row.user_name, row.user_email) if row.user_id is not None else None
    target = AuditTarget(row.target_type, row.target_id, row.target_name) if row.target_type else None
    project = AuditProject(row.in_project_id, row.in_project_name) if row.in_project_id is not None else None
    key = AuditKey(row.key_id, row.key_label) if row.key_id else None
    change = {"before": row.before, "after": row.after}
    return AuditEntryOut(
        id=row.id,
        created_at=row.created_at,
        action=row.action,
        summary=sentence(row.action, user, target, **change, address=row.address, key=key),
        user=user,
        api_key=key,
        target=target,
        project=project,
        **change,
        address=row.address or None,
        user_agent=row.user_agent,
        browser=browser_of(row.user_agent) if row.user_agent else "",
    )
