"""Levels on one conversation, set by hand."""

import pytest

from tests.cast import Cast
from tests.plain_browser import window_of


@pytest.fixture
async def path(desk):
    """The page of the levels on a conversation."""
    await desk.open(message="Where is my fern?")
    return "/inbox/1/access"


def rows_of(window):
    """Return the levels that the page shows."""
    section = window.page.one("section", aria_labelledby="levels")
    return [item.one("p").text for item in section.all("li")]


async def test_a_level_is_set_changed_and_taken_back(window, path, cast: Cast):
    await window.open("/inbox/1?who=unassigned")
    await window.follow("Access...")
    assert window.page.one("h1").text == "Access to conversation #1" and rows_of(window) == []
    await window.press("Set", holder="", level="none")
    assert rows_of(window) == ["Everybody does not see this conversation"]
    bobs = await window_of(cast, cast.bob)
    await bobs.open("/inbox/1")
    assert bobs.status == 404
    options = {
        option.text: option["value"] for option in window.page.one("select", id="holder").all("option")
    }
    assert "Alice Example" not in options, "admins may do everything"
    await window.press("Set", holder=options["Bob Example"], level="viewer")
    assert rows_of(window)[1:] == ["Bob Example reads it"]
    await bobs.open("/inbox/1")
    assert bobs.status == 200 and "Where is my fern?" in bobs.page.text
    await window.press("Revoke the level of Everybody")
    await window.press("Revoke the level of Bob Example")
    assert rows_of(window) == [] and window.path == "/inbox/1/access?who=unassigned"


async def test_what_cannot_be_set_is_said(window, path):
    await window.open(path)
    await window.press("Set", holder="member:00000000-0000-0000-0000-000000000000", level="viewer")
    assert window.status == 422 and "does not exist" in window.page.one(role="alert").text
    await window.press("Set", holder="", level="king")
    assert window.status == 422 and rows_of(window) == []


async def test_only_managers_of_the_conversation_see_the_page(path, cast: Cast, window):
    bobs = await window_of(cast, cast.bob)
    await bobs.open("/inbox/1")
    assert "Access..." not in bobs.page.text
    token = bobs.page.all("input", name="csrf_token")[0]["value"]
    await bobs.open(path)
    assert bobs.status == 403
    await window.open(path)
    form = {
        "csrf_token": token,
        "holder": "",
        "level": "none",
    }
    assert (await bobs.client.post(path, data=form)).status_code == 403
    assert rows_of(await window.open(path)) == []


async def test_other_projects_find_nothing(path, cast: Cast, mallory):
    theirs = await window_of(cast, mallory)
    await theirs.open(path)
    assert theirs.status == 404


def ticks_of(window):
    """Return the numbers of the conversations that have a box to tick."""
    return [box.text.removeprefix("Tick #") for box in window.page.all("label", class_="row-pick")]


async def test_who_may_only_look_ticks_nothing(desk, window, cast: Cast):
    for text in ("one", "two", "three"):
        await desk.open(message=text)
    url = f"/api/projects/{cast.project.id}/resource_access_controls/"
    await cast.alice.client.put(url, json={"resource": "ticket", "access_level": "viewer"})
    bobs = await window_of(cast, cast.bob)
    await bobs.open("/inbox")
    assert len(bobs.page.all("a", class_="row")) == 3 and ticks_of(bobs) == []
    assert not bobs.page.all("form", id="bulk") and not bobs.page.all("input", id="tick-all")
    await desk.client.put(f"{desk.tickets}2/access_controls/", json={"access_level": "editor"})
    await bobs.open("/inbox")
    assert ticks_of(bobs) == ["2"]
    assert bobs.page.one("form", id="bulk") and bobs.page.one("input", id="tick-all")
    await window.open("/inbox")
    assert sorted(ticks_of(window)) == ["1", "2", "3"] and window.page.one("form", id="bulk")
