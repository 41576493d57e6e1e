"""Keeping the index of sources: of tickets that were resolved with an answer, and of published articles."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, update

from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.knowledge.articles.queries import published_articles
from parley.knowledge.suggested_replies.queries.unindexed import (
    locked_progress,
    messages_by_ticket,
    projects_without_progress,
    resolved_tickets,
    tickets_behind,
)
from parley.knowledge.suggested_replies.rules.answers import answer_of, first_question
from parley.knowledge.suggested_replies.rules.words import place_of, stems_of, tokens_of
from parley.knowledge.suggested_replies.tables import answer_index_progress, answer_source

MOST_TERMS, MOST_ANSWER_TERMS = 60, 120
AT_ONCE = 100
"""So many tickets are looked at in one transaction."""


async def index_tickets(db: Db, project_id: int, ids: Sequence[UUID]) -> None:
    """Let resolved tickets be found by question and answer; those without an answer are not in the index."""
    tickets = await resolved_tickets(db, project_id, ids)
    messages = await messages_by_ticket(db, project_id, tickets)
    rows = []
    for one in tickets:
        answer = answer_of(messages[one.id])
        if answer is not None:
            question = first_question(one.email_subject, messages[one.id])
            rows.append(_row(project_id, one.id, question, answer.content, ticket_id=one.id))
    known = {row["id"] for row in rows}
    await _remove(db, project_id, [id for id in ids if id not in known])
    await _store(db, rows)


async def index_article(db: Db, project_id: int, article_id: UUID) -> None:
    """Let a published article be found; a draft, or one that is gone, is not in the index."""
    found = (await published_articles(db, project_id, [article_id])).get(article_id)
    if found is None:
        await _remove(db, project_id, [article_id])
        return
    title = " ".join((found.title, *found.tags))
    await _store(db, [_row(project_id, article_id, title, found.content, article_id=article_id)])


async def _remove(db: Db, project_id: int, ids: Sequence[UUID]) -> None:
    if ids:
        mine = (answer_source.c.project_id == project_id, answer_source.c.id.in_(ids))
        await db.execute(delete(answer_source).where(*mine))


def _row(
    project_id: int,
    id: UUID,
    question: str,
    answer: str,
    *,
    ticket_id: UUID | None = None,
    article_id: UUID | None = None,
) -> dict[str, Any]:
    asked = stems_of(question)
    further = [stem for stem in stems_of(answer) if stem not in asked]
    return {
        "project_id": project_id,
        "id": id,
        "ticket_id": ticket_id,
        "article_id": article_id,
        "terms": " ".join(tokens_of(project_id, asked, MOST_TERMS)),
        "answer_terms": " ".join(tokens_of(project_id, further, MOST_ANSWER_TERMS)),
        "place": place_of(project_id, id),
    }


async def _store(db: Db, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        statement = insert_for(db.dialect, answer_source)
        new = {name: statement.excluded[name] for name in ("terms", "answer_terms")}
        key = ["project_id", "id"]
        await db.execute(statement.on_conflict_do_update(index_elements=key, set_=new), rows)


async def begin_backfill(db: Db, most: int) -> list[int]:
    """Note for projects that nothing is noted for that their older tickets are to be indexed; return these projects."""
    ids = await projects_without_progress(db, most)
    if ids:
        rows = [{"project_id": id, "number": 0} for id in ids]
        await db.execute(insert(answer_index_progress).values(rows))
    return ids


async def index_older(db: Db, project_id: int) -> bool:
    """Index the next tickets behind those that were; return whether there may be more. Safe to repeat."""
    number = await locked_progress(db, project_id)
    if number is None:
        return False  # the project is gone
    rows = await tickets_behind(db, project_id, number, AT_ONCE)
    await index_tickets(db, project_id, [id for id, _, status in rows if status == "resolved"])
    if rows:
        mine = answer_index_progress.c.project_id == project_id
        await db.execute(update(answer_index_progress).where(mine).values(number=rows[-1][1]))
    return len(rows) == AT_ONCE
