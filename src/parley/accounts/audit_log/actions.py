"""Writing the audit log, always in the transaction of the change itself: both are stored, or neither.

Stands above memberships: an entry about a user goes into every organization that they are in.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, insert, update

from parley.accounts.audit_log.exports import FORMATS, ExportFormat
from parley.accounts.audit_log.filters import NAMES, filters_of
from parley.accounts.audit_log.queries import (
    author_by_id,
    is_announced,
    old_entries,
    organizations_with_entries_before,
    user_target,
)
from parley.accounts.audit_log.rules import cut, search_id_of, shown_values
from parley.accounts.audit_log.schemas import AuditFilters, EntryAuthor, Target
from parley.accounts.audit_log.tables import (
    MAX_ACTION,
    MAX_ADDRESS,
    MAX_EMAIL,
    MAX_ID,
    MAX_NAME,
    MAX_TYPE,
    audit_entry,
    audit_search_text,
)
from parley.accounts.memberships.queries import joined_at_of
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.errors import not_a_choice
from parley.kernel.http.authorization import Principal
from parley.kernel.http.origin import NOWHERE, RequestOrigin, request_origin
from parley.kernel.ids import new_uuid
from parley.kernel.services import Services
from parley.kernel.text.forms import folded
from parley.kernel.throttle import HOUR_S, Limit

EXPORTS = Limit("audit-log-exports", 60, HOUR_S)
BATCH = 5000
"""Entries that are deleted in one transaction."""
NOBODY = 0
"""As `by`: nobody that Parley knows, such as whoever typed a wrong password, or an identity provider."""


class _Happening(msgspec.Struct, frozen=True):
    """What an entry says beside who and where."""

    action: str
    target: Target | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    project: tuple[int, str] | None = None
    cleared_before: datetime | None = None


async def record(
    db: Db,
    services: Services,
    *,
    organization_id: UUID,
    action: str,
    by: Principal | int | None = None,
    target: Target | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    project: tuple[int, str] | None = None,
) -> None:
    """Write one entry. `action` is a noun and what happened to it, such as `domain.verified`.

    Without `by` it was the caller of the request that is being answered; in a job, the server itself. Give the id of a user
    where the request has no caller yet, such as at sign-in. An identity provider is named by its token. Address and browser
    come from the request. Values that have the name of a secret are masked, long ones cut. What belongs to a project is
    recorded by `record_in_project` of projects.
    """
    origin = request_origin() or NOWHERE
    author = await _author(db, by, origin)
    happening = _Happening(action, target, before, after, project)
    await _store(db, services, [organization_id], author, origin, happening)


async def record_for_user(
    db: Db,
    services: Services,
    user_id: int,
    action: str,
    *,
    by: Principal | int | None = None,
    target: Target | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write an entry about the account of a user into each organization that they are in; they are the default target.

    Without `by` it was the caller of the request; in a request without one, such as a sign-in, the user. An identity
    provider isn't named: the organizations may be others than its own.
    """
    organization_ids = list(await joined_at_of(db, user_id))
    if not organization_ids:
        return
    origin = request_origin() or NOWHERE
    author = await _author(db, by, origin, otherwise=user_id)
    target = target or await user_target(db, user_id, "user")
    await _store(db, services, organization_ids, author, origin, _Happening(action, target, before, after))


async def _author(
    db: Db, by: Principal | int | None, origin: RequestOrigin, *, otherwise: int | None = None
) -> EntryAuthor:
    by = by if by is not None else origin.principal
    if by is None and origin.key is not None:
        if otherwise is not None:  # goes into other organizations, too, which the token is none of
            return EntryAuthor()
        key_id, key_label = origin.key
        return EntryAuthor(key_id=key_id, key_label=key_label)
    by = by if by is not None else otherwise
    if by is None or by == NOBODY:
        return EntryAuthor()
    if isinstance(by, Principal):
        return EntryAuthor(by.user_id, by.email, by.name, by.key_id, by.key_label)
    return await author_by_id(db, by)


