"""How a recording is shared, by hand."""

from datetime import timedelta

import pytest

from parley.analytics.recordings.tests.factories import make_recording
from tests.plain_browser import PlainBrowser, window_of


@pytest.fixture
async def panel(window: PlainBrowser, services, project) -> PlainBrowser:
    """The panel of a recording, as a page."""
    session_id = await make_recording(services, project)
    await window.open(f"/recordings/{session_id}")
    return await window.follow("How this recording is shared")


def link_of(panel: PlainBrowser) -> str:
    return panel.page.one("code", id="share-link").text


async def test_a_link_is_made_replaced_and_taken_back(panel, anonymous):
    assert "Only your team" in panel.page.text and not panel.page.all("iframe")
    await panel.press("Share by a link")
    first = link_of(panel)
    assert (await anonymous.get(first)).status_code == 200
    assert (
        f'<iframe src="{first.replace("shared", "embedded")}"' in panel.page.one("code", id="embed-code").text
    )
    assert panel.page.one("iframe")["src"] == first.replace("shared", "embedded")
    await panel.press("New link")
    assert link_of(panel) != first and (await anonymous.get(link_of(panel))).status_code == 200
    assert "The one before goes on for five minutes." in panel.page.one(role="status").text
    second = link_of(panel)
    await panel.press("Stop sharing")
    assert "Only your team" in panel.page.text
    assert [(await anonymous.get(link)).status_code for link in (first, second)] == [404, 404]


async def test_passwords_are_shown_once_and_deleted(panel, anonymous):
    await panel.press("Share by a link")
    await panel.press("Ask for a password")
    assert "nobody can open the link" in panel.page.text
    await panel.press("Add a password", note="Ada's team")
    made = panel.page.one("code", id="new-password").text
    await panel.press("Add a password", note="", raw_password="correct horse")
    assert panel.page.one("code", id="new-password").text == "correct horse"
    await panel.open(panel.path)
    assert made not in panel.answer.text and "correct horse" not in panel.answer.text
    answer = await anonymous.post(link_of(panel), json={"password": made})
    assert answer.status_code == 200
    [asked] = [found for found in panel.page.all("details") if "the password Ada's team" in found.text]
    assert "Whoever came in by it is out at once." in asked.text
    await panel.press("the password Ada's team")
    assert "Ada's team" not in [name.text for name in panel.page.all("bdi", class_="font-medium")]
    assert (await anonymous.post(link_of(panel), json={"password": made})).status_code == 401
    assert "Right password" in panel.page.text
    await panel.press("Ask for no password")
    assert panel.page.all("button")[0].text and (await anonymous.get(link_of(panel))).status_code == 200


async def test_a_link_ends_and_says_who_opened_it(panel, anonymous, services):
    await panel.press("Share by a link")
    day = f"{services.clock.now() + timedelta(days=3):%Y-%m-%d}"
    await panel.press("Save", ends_on=day)
    assert panel.page.one("input", id="ends_on")["value"] == day
    assert panel.page.one(role="status").text == f"Saved. The link works until {day} is over (UTC)."
    await anonymous.get(link_of(panel))
    await panel.open(panel.path)
    assert "Opened" in panel.page.text and "from 127.0.0.1" in panel.page.text
    await panel.press("Save", ends_on="")
    assert panel.page.one("input", id="ends_on").get("value") == ""
    assert panel.page.one(role="status").text == "Saved. The link has no end."


@pytest.mark.parametrize(
    ("button", "fields"),
    [
        ("Save", {"ends_on": "2020-01-01"}),
        ("Save", {"ends_on": "soon"}),
        ("Add a password", {"raw_password": "short"}),
        ("Add a password", {"note": "x" * 101}),
    ],
)
async def test_what_cannot_be_is_said_in_the_panel(panel, button, fields):
    await panel.press("Share by a link")
    await panel.press("Ask for a password")
    await panel.press(button, **fields)
    assert panel.status == 422 and panel.page.one("p", role="alert").text
    assert link_of(panel)


async def test_a_day_that_is_beyond_all_calendars_is_no_end(panel, alice):
    zone = await alice.client.patch(
        f"/api/projects/{alice.project_id}/", json={"timezone": "America/New_York"}
    )
    assert zone.status_code == 200
    await panel.press("Share by a link")
    await panel.press("Save", ends_on="9999-12-31")
    assert panel.status == 422 and "before the year 9999" in panel.page.one("p", role="alert").text


async def test_a_script_gets_the_panel_alone(panel):
    part = await panel.client.get(panel.path, headers={"HX-Request": "true"})
    assert part.status_code == 200 and "<html" not in part.text and "Share by a link" in part.text


async def test_it_is_said_where_the_organization_shares_nothing(panel, cast, alice, anonymous):
    organization, switch = "/api/organizations/@current/", "allow_publicly_shared_resources"
    await alice.client.patch(organization, json={switch: False})
    await panel.open(panel.path)
    assert "nothing can be shared" in panel.page.text and "Share by a link" not in panel.page.text
    await alice.client.patch(organization, json={switch: True})
    await panel.open(panel.path)
    assert "switched sharing off" not in panel.page.text
    await panel.press("Share by a link")
    await alice.client.patch(organization, json={switch: False})
    await panel.open(panel.path)
    assert "this link opens nothing" in panel.page.text and not panel.page.all("iframe")
    assert (await anonymous.get(link_of(panel))).status_code == 404
    bobs = await (await window_of(cast, cast.bob)).open(panel.path)
    assert "Admins and owners can allow it" in bobs.page.text
    assert not [link for link in bobs.page.all("a") if link["href"] == "/settings/organization"]
    await panel.follow("settings of the organization")
    await panel.press("Save", **{switch: "on"})
    assert (await anonymous.get(link_of(await bobs.open(bobs.path)))).status_code == 200


async def test_what_is_not_there_is_not_shared(window, api):
    await window.open("/recordings/unknown/sharing")
    assert window.status == 404
