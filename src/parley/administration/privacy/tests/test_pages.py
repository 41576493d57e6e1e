"""The page on which an admin exports or erases what is known of one person."""

import pytest

from tests.cast import Cast
from tests.plain_browser import window_of

PATH = "/settings/personal-data"
EMAIL = "carla@example.com"


@pytest.fixture
async def window(cast: Cast):
    """A window in which alice is signed in."""
    return await window_of(cast, cast.alice)


async def test_what_is_known_is_a_file_and_is_gone_once_it_is_erased(window, desk, api, project):
    await desk.open(email=EMAIL, distinct_id=None, message="My leg hurts")
    await desk.open(email="otto@example.com", distinct_id=None, message="Hello")
    await window.open(PATH)
    await window.press("Export as a file", who=EMAIL.upper())
    assert window.answer.headers["content-disposition"].startswith("attachment")
    assert [one["email_from"] or EMAIL for one in window.answer.json()["tickets"]] == [EMAIL]
    assert "My leg hurts" in window.answer.text and "otto" not in window.answer.text
    await window.open(PATH)
    await window.press("Erase everything", who=EMAIL)
    said = window.page.one(role="alert").text
    assert "Nothing is erased yet" in said and "1 conversation" in said and "0 recordings" in said
    assert (await desk.listed())["count"] == 2
    await window.press("Erase all of this", who="otto@example.com")  # that is somebody else: it asks again
    assert "otto@example.com" in window.page.one(role="alert").text and (await desk.listed())["count"] == 2
    await window.press("Erase all of this", who=EMAIL)
    assert (await desk.listed())["count"] == 2
    await window.press("Erase all of this")
    assert "1 conversation" in window.page.one(role="status").text
    assert (await desk.listed())["count"] == 1
    await window.press("Export as a file", who=EMAIL)
    assert window.page.one(role="alert").text == "Nothing is known about this person."
    log = await api.get(f"/api/projects/{project.id}/activity_log/", params={"scope": "Person"})
    assert [one["activity"] for one in log.json()["results"]] == ["erased", "exported"]


@pytest.mark.parametrize(
    "fields", [{"who": "no address"}, {"who": ""}, {"kind": "name", "who": EMAIL}, {"who": "nobody@x.test"}]
)
async def test_who_is_nobody_is_said_beside_the_form(window, desk, fields):
    await desk.open(email=EMAIL, distinct_id=None, message="My leg hurts")
    await window.open(PATH)
    for button in ("Export as a file", "Erase everything"):
        await window.press(button, **fields)
        assert window.status == 422 and window.page.one(role="alert").text
    assert (await desk.listed())["count"] == 1


async def test_members_and_other_projects_get_at_nothing(window, desk, cast: Cast):
    await desk.open(email=EMAIL, distinct_id=None, message="My leg hurts")
    member = await window_of(cast, cast.bob)
    await member.open("/settings/account")
    token = member.page.all("input", name="csrf_token")[0]["value"]
    assert PATH not in [link["href"] for link in member.page.all("a")]
    assert (await member.client.get(PATH)).status_code == 403
    for action in ("export", "erase"):
        fields = {"csrf_token": token, "kind": "email", "who": EMAIL, "is_sure": f"email - {EMAIL}"}
        assert (await member.client.post(f"{PATH}/{action}", data=fields)).status_code == 403
    stranger = await window_of(cast, cast.mallory)
    await stranger.open(PATH)
    await stranger.press("Erase everything", who=EMAIL)
    assert stranger.status == 422
    assert (await desk.listed())["count"] == 1
