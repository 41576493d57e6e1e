"""Suggestions without a model, on both databases."""

import asyncio
from datetime import datetime

import msgspec
import pytest
from sqlalchemy import delete, select

from parley.kernel.ids import new_uuid
from parley.kernel.jobs import Queue, Work, outbox, resting
from parley.kernel.services import Services
from parley.knowledge.suggested_replies.actions import indexing
from parley.knowledge.suggested_replies.jobs import INDEX_OLDER, index_older
from parley.knowledge.suggested_replies.queries.unindexed import locked_progress
from parley.knowledge.suggested_replies.tables import answer_source
from parley.knowledge.suggested_replies.tests.conftest import AnsweringDesk

QUICK_ACTIONS = "/api/projects/@current/conversations/quick_actions/"
ARTICLES = "/api/projects/@current/conversations/articles/"
QUESTION = "How many days do I have to return a jacket?"
ANSWER = "Hi Maria,\n\nyou have 30 days from delivery to return your jacket.\n\nBest regards,\nAlice"
NOTHING = {"suggestion": "", "sources": []}


async def test_a_past_answer_is_adapted_and_named(desk: AnsweringDesk):
    past = await desk.resolve("Can I return a jacket that is too big?", ANSWER, name="Maria Schmidt")
    await desk.resolve("Where is my parcel?", "It is on its way and arrives tomorrow, as the carrier says.")
    found = await desk.suggested(QUESTION, name="Tom Miller")
    assert found["suggestion"] == "Hi Tom,\n\nyou have 30 days from delivery to return your jacket."
    [source] = found["sources"]
    assert source == {
        "type": "ticket",
        "id": past["id"],
        "title": f"#{past['ticket_number']} Can I return a jacket that is too big?",
        "url": f"http://parley.test/inbox/{past['ticket_number']}",
    }


async def test_whoever_claims_anothers_distinct_id_is_not_greeted_by_their_name(
    desk: AnsweringDesk, anonymous
):
    event = {"event": "x", "distinct_id": "ada", "properties": {"$set": {"name": "Ada Lovelace"}}}
    told = await anonymous.post("/e/", json={**event, "token": desk.project.api_token})
    assert told.status_code == 200, told.text
    await desk.resolve("Can I return a jacket that is too big?", ANSWER, name="Maria Schmidt")
    found = await desk.suggested(QUESTION, distinct_id="ada")
    assert found["suggestion"] == "Hi,\n\nyou have 30 days from delivery to return your jacket."


async def test_a_quick_action_and_an_article_are_sources(desk: AnsweringDesk):
    await desk.client.post(
        QUICK_ACTIONS, json={"name": "Return a jacket", "content": "Hello! Use the return form."}
    )
    article = {
        "title": "Invoices",
        "state": "published",
        "content": "# VAT\n\nEnter your **VAT number** under *Billing*.\n\n# Lost\n\nAsk us.",
    }
    made = (await desk.client.post(ARTICLES, json=article)).json()
    await desk.queue.drain()
    found = await desk.suggested("How do I return a jacket?")
    assert (
        found["suggestion"] == "Hello,\n\nUse the return form."
        and found["sources"][0]["type"] == "quick_action"
    )
    found = await desk.suggested("Which VAT number is on my invoices?")
    assert found["suggestion"] == "Hello,\n\nEnter your VAT number under Billing."
    assert found["sources"][0]["id"] == made["id"]
    await desk.client.patch(f"{ARTICLES}{made['id']}/", json={"state": "draft"})
    assert (
        await desk.suggested("Which VAT number is on my invoices?") == NOTHING
    )  # even before the index knows
    await desk.queue.drain()
    assert await desk.suggested("Which VAT number is on my invoices?") == NOTHING


