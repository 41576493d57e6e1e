"""Who may ask, how to ask, who is meant, and what the log keeps of it."""

import json
from uuid import UUID, uuid4

import pytest

from parley.administration.privacy.tests.conftest import Somebody
from parley.conversations.widget.tests.visitor import Browser

READ, WRITE = ["person:read", "ticket:read"], ["person:write", "ticket:write"]


@pytest.fixture
def path(project):
    return f"/api/projects/{project.id}/personal_data/"


@pytest.fixture
def visitor(api, anonymous, project, desk):
    """Somebody who has done nothing yet."""
    return Somebody("vera", api, Browser(anonymous, project), desk)


async def entries(api, project):
    answer = await api.get(f"/api/projects/{project.id}/activity_log/", params={"scope": "Person"})
    return answer.json()["results"]


async def test_only_admins_may_ask(cast, path, project, visitor):
    await visitor.capture("seen")
    for method in ("GET", "DELETE"):
        answer = await cast.bob.client.request(method, path, params={"distinct_id": visitor.distinct_id})
        assert answer.status_code == 403
        assert answer.json()["detail"] == (
            "Only admins and owners of the organization may export or erase personal data."
        )
    assert (await visitor.export(distinct_id=visitor.distinct_id)).status_code == 200


async def test_a_key_needs_both_scopes(cast, alice, path, visitor):
    await visitor.capture("seen")
    query = {"distinct_id": visitor.distinct_id}
    for scopes, method, missing in (
        (READ[:1], "GET", "ticket:read"),
        (READ[1:], "GET", "person:read"),
        (WRITE[:1] + READ, "DELETE", "ticket:write"),
        (WRITE[1:] + READ, "DELETE", "person:write"),
    ):
        answer = await (await cast.make_key(alice, scopes)).request(method, path, params=query)
        assert answer.status_code == 403
        assert answer.json()["detail"] == f"API key missing required scope '{missing}'"
    assert (await (await cast.make_key(alice, READ)).get(path, params=query)).status_code == 200
    assert (await (await cast.make_key(alice, WRITE)).delete(path, params=query)).status_code == 200


@pytest.mark.parametrize(
    ("query", "attr"),
    [
        ({}, "person_id"),
        ({"email": "a@example.com", "distinct_id": "a"}, "person_id"),
        ({"email": ["a@example.com", "b@example.com"]}, "person_id"),
        ({"email": ""}, "email"),
        ({"email": "   "}, "email"),
        ({"email": "nobody"}, "email"),
        ({"distinct_id": ""}, "distinct_id"),
        ({"distinct_id": "a\x00b"}, "distinct_id"),
        ({"distinct_id": "x" * 401}, "distinct_id"),
        ({"person_id": "7"}, "person_id"),
        ({"person_id": "not-a-uuid"}, "person_id"),
    ],
    ids=[
        "nobody",
        "two ways",
        "two people",
        "empty",
        "blank",
        "no address",
        "no id",
        "nul",
        "long",
        "7",
        "word",
    ],
)
async def test_a_request_names_one_person_in_one_way(api, path, query, attr):
    for method in ("GET", "DELETE"):
        answer = await api.request(method, path, params=query)
        assert (answer.status_code, answer.json()["attr"]) == (400, attr), answer.text


async def test_of_a_stranger_nothing_is_known(api, path, project):
    for query in ({"email": "nobody@example.com"}, {"distinct_id": "nobody"}, {"person_id": str(uuid4())}):
        for method in ("GET", "DELETE"):
            answer = await api.request(method, path, params=query)
            assert answer.status_code == 404
            assert answer.json()["detail"] == "Nothing is known about this person."
    assert await entries(api, project) == []


async def test_who_is_erased_already_is_not_found(visitor, api, project):
    await visitor.capture("seen")
    assert (await visitor.erase(distinct_id=visitor.distinct_id)).status_code == 200
    assert (await visitor.erase(distinct_id=visitor.distinct_id)).status_code == 404
    assert [one["activity"] for one in await entries(api, project)] == ["erased"]


@pytest.mark.parametrize("kind", ["person_id", "distinct_id", "email"])
async def test_every_way_to_ask_finds_the_same(carla, kind):
    whole = (await carla.export()).json()
    query = {
        "person_id": whole["persons"][0]["id"],
        "distinct_id": f"anonymous-{carla.word}",
        "email": carla.email.upper(),
    }
    exported = (await carla.export(**{kind: query[kind]})).json()
    assert sorted(one["id"] for one in exported["tickets"]) == sorted(one["id"] for one in whole["tickets"])
    assert sorted(one["id"] for one in exported["events"]) == sorted(one["id"] for one in whole["events"])
    erased = (await carla.erase(**{kind: query[kind]})).json()
    assert erased["tickets"] == len(whole["tickets"]) and erased["events"] == len(whole["events"])


