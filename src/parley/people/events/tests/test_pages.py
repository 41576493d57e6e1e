"""The pages on which events are found."""

from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.plain_browser import PlainBrowser, window_of

HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
async def window(cast):
    return await window_of(cast, cast.alice)


async def send(api, project, *events):
    answer = await api.post("/batch/", json={"api_key": project.api_token, "batch": events})
    assert answer.status_code == 200, answer.text


def event(name, distinct_id="ada", minute=0, **properties):
    at = f"2026-05-01T10:{minute:02}:00Z"
    return {"event": name, "distinct_id": distinct_id, "timestamp": at, "properties": properties}


def names_in(window: PlainBrowser) -> list[str]:
    return [item.all("bdi")[0].text for item in window.page.all("li") if item.all("time")]


async def test_events_are_found_by_name_and_by_who_did_them(window, api, project):
    await send(
        api,
        project,
        event("$pageview", "anonymous-1", 1, **{"$current_url": "https://shop.example.com/a"}),
        event(
            "$identify",
            "ada",
            2,
            **{"$anon_distinct_id": "anonymous-1", "$set": {"email": "Ada@example.com"}},
        ),
        event("bought", "ada", 3, amount=7),
        event("other", "bob", 4),
    )
    await window.open("/events")
    assert names_in(window) == ["other", "bought", "Identified", "Page viewed"]
    assert any(link["href"] == "https://shop.example.com/a" for link in window.page.all("a"))
    await window.open("/events?event=bought")
    assert names_in(window) == ["bought"] and "amount" in window.page.text
    for who in ("ada", "anonymous-1", "ada@example.com"):
        await window.open(f"/events?who={quote(who)}")
        assert names_in(window) == ["bought", "Identified", "Page viewed"], who
    await window.open("/events?who=nobody")
    assert names_in(window) == [] and "No event matches" in window.page.text


async def test_a_person_is_shown_with_what_they_did(window, api, project):
    await send(
        api, project, *(event(f"step {n}", minute=n, **{"$set": {"name": "Ada Lovelace"}}) for n in range(55))
    )
    await window.open("/events/latest?who=ada")
    assert names_in(window) == [f"step {n}" for n in range(54, 44, -1)]
    await window.follow("All events")
    assert window.page.one("h1").text.strip() == "Ada Lovelace" and len(names_in(window)) == 50
    await window.follow("Older events")
    assert names_in(window) == [f"step {n}" for n in range(4, -1, -1)]


async def test_a_person_leads_to_what_else_there_is_of_them(window, api, project):
    await send(api, project, event("x"), event("y", "grace", **{"$set": {"email": "grace+1@x.test"}}))
    persons = (await api.get(f"/api/projects/{project.id}/persons/")).json()["results"]
    paths = {one["distinct_ids"][0]: f"/persons/{one['id']}" for one in persons}
    await window.open(paths["grace"])
    await window.follow("Write to them")
    # Whose id it is, they are; the address may be somebody else's.
    assert window.page.one("input", id="recipient_email")["value"] == "grace"
    await window.open(paths["grace"])
    await window.follow("Personal data")
    assert window.page.one("input", name="who")["value"] == "grace"
    await window.open(paths["grace"])
    await window.follow("Conversations")
    assert (window.status, window.path) == (200, "/inbox?customer=grace")
    await window.open(paths["ada"])
    # There is one "Recordings" in the navigation, too.
    assert "/recordings?who=ada" in [one["href"] for one in window.page.all("a")]


async def test_a_person_is_renamed_on_their_page_by_their_own_team_only(window, api, project, cast):
    await send(api, project, event("x", **{"$set": {"email": "ada@x.test"}}))
    person = (await api.get(f"/api/projects/{project.id}/persons/")).json()["results"][0]
    path = f"/persons/{person['id']}"
    await window.open(path)
    assert window.page.one("h1").text.strip() == "ada@x.test"
    await window.press("Save the name", name=" Ada  Lovelace ")
    assert window.path == path and window.page.one("h1").text.strip() == "Ada Lovelace"
    await window.press("Save the name", name="\u200b")
    assert window.status == 400 and "Nobody could see this name" in window.page.text
    theirs = await (await window_of(cast, cast.mallory)).open("/inbox")
    token = theirs.page.all("input", name="csrf_token")[0]["value"]
    answer = await theirs.client.post(f"{path}/name", data={"csrf_token": token, "name": "Eve"})
    assert answer.status_code == 404
    found = (await api.get(f"/api/projects/{project.id}/persons/{person['id']}/")).json()
    assert found["properties"] == {"email": "ada@x.test", "name": "Ada Lovelace"}
    await window.open(path)
    await window.press("Save the name", name="")
    assert window.page.one("h1").text.strip() == "ada@x.test"


async def test_what_happened_to_conversations_is_named_in_words(window, api, project):
    opened = await api.post(project.tickets, json={"distinct_id": "ada", "message": "Hello"})
    await api.patch(f"{project.tickets}{opened.json()['id']}/", json={"priority": "high"})
    await window.open("/events")
    assert {"Conversation: opened", "Conversation: priority changed"} <= set(names_in(window))
    assert "$conversation_ticket_created" in [one.get("title") for one in window.page.all("bdi")]


@pytest.mark.parametrize(
    "path", ["/events", "/events?who=x&event=%00", "/events/latest?who=%ed%a0%80", "/events/latest"]
)
async def test_what_strangers_send_stays_text(window, api, project, path):
    hostile = event(HOSTILE, HOSTILE, **{"$current_url": "javascript:alert(1)", HOSTILE: HOSTILE})
    await send(api, project, hostile)
    assert (await window.open(path)).status == 200
    assert not [one for one in window.page.all("script") if "alert" in one.text]
    assert not [one for one in window.page.all("a") if one["href"].startswith("javascript")]


async def test_persons_and_events_of_another_project_are_missing(window, api, mallory, project):
    await send(api, mallory.project, event("secret", "eve"))
    found = (await mallory.client.get(f"/api/projects/{mallory.project.id}/persons/")).json()["results"]
    for path in ("/events", "/events?who=eve", "/events/latest?who=eve"):
        await window.open(path)
        assert names_in(window) == []
    for reference in (found[0]["id"], str(uuid4()), "eve"):
        assert (await window.open(f"/persons/{reference}")).status == 404
