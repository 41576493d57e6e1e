"""Every text that search looks through is folded by Python, whoever wrote the row and whatever became of it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from parley.conversations.search.indexed_text import own_text
from parley.conversations.search.tables import search_text
from parley.conversations.search.tests.test_search import found
from parley.conversations.ticket_list import actions
from parley.conversations.tickets.rules.comments import MESSAGE_SCOPE
from parley.conversations.tickets.tables import comment, ticket
from parley.conversations.tickets.tests.factories import Desk
from parley.kernel.database.database import Database
from parley.kernel.ids import new_uuid
from parley.kernel.text.forms import folded, is_blank

FOLDED = [
    ("STRASSE", "straße"),
    ("İSTANBUL", "istanbul"),
    ("e\u0301te\u0301", "ÉTÉ"),
    ("a\u00a0b\n\nc\u2028d", "A B C D"),
    ("ＦＵＬＬ　ｗｉｄｔｈ", "full width"),
    ("ŁÓDŹ", "łódź"),
    ("ꭰᏸ", "ᎠᏰ"),
    ("ᲐᲑ", "აბ"),
    ("ΟΔΟΣ", "οδος"),
    ("so\u00adft hy\u200bphen", "SOFT HYPHEN"),
    ("ﬁne \u2009 x²", "FINE X2"),
    ("µ ſ \u212a", "μ s k"),
]


@pytest.mark.parametrize(("text", "same"), FOLDED)
def test_equal_looking_texts_are_folded_to_the_same(text, same):
    assert folded(text) == folded(same) == folded(folded(text))


@pytest.mark.parametrize(
    "text", ["", " \t\n", "\u200b\u2060", "\u00ad", "\u3164\u115f", "\ufeff\u00a0", "\u202e\u2066", "\ufe0f"]
)
def test_what_nobody_sees_is_blank(text):
    assert is_blank(text) and folded(text) == ""


@pytest.mark.parametrize("text", ["x", "👩\u200d👧", "\u200bx", "।", "\u0301", "."])
def test_what_is_seen_is_not_blank(text):
    assert not is_blank(text)


@pytest.mark.parametrize(("text", "same"), FOLDED)
async def test_equal_looking_texts_are_found_by_each_other(desk, text, same):
    first = await desk.open(message=text)
    second = await desk.open(name=same)
    for term in (text, same, f'"{text}"'):
        assert await found(desk, term) == [first["ticket_number"], second["ticket_number"]], term


async def texts_of_index(database: Database, project_id: int) -> dict[object, str]:
    async with database.transaction(write=False) as db:
        mine = select(search_text.c.id, search_text.c.text).where(search_text.c.project_id == project_id)
        return {row.id: row.text for row in await db.execute(mine)}


async def texts_of_rows(database: Database, project_id: int) -> dict[object, str]:
    async with database.transaction(write=False) as db:
        said = select(comment.c.id, comment.c.content, comment.c.deleted).where(
            comment.c.project_id == project_id
        )
        texts = {row.id: folded(row.content) for row in await db.execute(said) if not row.deleted}
        words = select(ticket.c.id, ticket.c.anonymous_traits, ticket.c.email_subject)
        for row in await db.execute(words.where(ticket.c.project_id == project_id)):
            texts[row.id] = own_text(row.anonymous_traits, row.email_subject)
    return {id: text for id, text in texts.items() if text}


async def check(desk: Desk, database: Database) -> None:
    assert await texts_of_index(database, desk.project.id) == await texts_of_rows(database, desk.project.id)


async def test_whatever_happens_to_a_text_the_index_has_it_folded(desk, customer, database):
    for index in range(3):
        await desk.open(message=f"Straße {index}\nİ", subject="Ünïcode\u00a0", name="A\u030ada")
    note = await desk.say(
        {"id": (await desk.listed())["results"][0]["id"]}, "Geheime STRASSE", is_private=True
    )
    await desk.edit(note, content="Offene  STRAẞE")
    await check(desk, database)
    reply = await desk.client.post(f"{desk.tickets}1/notes/", json={"message": "Größe"})
    await desk.client.patch(f"{desk.tickets}1/notes/{reply.json()['id']}/", json={"message": "GRÖẞE"})
    await check(desk, database)
    await desk.change(1, anonymous_traits={"name": "ẞeta", "email": 7})
    await check(desk, database)
    received = await customer.write("ﬁrst", traits={"name": "Ⅳ"})
    await customer.write("ﬀ", received.ticket_id, traits={"name": "Ⅷ"})
    await check(desk, database)
    assert (await desk.client.post(f"{desk.tickets}1/merge/", json={"into": 2})).status_code == 200
    await check(desk, database)
    assert (await desk.client.post(f"{desk.tickets}1/unmerge/")).status_code == 200
    await desk.edit(note, deleted=True)
    await desk.delete(3)
    await check(desk, database)


async def test_what_an_older_version_has_written_is_folded_by_a_job_that_may_be_killed(
    desk, database, queue, monkeypatch
):
    monkeypatch.setattr(actions, "FOLD_BATCH", 2)
    opened = await desk.open(name="Ada")
    async with database.transaction() as db:
        for index in range(5):
            await db.execute(
                insert(comment).values(
                    project_id=desk.project.id, id=new_uuid(), scope=MESSAGE_SCOPE, item_id=opened["id"],
                    ticket_id=UUID(opened["id"]), item_context={}, content=f"STRASSE\u00a0{index} ﬁ",
                    created_at=datetime.now(UTC),
                )
            )  # fmt: skip
        await db.execute(
            update(ticket)
            .where(ticket.c.project_id == desk.project.id)
            .values(anonymous_traits={"name": "ﬀ"})
        )
    if database.dialect == "postgresql":
        assert await found(desk, "fi") == []
        async with database.transaction() as db:
            assert await actions.fold_some(db) == 2
        with pytest.raises(RuntimeError):
            async with database.transaction() as db:
                assert await actions.fold_some(db) == 2
                raise RuntimeError("killed before it could commit")
    while await queue.run_job("tickets.fold_search"):
        pass
    await check(desk, database)
    assert await found(desk, "straße fi ff") == [1]