async def test_what_was_answered_several_times_is_one_source_and_shortened(desk: AnsweringDesk):
    asked = "Can I return a jacket that is too big, or change it for another one of the next size?"
    for name in ("Maria", "Jo"):
        await desk.resolve(asked, f"Hi {name},\n\nyou have 30 days from delivery to return your jacket.")
    await desk.resolve("Can I return a jacket?", "Yes: print the label and bring it to the post office.")
    titles = [one["title"].partition(" ")[2] for one in (await desk.suggested(QUESTION))["sources"]]
    assert sorted(titles) == [
        "Can I return a jacket that is too big, or change it for anot…",
        "Can I return a jacket?",
    ]


async def test_nothing_usable_is_an_empty_suggestion(desk: AnsweringDesk):
    await desk.resolve("Can I return a jacket that is too big?", ANSWER)
    for question in ("Do you sell llamas?", "Hello", "?!", "%", '"', "' OR 1=1 --", "jack* NEAR(a b)"):
        assert await desk.suggested(question) == NOTHING, question


async def test_a_ticket_without_public_messages_has_no_suggestion(desk: AnsweringDesk):
    opened = await desk.open()
    await desk.say(opened, "Only for us: " + QUESTION, is_private=True)
    answer = await desk.suggest_answer(opened)
    assert (answer.status_code, answer.json()) == (400, {"detail": "No messages in this ticket"})


@pytest.mark.parametrize("gone", ["reopened", "deleted", "edited away", "a note"])
async def test_what_is_no_past_public_answer_any_more_is_not_suggested(desk: AnsweringDesk, gone: str):
    opened = await desk.ask("Can I return a jacket that is too big?")
    said = await desk.say(opened, ANSWER, is_private=gone == "a note")
    await desk.change(opened["id"], status="resolved")
    await desk.queue.drain()
    if gone == "reopened":
        await desk.change(opened["id"], status="open")
    elif gone == "deleted":
        await desk.delete(opened["id"])
    elif gone == "edited away":
        await desk.edit(said, deleted=True)
    assert await desk.suggested(QUESTION) == NOTHING


async def test_another_project_learns_nothing(desk: AnsweringDesk, mallory):
    await desk.resolve("Can I return a jacket that is too big?", ANSWER)
    other = AnsweringDesk(mallory, mallory.project)
    assert await other.suggested(QUESTION) == NOTHING
    mine = await desk.ask(QUESTION)
    assert (await desk.suggest_answer(mine, mallory)).status_code in (403, 404)


async def test_hidden_tickets_are_no_sources_and_hidden_tickets_get_no_suggestion(desk: AnsweringDesk, bob):
    past = await desk.resolve("Can I return a jacket that is too big?", ANSWER)
    asked = await desk.ask(QUESTION)
    assert (await desk.suggest(asked, bob))["suggestion"]
    path = f"{desk.tickets}{past['id']}/access_controls/"
    assert (await desk.client.put(path, json={"access_level": "none"})).status_code == 200
    assert await desk.suggest(asked, bob) == NOTHING
    assert (await desk.suggest(asked))["suggestion"]
    path = f"{desk.tickets}{asked['id']}/access_controls/"
    for level, status in (("viewer", 403), ("none", 404)):
        assert (await desk.client.put(path, json={"access_level": level})).status_code == 200
        assert (await desk.suggest_answer(asked, bob)).status_code == status


async def test_the_other_customers_data_stays_with_them(desk: AnsweringDesk):
    answer = (
        "Dear Mrs Schmidt,\nMaria, we will send it to maria@example.com or Long Street 5. "
        "Please tell Ada Lovelace, too. Call +49 30 1234567, order #100423, IBAN DE89370400440532013000, https://shop.example/o?token=abc"
    )
    traits = {"name": "Maria Schmidt", "street": "Long Street 5", "phone": "030 1234567"}
    about = {"anonymous_traits": traits, "email": "m@example.com"}
    past = await desk.resolve("Can I return a jacket that is too big?", answer, **about)
    participant = {"email": "ada@example.com", "name": "Ada Lovelace"}
    added = await desk.client.post(f"{desk.tickets}{past['id']}/participants/", json=participant)
    assert added.status_code == 201, added.text
    draft = (await desk.suggested(QUESTION))["suggestion"]
    for part in (
        "Maria",
        "Schmidt",
        "Ada",
        "Lovelace",
        "@",
        "Long Street",
        "1234567",
        "100423",
        "DE89",
        "token",
    ):
        assert part not in draft, draft


