"""Those who take part in a conversation, by hand."""

from datetime import timedelta

import pytest

from parley.inbox.inbox_page.tests.test_pages import rows_of
from tests.plain_browser import PlainBrowser, window_of


def participants(window: PlainBrowser) -> list[str]:
    """Return whom the buttons would remove."""
    names = [button.name for button in window.page.all("button")]
    words = "Remove ", " from the conversation"
    return [name.removeprefix(words[0]).removesuffix(words[1]) for name in names if words[1] in name]


async def test_people_are_added_and_removed(window, desk):
    await desk.open(name="Ada")
    await window.open("/inbox/1")
    assert participants(window) == []
    await window.press("Add participant", who=" Carol@Example.com ")
    await window.press("Add participant", who="user_7")
    assert window.path == "/inbox/1" and participants(window) == ["carol@example.com", "user_7"]
    assert (await desk.ticket(1))["cc_participants"] == ["carol@example.com"]
    await window.press("Remove carol@example.com")
    assert participants(window) == ["user_7"]
    assert (await desk.ticket(1))["cc_participants"] == []


async def test_a_script_gets_the_right_hand_side(window, desk):
    await desk.open()
    await window.open("/inbox/1?who=unassigned")
    token = window.page.all("input", name="csrf_token")[0]["value"]
    fields = {"csrf_token": token, "who": "carol@example.com"}
    answer = await window.client.post("/inbox/1/participants", data=fields, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "<html" not in answer.text and "carol@example.com" in answer.text


@pytest.mark.parametrize("who", ["", "not@an@address", "visitor", "x" * 401])
async def test_who_cannot_take_part_is_refused_with_a_sentence(window, desk, who):
    await desk.open(distinct_id="visitor")
    await window.open("/inbox/1")
    await window.press("Add participant", who=who)
    assert window.status == 400 and window.page.one("h1").text == "That did not work"
    assert len([text for text in window.page.texts("p") if text]) >= 2
    await window.open("/inbox/1")
    assert participants(window) == []


@pytest.fixture
async def bobs(cast) -> PlainBrowser:
    """A window in which bob is signed in, who may only look at tickets."""
    url = f"/api/projects/{cast.project.id}/resource_access_controls/"
    answer = await cast.alice.client.put(url, json={"resource": "ticket", "access_level": "viewer"})
    assert answer.status_code == 200, answer.text
    return await window_of(cast, cast.bob)


async def test_who_may_only_look_is_offered_nothing_else(bobs, desk):
    await desk.open(name="Ada", message="Hello?", tags=["vip"])
    await bobs.open("/inbox/1")
    assert "Hello?" in bobs.page.one("ol", id="messages").text
    assert "You can read this conversation" in bobs.page.text
    assert not bobs.page.all("textarea")
    details = bobs.page.one("section", id="details")
    assert all("disabled" in select.attributes for select in details.all("select"))
    assert not details.all("button") and not bobs.page.all("button", id="resolve")
    assert (await desk.listed())["results"][0]["unread_team_count"] == 1
    token = bobs.page.all("input", name="csrf_token")[0]["value"]
    for path in ("/inbox/1", "/inbox/1/messages", "/inbox/1/participants"):
        answer = await bobs.client.post(
            path, data={"csrf_token": token, "status": "open", "content": "x", "who": "y"}
        )
        assert answer.status_code == 403 and "editor access" in answer.text, path


async def test_a_hidden_conversation_is_neither_listed_nor_found(bobs, desk):
    for text in ("fern one", "fern two"):
        await desk.open(message=text, tags=["green"])
    hidden = {"access_level": "none"}
    assert (await desk.client.put(f"{desk.tickets}1/access_controls/", json=hidden)).status_code == 200
    for query in ("", "?search=fern", "?tag=green", "?search=1", "?status=all&who=unassigned"):
        await bobs.open(f"/inbox{query}")
        assert "1" not in rows_of(bobs), query
    assert rows_of(bobs) == ["2"]
    assert (await bobs.client.get("/inbox/1")).status_code == 404


async def test_what_only_capture_says_is_marked_and_comes_last(window, desk, anonymous, project):
    """Anybody could have set the address to which somebody of the team might write."""
    for event in (
        {"event": "$merge_dangerously", "properties": {"alias": "somebody-else"}},
        {"event": "seen", "properties": {"$set": {"email": "mallory@evil.example", "plan": "free"}}},
    ):
        body = {"api_key": project.api_token, "distinct_id": "visitor", **event}
        assert (await anonymous.post("/e/", json=body)).status_code == 200
    await desk.open(email="ada@example.com", name="Ada")
    await desk.open(distinct_id="somebody-else", message="Mine")
    await window.open("/inbox/1")
    links = [link["href"] for link in window.page.all("a") if (link.get("href") or "").startswith("mailto:")]
    assert links == ["mailto:ada%40example.com"]
    assert "Sent by browsers, not verified" in window.page.text
    assert "linked, not verified" in window.page.text


async def test_who_is_away_is_marked_where_conversations_are_assigned_and_can_be_chosen(
    window, desk, cast, clock
):
    url = f"/api/projects/@current/conversations/availability/{cast.bob.user_uuid}/"
    assert (await cast.alice.client.put(url, json={"is_available": False})).status_code == 200
    await desk.open(name="Ada")
    # A conversation, the filters of lists and views, bulk changes; a new conversation; a quick action.
    for path, n_lists in (("/inbox/1", 3), ("/compose", 1), ("/settings/quick-actions/new", 1)):
        lists = [one.texts("option") for one in (await window.open(path)).page.all("select", name="assignee")]
        marked = [[name for name in names if name.endswith("(away)")] for names in lists]
        assert marked == [["Bob Example (away)"]] * n_lists, path
    now = clock.freeze()
    back = now + timedelta(days=3)
    body = {"is_available": False, "away_until": back.isoformat()}
    assert (await cast.alice.client.put(url, json=body)).status_code == 200
    day = f"{back.day} {back:%b}" + (f" {back.year}" if back.year != now.year else "")
    for path in ("/inbox/1", "/settings/quick-actions/new"):
        names = (await window.open(path)).page.all("select", name="assignee")[0].texts("option")
        assert f"Bob Example (away until {day})" in names, path
    await window.open("/inbox/1")
    await window.press("Set assignee", assignee=f"user:{cast.bob.user_id}")
    assert (await desk.ticket(1))["assignee"]["id"] == cast.bob.user_id
    assert "(away)" not in (await window.open("/inbox")).page.one(id="rows").text
