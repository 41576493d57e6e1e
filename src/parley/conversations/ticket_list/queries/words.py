"""Tickets by their words: conditions of search on tickets, and the words of rows that the index still has to fold.

The index of texts says which tickets hold a term (`conversations/search`). Those that are found by a number need none.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true, tuple_

from parley.conversations.search.queries import ONE, PROJECT, has_text_with, texts_with
from parley.conversations.search.rules import LOOKED_AT, NO_TICKET, TextKey
from parley.conversations.search.tables import search_text
from parley.conversations.tickets.tables import DELETED, comment, ticket, ticket_merge
from parley.kernel.text.search import is_indexed, parts_of

MINE = ticket.c.project_id == PROJECT


def has_number(number: int) -> ColumnElement[bool]:
    """Return the condition for the ticket with this number, or the one that it is merged into (unique keys)."""
    found = select(ticket.c.id).where(MINE, ticket.c.number == number).cte("numbered", recursive=True)
    further = select(ticket_merge.c.survivor_id).where(
        ticket_merge.c.project_id == PROJECT,
        ticket_merge.c.merged_id == found.c.id,
        ticket_merge.c.undone_at.is_(None),
    )
    return ticket.c.id.in_(select(found.union(further).c.id))


def through_index(matching: Select[Any], term: str, dialect: str, *, is_alone: bool) -> Select[Any]:
    """Narrow a SELECT of tickets to those with every part of the term in a text, found through the index of texts."""
    sought, others = _sought(term)
    found = texts_with((sought,), dialect, is_alone=is_alone).with_only_columns(search_text.c.about_id)
    return matching.where(
        ticket.c.id.in_(found), *(has_text_with(part, ticket.c.id, ticket, dialect) for part in others)
    )


def _sought(term: str) -> tuple[str, tuple[str, ...]]:
    """Return the part that is looked up in the index of texts, and those that are looked for in what it finds.

    The longest one is the rarest, as a rule. To look up each of them would mean to read all texts that have the others.
    """
    parts = parts_of(term)
    sought = max((part for part in parts if is_indexed(part)), key=len)
    return sought, tuple(part for part in parts if part != sought)


def count_through_index(term: str, dialect: str, *, is_alone: bool) -> Select[Any]:
    """Return the SELECT that counts the live tickets with the term without reading each of them.

    Which tickets have it, the index of texts says. Those that are deleted are few (ix_ticket_deleted). Only a ticket
    that is found by its own words alone is looked up: what else has no text but its own are merged tickets, and
    comments that are no messages.
    """
    said = func.max(case((search_text.c.id != search_text.c.about_id, 1), else_=0)).label("said")
    sought, others = _sought(term)
    texts = texts_with((sought,), dialect, is_alone=is_alone)
    texts = texts.with_only_columns(search_text.c.about_id, said).where(search_text.c.about_id != NO_TICKET)
    found = texts.group_by(search_text.c.about_id).subquery("found")
    deleted = select(ticket.c.id).where(MINE, DELETED)
    live = select(true()).where(MINE, ticket.c.id == found.c.about_id, ticket.c.deleted_at.is_(None))
    # As a value, so that it is asked of one after the other and never turned into a scan of all tickets.
    is_live = live.limit(ONE).correlate(found).scalar_subquery().is_(true())
    counted = select(func.count()).select_from(found)
    rest = (has_text_with(part, found.c.about_id, found, dialect) for part in others)
    return counted.where(
        *rest,
        or_(and_(found.c.said == 1, found.c.about_id.not_in(deleted)), and_(found.c.said == 0, is_live)),
    )


def newest() -> ColumnElement[bool]:
    """Return the condition that a ticket is one of the `LOOKED_AT` that changed last (ix_ticket_recent)."""
    inner = ticket.alias("newest")
    ids = (
        select(inner.c.id)
        .where(inner.c.project_id == PROJECT, inner.c.deleted_at.is_(None))
        .order_by(inner.c.updated_at.desc(), inner.c.number.desc())
        .limit(LOOKED_AT)
    )
    return ticket.c.id.in_(ids)


def has_words(term: str, dialect: str) -> ColumnElement[bool]:
    """Return the condition that the ticket has every part of the term in a text (pk_search_text, uq_search_text)."""
    return and_(true(), *(has_text_with(part, ticket.c.id, ticket, dialect) for part in parts_of(term)))


def unfolded_comments(keys: Sequence[TextKey]) -> Select[Any]:
    """Return the SELECT of the words of those of the texts that are comments (primary key)."""
    of = tuple_(comment.c.project_id, comment.c.id)
    wanted = [(project_id, id) for project_id, about_id, id in keys if about_id != id]
    return select(comment.c.project_id, comment.c.id, comment.c.content).where(of.in_(wanted))


def unfolded_tickets(keys: Sequence[TextKey]) -> Select[Any]:
    """Return the SELECT of the words of those of the texts that are tickets (primary key)."""
    of = tuple_(ticket.c.project_id, ticket.c.id)
    wanted = [(project_id, id) for project_id, about_id, id in keys if about_id == id]
    words = (ticket.c.anonymous_traits, ticket.c.email_subject)
    return select(ticket.c.project_id, ticket.c.id, *words).where(of.in_(wanted))
