"""Which ticket a merged one is part of now."""

from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, bindparam, literal, select, true

from parley.accounts.users.queries import USER
from parley.accounts.users.tables import user_account
from parley.conversations.tickets.rules.merges import MAX_MERGED
from parley.conversations.tickets.schemas import MergedFrom
from parley.conversations.tickets.tables import MERGED, ticket, ticket_merge
from parley.kernel.database.prepared import Prepared, Reads
from parley.kernel.database.struct_columns import StructColumns


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


def _with_last_target(is_wanted: ColumnElement[bool]) -> tuple[Prepared, StructColumns[MergedTicket]]:
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
    found = StructColumns(
        MergedTicket,
        ticket,
        last_target_id=last_target_id,
        merged_from=StructColumns(
            MergedFrom,
            id=ticket.c.id,
            ticket_number=ticket.c.number,
            merged_at=first.c.merged_at,
            merged_by=USER.or_none(),
        ),
        merged_into=first.c.survivor_id,
    )
    with_user = with_merge.outerjoin(user_account, user_account.c.id == first.c.merged_by)
    return Prepared(select(*found.columns).select_from(with_user).where(*wanted)), found


@lru_cache
def _by(column: str) -> tuple[Prepared, StructColumns[MergedTicket]]:
    return _with_last_target(ticket.c[column] == bindparam("wanted", type_=ticket.c[column].type))


async def merged_ticket(read: Reads, project_id: int, wanted: UUID | int) -> MergedTicket | None:
    """Return the merged ticket with this uuid or number, and what it is part of; None where it isn't merged.

    Merging does not delete the last target; whether somebody has deleted it since, the next look-up says.
    """
    statement, merged = _by("number" if isinstance(wanted, int) else "id")
    found = await read(statement, project_id=project_id, wanted=wanted)
    return merged(found[0]) if found else None
