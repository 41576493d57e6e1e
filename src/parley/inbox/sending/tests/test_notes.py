"""Whoever has written a note edits and deletes it in the conversation; nobody else does."""

import json

import pytest

from tests.cast import Cast
from tests.plain_browser import window_of

BOLD = {"type": "text", "text": "bold", "marks": [{"type": "bold"}]}
RICH = {"type": "doc", "content": [{"type": "paragraph", "content": [BOLD]}]}


@pytest.fixture
async def note(api, project, customer):
    """The path of a note of alice's on the first ticket."""
    await customer.write("Hello?")
    made = await api.post(f"{project.tickets}1/notes/", json={"message": "bold", "rich_content": RICH})
    return f"/inbox/1/notes/{made.json()['id']}"


def form_of(window):
    return window.page.one("form", class_="composer")


async def test_a_note_is_edited_in_the_form_with_its_formatting(note, window, api, project):
    await window.open("/inbox/1")
    assert window.page.one("a", href=note).text == "Edit this note"
    await window.open(note)
    field = window.page.one("textarea", id="content")
    assert (field.text, json.loads(field["data-rich"])) == ("bold", RICH)
    assert "data-draft" not in form_of(window).attributes
    await window.press("Save note", content="better")
    stored = (await api.get(f"{project.tickets}1/messages/")).json()["results"]
    assert [(one["content"], one["rich_content"]) for one in stored[1:]] == [("better", None)]
    assert stored[1]["version"] == 1


async def test_a_note_is_deleted(note, window, api, project):
    await window.open("/inbox/1")
    token = form_of(window).one("input", name="csrf_token")["value"]
    answer = await window.client.post(f"{note}/delete", data={"csrf_token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox/1")
    assert (await api.get(f"{project.tickets}1/messages/")).json()["count"] == 1
    assert (await window.client.get(note)).status_code == 404


@pytest.mark.parametrize("content", ["", " ", "x" * 5001])
async def test_what_is_no_note_comes_back(note, window, api, project, content):
    await window.open(note)
    await window.press("Save note", content=content)
    assert window.status == 422
    assert window.page.one(role="alert", id="content-problem").text
    assert form_of(window).one("input", name="edits")["value"] == note.rsplit("/", 1)[1]
    assert (await api.get(f"{project.tickets}1/messages/")).json()["results"][1]["content"] == "bold"


async def test_somebody_else_can_do_neither(note, cast: Cast, api, project):
    window = await window_of(cast, cast.bob)
    await window.open("/inbox/1")
    assert not [one for one in window.page.all("a") if one.get("href", "").startswith("/inbox/1/notes/")]
    hidden = {one["name"]: one["value"] for one in form_of(window).all("input", type="hidden")}
    said = hidden | {"edits": note.rsplit("/", 1)[1], "kind": "note", "content": "Bob's"}
    assert (await window.client.get(note)).status_code == 404
    answer = await window.client.post("/inbox/1/messages", data=said)
    assert (answer.status_code, "your own private notes" in answer.text) == (422, True)
    assert (await window.client.post(f"{note}/delete", data=hidden)).status_code == 403
    stranger = await window_of(cast, cast.mallory)
    assert (await stranger.client.get(note)).status_code == 404
    assert (await api.get(f"{project.tickets}1/messages/")).json()["results"][1]["content"] == "bold"


async def test_a_reply_is_no_note(window, api, project, customer):
    await customer.write("Hello?")
    made = await api.post(f"{project.tickets}1/reply/", json={"message": "sent"})
    assert (await window.client.get(f"/inbox/1/notes/{made.json()['id']}")).status_code == 404
