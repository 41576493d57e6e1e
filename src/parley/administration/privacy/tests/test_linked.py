"""Capture is public: what it links to somebody is only given out, or erased, with them once an admin has confirmed it."""

import json
from typing import Any

import pytest
import pytest_asyncio

from parley.administration.privacy.tests.conftest import Somebody, places_of
from parley.conversations.widget.tests.visitor import Browser
from tests.plain_browser import window_of

Links = list[tuple[str, str, dict[str, Any]]]


def links(name: str, mine: Somebody, theirs: Somebody) -> Links:
    """Return what somebody captures, so that another is taken for them."""
    ways: dict[str, Links] = {
        "merged by force": [("$merge_dangerously", mine.distinct_id, {"alias": theirs.distinct_id})],
        "merged, the other way": [("$merge_dangerously", theirs.distinct_id, {"alias": mine.distinct_id})],
        "alias": [("$create_alias", mine.distinct_id, {"alias": theirs.distinct_id})],
        "identified": [("$identify", mine.distinct_id, {"$anon_distinct_id": theirs.distinct_id})],
        "the same address": [
            ("seen", theirs.distinct_id, {"$set": {"email": theirs.email}}),
            ("seen", mine.distinct_id, {"$set": {"email": theirs.email}}),
        ],
        "an address given to another": [
            ("seen", mine.distinct_id, {"$set": {"email": mine.email}}),
            ("seen", theirs.distinct_id, {"$set": {"email": mine.email}}),
        ],
    }
    return ways[name]


WAYS = [
    "merged by force",
    "merged, the other way",
    "alias",
    "identified",
    "the same address",
    "an address given to another",
]


@pytest.fixture
def mine(api, anonymous, project, desk) -> Somebody:
    return Somebody("mallory", api, Browser(anonymous, project), desk)


@pytest.fixture
def theirs(api, anonymous, project, desk) -> Somebody:
    return Somebody("victim", api, Browser(anonymous, project), desk)


@pytest_asyncio.fixture
async def tickets(mine: Somebody, theirs: Somebody) -> dict[str, str]:
    """One signed ticket of each, and one that the team opened for the victim."""
    found = {}
    for name, who in (("mine", mine), ("theirs", theirs)):
        signed = Browser(who.browser.client, who.project, identity=who.distinct_id)
        found[name] = await signed.opened(f"The secret of {who.word}")
    opened = await theirs.desk.open(distinct_id=theirs.distinct_id, message=f"For {theirs.word}")
    return {**found, "by the team": opened["id"]}


async def link(way: str, mine: Somebody, theirs: Somebody) -> None:
    for event, distinct_id, properties in links(way, mine, theirs):
        await mine.capture(event, distinct_id, **properties)


async def ways_to_ask(mine: Somebody, way: str) -> list[dict[str, str]]:
    url = f"{mine.root}/persons/"
    (person,) = (await mine.api.get(url, params={"distinct_id": mine.distinct_id})).json()["results"]
    asked = [{"distinct_id": mine.distinct_id}, {"person_id": person["id"]}]
    return [*asked, {"email": mine.email}] if way == "an address given to another" else asked


@pytest.mark.parametrize("way", WAYS)
async def test_an_export_leaves_out_who_is_only_linked_and_says_so(mine, theirs, tickets, way):
    await link(way, mine, theirs)
    for asked in await ways_to_ask(mine, way):
        answer = await mine.export(**asked)
        assert answer.status_code == 200, answer.text
        exported = answer.json()
        left = {one["distinct_id"]: one["tickets"] for one in exported["left_out"]}
        assert {one["id"] for one in left[theirs.distinct_id]} == {tickets["theirs"], tickets["by the team"]}
        assert {one["identity_verified"] for one in left[theirs.distinct_id]} == {True, None}
        rest = json.dumps(
            {key: value for key, value in exported.items() if key not in ("left_out", "asked_for")}
        )
        assert f"secret of {theirs.word}" not in rest and f"For {theirs.word}" not in rest
        assert theirs.distinct_id not in exported["found_by"]["distinct_ids"]
        if "distinct_id" in asked:
            assert [one["id"] for one in exported["tickets"]] == [tickets["mine"]]
            assert mine.distinct_id not in left