async def _store(
    db: Db,
    services: Services,
    organization_ids: Sequence[UUID],
    author: EntryAuthor,
    origin: RequestOrigin,
    what: _Happening,
) -> None:
    kind, target_id, target_name = what.target or ("", "", "")
    project_id, project_name = what.project or (None, "")
    now = services.clock.now()
    values: dict[str, Any] = {
        "created_at": now,
        "user_id": author.user_id,
        "user_email": cut(author.user_email, MAX_EMAIL),
        "user_name": cut(author.user_name, MAX_NAME),
        "key_id": author.key_id,
        "key_label": cut(author.key_label, MAX_NAME),
        "in_project_id": project_id,
        "in_project_name": cut(project_name, MAX_NAME),
        "action": cut(what.action, MAX_ACTION),
        "target_type": cut(kind, MAX_TYPE),
        "target_id": cut(target_id, MAX_ID),
        "target_name": cut(target_name, MAX_NAME),
        "before": shown_values(what.before),
        "after": shown_values(what.after),
        "cleared_before": what.cleared_before,
        "address": cut(origin.address, MAX_ADDRESS),
        "user_agent": origin.user_agent,
    }
    named = (author.user_name, author.user_email, author.key_label, target_name, origin.address)
    text = folded("\n".join(cut(one, MAX_NAME) for one in named if one))
    values |= {"search_text": text, "search_id": search_id_of(text)}
    await _note_search_text(db, organization_ids, text, now)
    rows = [{**values, "organization_id": one, "id": new_uuid()} for one in organization_ids]
    await db.execute(insert(audit_entry), rows)


async def _note_search_text(db: Db, organization_ids: Sequence[UUID], text: str, now: datetime) -> None:
    """Keep a text that entries share, with how many they are, so that a search counts them without reading them."""
    row = {"id": search_id_of(text), "text": text, "last_used_at": now, "n_entries": 1}
    known = audit_search_text.c
    noted = insert_for(db.dialect, audit_search_text)
    again = {"last_used_at": noted.excluded.last_used_at, "n_entries": known.n_entries + 1}
    await db.execute(
        noted.on_conflict_do_update(index_elements=["organization_id", "id"], set_=again),
        [row | {"organization_id": one} for one in sorted(organization_ids)],  # all lock in one order
    )


async def start_export(
    services: Services, organization_id: UUID, asked: Mapping[str, str]
) -> tuple[ExportFormat, AuditFilters]:
    """Record that the log is exported, and return how and what of it; raises Invalid, and Throttled after too many."""
    kind = FORMATS.get(asked.get("format") or "csv")
    if kind is None:
        raise not_a_choice(asked["format"], "format")
    await services.throttles.hit((EXPORTS, str(organization_id)))
    async with services.database.transaction() as db:
        filters = await filters_of(db, asked)
        narrowed = {name: asked[name] for name in NAMES if asked.get(name)}
        after = {"format": kind.extension, **narrowed}
        await record(db, services, organization_id=organization_id, action="audit_log.exported", after=after)
    return kind, filters


async def clear_old_entries(db: Db, services: Services, *, limit: int = BATCH) -> int:
    """Delete what is older than the setting says, in batches; return how many. An entry says so first.

    The database deletes nothing that no entry has announced. Safe to run twice.
    """
    oldest = services.clock.now() - timedelta(days=services.settings.audit_log_days)
    # From the beginning of a month, so that there is one announcement a month.
    before = oldest.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    n_cleared = 0
    for organization_id in await organizations_with_entries_before(db, before):
        if not await is_announced(db, organization_id, before):
            until = {"entries_before": before.date().isoformat()}
            clearing = _Happening("audit_log.cleared", None, None, until, cleared_before=before)
            await _store(db, services, [organization_id], EntryAuthor(), NOWHERE, clearing)
        n_cleared += await _clear(db, organization_id, before, limit - n_cleared)
        if n_cleared >= limit:
            break
    return n_cleared


async def _clear(db: Db, organization_id: UUID, before: datetime, limit: int) -> int:
    """Delete the oldest entries, and the texts that none is left of."""
    old = old_entries(organization_id, before, limit)
    mine = (audit_entry.c.organization_id == organization_id, audit_entry.c.id.in_(old))
    gone = await db.execute(delete(audit_entry).where(*mine).returning(audit_entry.c.search_id))
    search_ids = list(gone.scalars())
    texts = audit_search_text.c
    for search_id, count in sorted(Counter(one for one in search_ids if one is not None).items()):
        same = (texts.organization_id == organization_id, texts.id == search_id)
        left = {"n_entries": texts.n_entries - count}
        await db.execute(update(audit_search_text).where(*same).values(left))
    unused = (texts.organization_id == organization_id, texts.last_used_at < before, texts.n_entries <= 0)
    await db.execute(delete(audit_search_text).where(*unused))
    return len(search_ids)
