"""Keeping the index of sources: of tickets that were resolved with an answer, and of published articles."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, update

from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.knowledge.articles.queries import published_articles
from parley.knowledge.suggested_replies.queries.past_answers import public_messages
from parley.knowledge.suggested_replies.queries.unindexed import (
    locked_progress,
    projects_without_progress,
    resolved_subject,
    tickets_behind,
)
from parley.knowledge.suggested_replies.rules.answers import answer_of, first_question
from parley.knowledge.suggested_replies.rules.words import place_of, stems_of, tokens_of
from parley.knowledge.suggested_replies.tables import answer_index_progress, answer_source

MOST_TERMS, MOST_ANSWER_TERMS = 60, 120
AT_ONCE = 100
"""So many tickets are looked at in one transaction."""


async def index_ticket(db: Db, project_id: int, ticket_id: UUID) -> None:
    """Let a resolved ticket be found by its question and answer; one without an answer is not in the index."""
    subject = await resolved_subject(db, project_id, ticket_id)
    messages = await public_messages(db, project_id, ticket_id) if subject is not None else []
    answer = answer_of(messages)
    if answer is None:
        await _remove(db, project_id, ticket_id)
        return
    question = first_question(subject, messages)
    await _store(db, project_id, ticket_id, question, answer.content, ticket_id=ticket_id)


async def index_article(db: Db, project_id: int, article_id: UUID) -> None:
    """Let a published article be found; a draft, or one that is gone, is not in the index."""
    found = (await published_articles(db, project_id, [article_id])).get(article_id)
    if found is None:
        await _remove(db, project_id, article_id)
        return
    title = " ".join((found.title, *found.tags))
    await _store(db, project_id, article_id, title, found.content, article_id=article_id)


async def _remove(db: Db, project_id: int, id: UUID) -> None:
    mine = (answer_source.c.project_id == project_id, answer_source.c.id == id)
    await db.execute(delete(answer_source).where(*mine))


async def _store(db: Db, project_id: int, id: UUID, question: str, answer: str, **of: UUID) -> None:
    asked = stems_of(question)
    further = [stem for stem in stems_of(answer) if stem not in asked]
    values: dict[str, Any] = {
        "terms": " ".join(tokens_of(project_id, asked, MOST_TERMS)),
        "answer_terms": " ".join(tokens_of(project_id, further, MOST_ANSWER_TERMS)),
    }
    key = {"project_id": project_id, "id": id, "place": place_of(project_id, id), **of}
    statement = insert_for(db.dialect, answer_source).values(**key, **values)
    await db.execute(statement.on_conflict_do_update(index_elements=["project_id", "id"], set_=values))


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
    for id, _, status in rows:
        if status == "resolved":
            await index_ticket(db, project_id, id)
    if rows:
        mine = answer_index_progress.c.project_id == project_id
        await db.execute(update(answer_index_progress).where(mine).values(number=rows[-1][1]))
    return len(rows) == AT_ONCE
