"""The index follows tickets and articles, and each database looks words up in its own index."""

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, text

from parley.conversations.tickets.tables import ticket
from parley.kernel.database.prepared import _Compiled
from parley.kernel.ids import new_uuid
from parley.knowledge.suggested_replies.actions.indexing import index_article, index_tickets
from parley.knowledge.suggested_replies.queries import index
from parley.knowledge.suggested_replies.queries.past_answers import PastMessage
from parley.knowledge.suggested_replies.rules.answers import answer_of, first_question, open_question
from parley.knowledge.suggested_replies.rules.words import place_of, stems_of, token_of
from parley.knowledge.suggested_replies.tables import answer_source
from parley.knowledge.suggested_replies.tests.conftest import AnsweringDesk

ANSWER = "You have thirty days from delivery to return it."


async def found(database, project_id, words):
    tokens = [token_of(project_id, stem) for stem in stems_of(words)]
    candidates = await index.candidates_with(database, project_id, tokens, with_tickets=True)
    counts = await index.word_counts(database, project_id, tokens)
    assert (len(candidates) > 0) == any(counts.by_token.values())
    return {one.id for one in candidates}


async def test_indexing_twice_changes_nothing_and_what_goes_leaves_the_index(desk: AnsweringDesk, database):
    past = await desk.resolve("Can I return a jacket?", ANSWER)
    id, project_id = UUID(past["id"]), desk.project.id
    mine = answer_source.c.project_id == project_id
    for _ in range(2):
        async with database.transaction() as db:
            await index_tickets(db, project_id, [id, new_uuid()])
            await index_article(db, project_id, new_uuid())
            assert (
                await db.execute(select(func.count()).select_from(answer_source).where(mine))
            ).scalar() == 1
        assert await found(database, project_id, "jackets") == {id}
    async with database.transaction() as db:
        await db.execute(delete(ticket).where(ticket.c.project_id == project_id, ticket.c.id == id))
        assert (await db.execute(select(func.count()).select_from(answer_source).where(mine))).scalar() == 0
    assert await found(database, project_id, "jackets") == set()


async def test_an_answer_on_a_ticket_that_is_resolved_already_is_found(desk: AnsweringDesk, database):
    asked = await desk.ask("Can I return a jacket?")
    await desk.change(asked["id"], status="resolved")
    await desk.queue.drain()
    assert await found(database, desk.project.id, "jackets") == set()
    await desk.say(asked, ANSWER)
    await desk.queue.drain()
    assert await found(database, desk.project.id, "jackets") == {UUID(asked["id"])}


async def test_the_same_words_of_another_project_are_not_looked_at(desk: AnsweringDesk, database, mallory):
    await desk.resolve("Can I return a jacket?", ANSWER)
    assert await found(database, mallory.project_id, "return a jacket") == set()
    assert token_of(desk.project.id, "jacket") != token_of(mallory.project_id, "jacket")


async def test_words_are_looked_up_in_the_index(database, project):
    tokens = [token_of(project.id, "rare"), token_of(project.id, "none")]
    rows = [
        {"project_id": project.id, "id": (id := new_uuid()), "place": place_of(project.id, id), "answer_terms": "",
         "terms": " ".join(token_of(project.id, f"{n % 500} {k}") for k in range(20))}
        for n in range(2_000)
    ]  # fmt: skip
    is_sqlite = database.dialect == "sqlite"
    statements = (
        [index._WITH_ANY_OF_SQLITE, index._COUNTS_OF_SQLITE]
        if is_sqlite
        else [index._WITH_ANY, index._COUNTS]
    )
    values = {
        "project_id": project.id,
        "tokens": tokens,
        "match": " OR ".join(tokens),
        "most": 10,
        "with_tickets": True,
    }
    async with database.transaction() as db:
        await db.execute(answer_source.insert(), rows)
        if not is_sqlite:
            await db.execute(text("ANALYZE answer_source"))
        for prepared in statements:
            compiled = _Compiled(prepared.statement, db.dialect)
            arguments = compiled.arguments(values)
            if is_sqlite:
                plan = await db.driver.execute_fetchall(f"EXPLAIN QUERY PLAN {compiled.sql}", arguments)
                assert "answer_index VIRTUAL TABLE INDEX" in str([tuple(row) for row in plan])
            else:
                plan = await db.driver.fetch(f"EXPLAIN {compiled.sql}", *arguments)
                assert "ix_answer_source_words" in str(plan) and "Seq Scan" not in str(plan)
        await db.execute(delete(answer_source).where(answer_source.c.project_id == project.id))


@given(st.text(max_size=300))
def test_any_text_has_words_that_no_index_takes_for_an_operator(words):
    stems = stems_of(words)
    assert len(stems) == len(set(stems))
    assert all(re.fullmatch("[0-9a-v]{8}", token_of(1, stem)) for stem in stems)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I returned them", "returns"),
        ("RÜCKGABE", "Rückgaben"),
        ("退款申请", "申请退款"),
        ("can't", "cant"),
        ("e\u0301clair", "Éclairs"),
    ],
)
def test_forms_of_a_word_are_one(one, other):
    assert set(stems_of(one)) & set(stems_of(other)) or stems_of(one) == stems_of(other)


CUSTOMER, TEAM = ("customer", "support")


def said(*lines):
    return [PastMessage(author, content) for author, content in lines]


def test_the_answer_is_the_first_of_substance_after_a_question():
    thread = said(
        (TEAM, "Welcome to the shop, how may we help you with anything today?"),
        (CUSTOMER, "Can I return it?"),
        (TEAM, "Let me look."),
        (TEAM, ANSWER),
        (CUSTOMER, "Thanks! And the refund?"),
        (TEAM, "The refund takes five working days after it has reached us, not longer."),
    )
    assert answer_of(thread) == thread[3]
    assert first_question("Returns", thread) == "Returns\nCan I return it?"
    assert open_question("Returns", thread) == "Thanks! And the refund?\nCan I return it?\nReturns"
    short = said((CUSTOMER, "Hi"), (TEAM, "Yes."), (TEAM, "Yes, sure."))
    assert answer_of(short) == short[2]
    assert answer_of(said((CUSTOMER, "Hi"), (TEAM, " "))) is None
