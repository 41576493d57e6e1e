"""Tickets of somebody that are merged with tickets of others: both keep, or lose, exactly their own."""

from datetime import timedelta

import pytest

from parley.administration.privacy.tests.conftest import Somebody, places_of
from parley.conversations.widget.tests.visitor import Browser

SEEN = ("status", "tags", "message_count", "last_message_text", "cc_participants", "merged_ticket_numbers")


@pytest.fixture
def people(api, anonymous, project, desk):
    """Ada, and Bob, with a browser each."""
    return [Somebody(name, api, Browser(anonymous, project), desk) for name in ("ada", "bob")]


@pytest.fixture
def opened(people):
    """Let somebody open a ticket that is only theirs."""

    async def write(somebody):
        somebody.browser.distinct_id = somebody.distinct_id
        return await somebody.browser.opened(
            f"I am {somebody.word}", traits={"email": somebody.email, "name": somebody.word}
        )

    return write


@pytest.fixture
def merge(api, desk):
    async def merged(ticket_id, into):
        answer = await api.post(f"{desk.tickets}{ticket_id}/merge/", json={"into": into})
        assert answer.status_code == 200, answer.text

    return merged


@pytest.fixture
def seen(desk):
    async def read(ticket_id):
        ticket = await desk.ticket(ticket_id)
        assert ticket["id"] == ticket_id
        return {name: ticket[name] for name in SEEN}

    return read


async def texts(api, desk, ticket_id):
    answer = await api.get(f"{desk.tickets}{ticket_id}/messages/")
    return [one["content"] for one in answer.json()["results"]]


async def test_what_came_with_a_merged_ticket_goes_and_the_target_is_as_before(
    people, opened, merge, seen, api, desk, database, services
):
    ada, bob = people
    hers, his = await opened(ada), await opened(bob)
    await desk.change(hers, tags=["hers"])
    await desk.change(his, tags=["his"])
    before = await seen(his)
    await merge(hers, his)
    await ada.browser.send(f"Still me, {ada.word}", ticket_id=hers)
    assert len(await texts(api, desk, his)) == 3
    assert (await ada.erase()).status_code == 200
    assert await seen(his) == before
    assert await texts(api, desk, his) == [f"I am {bob.word}"]
    assert await places_of(database, services, ada.word) == set()
    assert (await desk.listed())["count"] == 1
    assert (await api.get(f"{desk.tickets}{hers}/")).status_code == 404


async def test_what_others_wrote_on_a_ticket_that_is_merged_into_theirs_stays(
    people, opened, merge, seen, api, desk, database, services
):
    ada, bob = people
    hers, his = await opened(ada), await opened(bob)
    before = await seen(his)
    await merge(his, hers)
    assert (await ada.erase()).status_code == 200
    assert await seen(his) == before
    assert await texts(api, desk, his) == [f"I am {bob.word}"]
    assert await bob.browser.texts(his) == [f"I am {bob.word}"]
    assert await places_of(database, services, ada.word) == set()
    listed = await desk.listed()
    assert (listed["count"], [one["id"] for one in listed["results"]]) == (1, [his])


async def test_a_chain_of_merges_falls_apart_where_it_has_to(people, opened, merge, api, desk):
    ada, bob = people
    first, hers, second = await opened(bob), await opened(ada), await opened(bob)
    await merge(first, hers)
    await merge(hers, second)
    assert (await ada.erase()).json()["tickets"] == 1
    for id in (first, second):
        assert await texts(api, desk, id) == [f"I am {bob.word}"]
    assert (await desk.listed())["count"] == 2


@pytest.mark.parametrize("is_due", [False, True], ids=["lately", "long ago"])
async def test_what_was_deleted_together_stays_deleted(
    people, opened, merge, api, desk, clock, database, services, is_due
):
    ada, bob = people
    hers, his = await opened(ada), await opened(bob)
    await merge(his, hers)
    await desk.delete(hers)
    if is_due:
        clock.advance(timedelta(days=15))
    assert (await ada.erase()).status_code == 200
    assert (await desk.listed())["count"] == 0
    restored = await api.post(f"{desk.tickets}{his}/restore/")
    assert restored.status_code == (404 if is_due else 200)
    if not is_due:
        assert await texts(api, desk, his) == [f"I am {bob.word}"]
        assert (await desk.listed())["count"] == 1
    assert await places_of(database, services, ada.word) == set()


async def test_an_export_tells_of_merges_and_keeps_the_words_of_others_out(people, opened, merge, desk):
    ada, bob = people
    hers, his = await opened(ada), await opened(bob)
    await merge(his, hers)
    exported = (await ada.export()).json()
    assert [one["merged_id"] for one in exported["tickets"][0]["merges"]] == [his]
    assert [one["content"] for one in exported["tickets"][0]["messages"]] == [f"I am {ada.word}"]
    exported = (await bob.export()).json()
    assert [one["content"] for one in exported["messages_elsewhere"]] == [f"I am {bob.word}"]