@pytest.mark.parametrize("way", WAYS)
async def test_an_erasure_leaves_who_is_only_linked_as_they_were(
    mine, theirs, tickets, way, database, services
):
    await link(way, mine, theirs)
    before = await theirs.desk.ticket(tickets["theirs"])
    for asked in reversed(await ways_to_ask(mine, way)):
        answer = await mine.erase(**asked)
        if answer.status_code == 404:
            continue  # erased by the one before
        assert theirs.distinct_id in {one["distinct_id"] for one in answer.json()["left_out"]}
    after = await theirs.desk.ticket(tickets["theirs"])
    assert {key: after[key] for key in after if key != "person"} == {
        key: before[key] for key in before if key != "person"
    }
    signed = Browser(theirs.browser.client, theirs.project, identity=theirs.distinct_id)
    assert await signed.texts(tickets["theirs"]) == [f"The secret of {theirs.word}"]
    assert (await theirs.desk.client.get(f"{theirs.desk.tickets}{tickets['mine']}/")).status_code == 404
    # What was captured under the other id stays, and may name this one.
    named = {"event.properties"} if way == "merged, the other way" else set()
    assert await places_of(database, services, f"secret of {mine.word}", mine.distinct_id) == named
    (person,) = (await theirs.api.get(f"{theirs.root}/persons/?distinct_id={theirs.distinct_id}")).json()[
        "results"
    ]
    assert person["distinct_ids"] == [theirs.distinct_id]


async def test_the_page_asks_about_what_is_only_linked_before_it_does_anything(
    mine, theirs, tickets, cast, api, project
):
    await link("identified", mine, theirs)
    window = await window_of(cast, cast.alice)
    for button in ("Export as a file", "Erase everything"):
        await window.open("/settings/personal-data")
        await window.press(button, kind="distinct_id", who=mine.distinct_id)
        asks = window.page.one(role="alert").text
        assert window.status == 422 and "Nothing is done yet" in asks and theirs.distinct_id in asks
    log = await api.get(f"/api/projects/{project.id}/activity_log/", params={"scope": "Person"})
    assert log.json()["results"] == []
    await window.press("Export as a file", leave_out="on")
    assert [one["id"] for one in window.answer.json()["tickets"]] == [tickets["mine"]]
    await window.open("/settings/personal-data")
    await window.press("Export as a file", kind="distinct_id", who=mine.distinct_id, confirm_linked="on")
    assert {one["id"] for one in window.answer.json()["tickets"]} == set(tickets.values())


@pytest.mark.parametrize("way", WAYS)
async def test_once_confirmed_all_that_is_linked_is_included(mine, theirs, tickets, way, database, services):
    await link(way, mine, theirs)
    asked = {"distinct_id": mine.distinct_id}
    exported = (await mine.export(**asked, confirm_linked="true")).json()
    assert {one["id"] for one in exported["tickets"]} == set(tickets.values()) and exported["left_out"] == []
    assert (await mine.export(**asked, confirm_linked="false")).json()["left_out"] != []
    erased = (await mine.erase(**asked, confirm_linked="true")).json()
    assert (erased["tickets"], erased["left_out"]) == (3, [])
    assert await places_of(database, services, f"secret of {theirs.word}") == set()


async def test_whose_only_tickets_are_left_out_is_found_and_told_so(mine, theirs, tickets):
    """Asked by a person who has several ids, there is no telling which of them is meant."""
    await link("merged by force", mine, theirs)
    url = f"{mine.root}/persons/"
    (person,) = (await mine.api.get(url, params={"distinct_id": mine.distinct_id})).json()["results"]
    exported = (await mine.export(person_id=person["id"])).json()
    assert exported["tickets"] == [] and exported["persons"] == []
    assert {one["distinct_id"] for one in exported["left_out"]} == {mine.distinct_id, theirs.distinct_id}


async def test_a_person_with_one_id_needs_no_confirmation(mine, tickets):
    await mine.capture("seen", **{"$set": {"email": mine.email}})
    for asked in ({"distinct_id": mine.distinct_id}, {"person_id": ""}):
        if "person_id" in asked:
            asked["person_id"] = (await mine.export(distinct_id=mine.distinct_id)).json()["persons"][0]["id"]
        exported = (await mine.export(**asked)).json()
        assert ([one["id"] for one in exported["tickets"]], exported["left_out"]) == ([tickets["mine"]], [])


async def test_who_is_signed_as_an_address_is_found_by_it(mine):
    signed = Browser(mine.browser.client, mine.project, identity=mine.email.lower())
    ticket_id = await signed.opened("Mine")
    exported = (await mine.export(email=mine.email.upper())).json()
    assert ([one["id"] for one in exported["tickets"]], exported["left_out"]) == ([ticket_id], [])


async def test_a_verified_ticket_that_tells_somebodys_address_is_not_taken_along(mine, theirs, tickets):
    signed = Browser(mine.browser.client, mine.project, identity=mine.distinct_id)
    told_it = await signed.opened("Mine", traits={"email": theirs.email})
    exported = (await theirs.export(email=theirs.email)).json()
    assert exported["tickets"] == []
    assert told_it in [one["id"] for left in exported["left_out"] for one in left["tickets"]]
