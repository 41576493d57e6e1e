"""The page of the organization's settings."""

from typing import Any

import msgspec
import pytest

from parley.kernel.services import Services
from tests.cast import Cast, Member
from tests.plain_browser import PlainBrowser, window_of

PATH = "/settings/organization"
CURRENT = "/api/organizations/@current/"
SHARING, MODEL = "allow_publicly_shared_resources", "is_ai_data_processing_approved"


@pytest.fixture
async def window(cast: Cast) -> PlainBrowser:
    """The page, as an owner has it before them."""
    return await (await window_of(cast, cast.alice)).open(PATH)


async def stored(member: Member) -> dict[str, Any]:
    """Return the organization as the API shows it."""
    found: dict[str, Any] = (await member.client.get(CURRENT)).json()
    return found


def ticked(window: PlainBrowser) -> dict[str, bool]:
    return {name: "checked" in window.page.one("input", name=name).attributes for name in (SHARING, MODEL)}


async def test_the_form_shows_and_stores_what_the_api_does(window: PlainBrowser, alice: Member):
    assert ticked(window) == {SHARING: True, MODEL: False}
    before = await stored(alice)
    await window.press(
        "Save",
        name="  Hedgehogs & Söhne ",
        allow_publicly_shared_resources=[],
        is_ai_data_processing_approved="on",
    )
    assert (window.path, window.page.one(role="status").text) == (f"{PATH}?notice=saved", "Saved.")
    after = await stored(alice)
    assert (after["name"], after[SHARING], after[MODEL]) == ("Hedgehogs & Söhne", False, True)
    assert after["slug"] == before["slug"]
    assert after["members_can_use_personal_api_keys"] is before["members_can_use_personal_api_keys"]
    assert ticked(window) == {SHARING: False, MODEL: True}
    await window.press("Save", allow_publicly_shared_resources="on", is_ai_data_processing_approved=[])
    assert ticked(window) == {SHARING: True, MODEL: False}


@pytest.mark.parametrize("name", ["   ", "x" * 65])
async def test_a_bad_name_is_said_and_nothing_is_stored(window: PlainBrowser, alice: Member, name: str):
    before = await stored(alice)
    await window.press("Save", name=name, allow_publicly_shared_resources=[])
    assert window.status == 422
    assert window.page.one("input", name="name")["aria-invalid"] == "true"
    assert ticked(window)[SHARING] is False
    assert await stored(alice) == before


async def test_members_look_and_admins_change(cast: Cast, alice: Member):
    window = await (await window_of(cast, cast.bob)).open(PATH)
    assert window.status == 200 and not [one for one in window.page.all("button") if one.name == "Save"]
    assert all("disabled" in one.attributes for one in window.page.all("fieldset"))
    form = {"csrf_token": window.page.all("input", name="csrf_token")[-1]["value"], "name": "Bob's"}
    before = await stored(alice)
    assert (await window.client.post(PATH, data=form)).status_code == 403
    assert await stored(alice) == before
    level = await alice.client.patch(f"{CURRENT}members/{cast.bob.user_uuid}/", json={"level": 8})
    assert level.status_code == 200
    await window.open(PATH)
    await window.press("Save", name="Bob's")
    assert (await stored(alice))["name"] == "Bob's"


async def test_a_form_of_another_site_changes_nothing(window: PlainBrowser, alice: Member):
    before = await stored(alice)
    assert (await window.client.post(PATH, data={"name": "Theirs"})).status_code == 403
    assert await stored(alice) == before


async def test_everybody_has_their_own_organization(cast: Cast, alice: Member):
    window = await (await window_of(cast, cast.mallory)).open(PATH)
    before = await stored(alice)
    await window.press("Save", name="Other", allow_publicly_shared_resources=[])
    assert (await stored(cast.mallory))["name"] == "Other"
    assert await stored(alice) == before


async def test_it_is_said_whether_there_is_a_model(window: PlainBrowser, services: Services, monkeypatch):
    assert "This server has no model" in window.page.text
    with_model = msgspec.structs.replace(services.settings, llm_url="http://127.0.0.1:9")
    monkeypatch.setattr(services, "settings", with_model)
    await window.open(PATH)
    assert "This server has a model" in window.page.text


async def test_whoever_is_not_signed_in_signs_in_first(cast: Cast):
    answer = await cast.client().get(PATH, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/login")
