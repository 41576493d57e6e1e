"""The words of rows that the index of texts still has to fold (docs/decisions/0011-search.md)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select, tuple_

from parley.conversations.search.indexed_text import TextKey
from parley.conversations.tickets.tables import comment, ticket


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
