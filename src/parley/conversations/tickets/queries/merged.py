"""Which ticket a merged one is part of now."""

from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, bindparam, literal, select, true

from parley.accounts.users.queries import BASIC_COLUMNS, user_of
from parley.accounts.users.tables import user_account
from parley.conversations.tickets.rules.merged import MAX_MERGED
from parley.conversations.tickets.schemas import MergedFrom
from parley.conversations.tickets.tables import MERGED, ticket, ticket_merge
from parley.kernel.database.prepared import Prepared, Reads


class MergedTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A merged ticket that somebody has asked for, and the ticket that it is part of now: its last target.

    `merged_into` is the ticket that it was merged into itself, which may be merged into the last target in turn.
    """

    last_target_id: UUID
    merged_from: MergedFrom
    merged_into: UUID
    distinct_id: str
    widget_session_id: UUID
    identity_verified: bool | None
    claim_email: str | None
    closed_to_sessions: bool
    anonymous_traits: dict[str, Any]


_OWN = MergedTicket.__struct_fields__[3:]
"""The fields that are columns of the merged ticket."""


def _with_last_target(is_wanted: ColumnElement[bool]) -> Prepared:
    """Follow the merges from one ticket to its last target (unique keys of ticket, ix_ticket_merge_merged)."""
    first = ticket_merge.alias("first")
    wanted = (ticket.c.project_id == bindparam("project_id"), is_wanted, ticket.c.is_merged == true())
    with_merge = ticket.join(
        first,
        (first.c.project_id == ticket.c.project_id)
        & (first.c.merged_id == ticket.c.id)
        & first.c.undone_at.is_(None),
    )
    start = select(first.c.survivor_id.label("id"), literal(1).label("depth")).select_from(with_merge)
    chain = start.where(*wanted).cte("chain", recursive=True)
    step = select(ticket_merge.c.survivor_id, chain.c.depth + 1).where(
        ticket_merge.c.project_id == bindparam("project_id"),
        ticket_merge.c.merged_id == chain.c.id,
        MERGED,
        chain.c.depth <= MAX_MERGED,
    )
    chain = chain.union_all(step)
    last_target_id = select(chain.c.id).order_by(chain.c.depth.desc()).limit(1).scalar_subquery()
    merge = (last_target_id, ticket.c.id, ticket.c.number, first.c.merged_at, first.c.survivor_id)
    own = (ticket.c[name] for name in _OWN)
    with_user = with_merge.outerjoin(user_account, user_account.c.id == first.c.merged_by)
    return Prepared(select(*merge, *own, *BASIC_COLUMNS).select_from(with_user).where(*wanted))


@lru_cache
def _by(column: str) -> Prepared:
    return _with_last_target(ticket.c[column] == bindparam("wanted", type_=ticket.c[column].type))


async def merged_ticket(read: Reads, project_id: int, wanted: UUID | int) -> MergedTicket | None:
    """Return the merged ticket with this uuid or number, and what it is part of; None where it isn't merged.

    Merging does not delete the last target; whether somebody has deleted it since, the next look-up says.
    """
    found = await read(
        _by("number" if isinstance(wanted, int) else "id"), project_id=project_id, wanted=wanted
    )
    if not found:
        return None
    last_target_id, id, number, merged_at, merged_into, *rest = found[0]
    return MergedTicket(
        last_target_id=last_target_id,
        merged_from=MergedFrom(id, number, merged_at, user_of(rest[len(_OWN) :])),
        merged_into=merged_into,
        **dict(zip(_OWN, rest, strict=False)),
    )