async def test_another_project_with_the_same_customer_keeps_them(cast, carla, anonymous, mallory):
    theirs = Browser(anonymous, mallory.project)
    await theirs.opened(f"I am {carla.word} here, too", traits={"email": carla.email})
    url = f"/api/projects/{mallory.project_id}/personal_data/"
    before = (await mallory.client.get(url, params={"email": carla.email})).json()
    assert len(before["tickets"]) == 1
    assert (await carla.erase()).status_code == 200
    after = (await mallory.client.get(url, params={"email": carla.email})).json()
    assert before.pop("exported_at") and after.pop("exported_at")
    assert before == after


async def test_a_person_of_another_project_is_nobody_here(carla, mallory):
    person = (await carla.export()).json()["persons"][0]["id"]
    for query in ({"person_id": person}, {"email": carla.email}, {"distinct_id": carla.distinct_id}):
        url = f"/api/projects/{mallory.project_id}/personal_data/"
        for method in ("GET", "DELETE"):
            assert (await mallory.client.request(method, url, params=query)).status_code == 404
    assert (await carla.export()).json()["persons"][0]["id"] == person


async def test_both_are_logged_without_saying_who_it_was(carla, alice, api, project):
    person = (await carla.export()).json()["persons"][0]["id"]
    erased = (await carla.erase()).json()
    second, first = await entries(api, project)
    assert (first["activity"], second["activity"]) == ("exported", "erased")
    for one in (first, second):
        assert (one["scope"], one["item_id"], one["user"]["id"]) == ("Person", person, alice.user_id)
    counts = {one["field"]: one["before"] for one in second["detail"]["changes"]}
    assert counts == {name: count for name, count in erased.items() if count}
    assert carla.word not in json.dumps([first, second]).lower()


async def test_without_a_person_the_log_has_a_signature(visitor, api, project):
    await visitor.browser.opened("Hello", traits={"email": visitor.email}, distinct_id="v1")
    assert (await visitor.export()).status_code == 200
    assert (await visitor.erase()).status_code == 200
    second, first = await entries(api, project)
    assert first["item_id"] == second["item_id"] and len(first["item_id"]) == 64


async def test_a_visitor_who_told_only_an_address_is_erased_as_a_visitor_too(visitor, api):
    unknown = f"unknown-{visitor.word}"
    await visitor.capture("seen", unknown, colour=visitor.word)
    await visitor.browser.opened("Hello", distinct_id=unknown, traits={"email": visitor.email})
    exported = (await visitor.export()).json()
    assert {one["event"] for one in exported["events"]} >= {"seen"} and len(exported["persons"]) == 1
    assert exported["found_by"]["distinct_ids"] == [visitor.email.lower(), unknown]


async def test_who_shares_a_browser_with_others_takes_nothing_of_theirs_along(visitor, desk):
    shared = f"kiosk-{visitor.word}"
    mine = await visitor.browser.opened("Mine", distinct_id=shared, traits={"email": visitor.email})
    other = {"widget_session_id": str(uuid4()), "traits": {"email": "other@example.com"}}
    theirs = await visitor.browser.opened("Theirs", distinct_id=shared, **other)
    assert [one["id"] for one in (await visitor.export()).json()["tickets"]] == [mine]
    assert (await visitor.erase()).json()["tickets"] == 1
    assert (await desk.ticket(theirs))["id"] == theirs


async def test_who_only_pretends_to_have_an_address_is_not_taken_for_its_owner(visitor, carla):
    """The address of the ticket is theirs by claim; their person has one of its own."""
    await visitor.capture("seen", **{"$set": {"email": visitor.email}})
    await visitor.browser.opened("I am Carla", distinct_id=visitor.distinct_id, traits={"email": carla.email})
    exported = (await carla.export()).json()
    assert visitor.distinct_id not in exported["found_by"]["distinct_ids"]
    assert visitor.email.lower() not in {one["email"] for one in exported["persons"]}


async def test_remarks_about_the_person_go_too(visitor, api, project):
    await visitor.capture("seen")
    person = (await visitor.export(distinct_id=visitor.distinct_id)).json()["persons"][0]["id"]
    url = f"/api/projects/{project.id}/comments/"
    remark = {"scope": "Person", "item_id": person, "content": "Likes tea"}
    assert (await api.post(url, json=remark)).status_code == 201
    exported = (await visitor.export(person_id=person)).json()
    assert [one["content"] for one in exported["remarks"]] == ["Likes tea"]
    assert (await visitor.erase(person_id=person)).json()["messages"] == 1
    assert (await api.get(url, params={"scope": "Person"})).json()["results"] == []


async def test_person_ids_may_be_written_without_dashes(visitor):
    await visitor.capture("seen")
    person = (await visitor.export(distinct_id=visitor.distinct_id)).json()["persons"][0]["id"]
    assert (await visitor.export(person_id=UUID(person).hex.upper())).status_code == 200