async def test_who_may_not_write_gets_no_suggestion(desk: AnsweringDesk, cast, alice):
    asked = await desk.ask(QUESTION)
    reader = await cast.make_key(alice, ["ticket:read"])
    assert (await reader.post(f"{desk.tickets}{asked['id']}/suggest_reply/")).status_code == 403
    for key in ("0", "none", "0198c0de-0000-7000-8000-000000000001"):
        assert (await desk.client.post(f"{desk.tickets}{key}/suggest_reply/")).status_code == 404


async def test_a_member_who_asks_too_often_waits(desk: AnsweringDesk, services, monkeypatch):
    monkeypatch.setattr(
        services, "settings", msgspec.structs.replace(services.settings, rate_limits="public")
    )
    asked = await desk.ask(QUESTION)
    statuses = [(await desk.suggest_answer(asked)).status_code for _ in range(21)]
    assert statuses == [200] * 20 + [429]


async def test_tickets_of_before_are_indexed_in_pieces(desk: AnsweringDesk, database, monkeypatch):
    monkeypatch.setattr(indexing, "AT_ONCE", 2)
    await desk.ask("Where is my parcel?")
    past = await desk.resolve("Can I return a jacket that is too big?", ANSWER)
    for number in range(3):
        await desk.ask(f"Hello {number}")
    async with database.transaction() as db:
        await db.execute(delete(answer_source).where(answer_source.c.project_id == desk.project.id))
    assert await desk.suggested(QUESTION) == NOTHING
    async with database.transaction() as db:
        while desk.project.id not in await indexing.begin_backfill(db, 50):
            pass
    pieces = 0
    while True:
        async with database.transaction() as db:
            pieces += 1
            if not await indexing.index_older(db, desk.project.id):
                break
    assert pieces == 4  # of six tickets, and nothing more
    assert (await desk.suggested(QUESTION))["sources"][0]["id"] == past["id"]
    async with database.transaction() as db:
        assert desk.project.id not in await indexing.begin_backfill(db, 50)


async def next_due(services: Services, name: str) -> datetime:
    """Return when the next piece of this work is due."""
    due = select(outbox.c.available_at).where(outbox.c.name == name)
    async with services.database.transaction(write=False) as db:
        at: datetime = (await db.execute(due)).scalar_one()
    return at


async def test_between_its_pieces_the_index_of_before_rests_and_lets_others_work(
    desk: AnsweringDesk, services: Services, queue: Queue, monkeypatch
):
    for name, value in (("REST_FACTOR", 10**9), ("LONGEST_REST_S", 3600)):
        monkeypatch.setattr(resting, name, value)
    monkeypatch.setattr(indexing, "AT_ONCE", 2)
    for number in range(5):
        await desk.ask(f"Hello {number}")
    async with services.database.transaction() as db:
        while desk.project.id not in await indexing.begin_backfill(db, 50):
            pass
    stopping, turns = asyncio.Event(), asyncio.Semaphore(1)
    work = Work(desk.project.id, new_uuid(), INDEX_OLDER, {}, 0, stopping, turns)
    indexed = asyncio.create_task(index_older(services, work))
    while await progress(services, desk) < 2 or turns.locked():
        await asyncio.sleep(0.01)
    await desk.ask("Who works meanwhile?")
    assert not indexed.done() and await progress(services, desk) == 2
    stopping.set()
    before = services.clock.now()
    await indexed
    assert await progress(services, desk) == 2
    assert await next_due(services, INDEX_OLDER) >= before  # behind what others wait for
    monkeypatch.setattr(resting, "REST_FACTOR", 0)
    await queue.drain()  # what is left was asked for again
    assert await progress(services, desk) == 6


async def progress(services: Services, desk: AnsweringDesk) -> int:
    """Return the number of the last ticket that was looked at."""
    async with services.database.transaction() as db:
        return await locked_progress(db, desk.project.id) or 0
