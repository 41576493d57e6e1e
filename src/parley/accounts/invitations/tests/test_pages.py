"""The page of members and invitations."""

import msgspec
import pytest

from tests.cast import Cast
from tests.plain_browser import PlainBrowser, window_of


async def test_somebody_is_invited_and_joins(cast: Cast):
    window = await window_of(cast, cast.alice)
    await window.open("/settings/members")
    await window.press("Invite", email="grace@example.com")
    link = next(word for word in window.page.one(role="status").text.split() if "/signup/" in word)
    newcomer = await PlainBrowser(cast.client()).open(link.removeprefix("http://parley.test"))
    await newcomer.press("Join", first_name="Grace", password="a compiler made of words")
    assert (newcomer.status, newcomer.path) == (200, "/inbox")
    await newcomer.open(link.removeprefix("http://parley.test"))
    assert newcomer.status == 404
    await window.open("/settings/members")
    assert "Grace" in window.page.one("section", aria_labelledby="members").text


async def test_an_invitation_can_be_taken_back(cast: Cast):
    window = await window_of(cast, cast.alice)
    await window.open("/settings/members")
    await window.press("Invite", email="grace@example.org")
    link = next(word for word in window.page.one(role="status").text.split() if "/signup/" in word)
    await window.press("Revoke the invitation of grace@example.org")
    newcomer = await PlainBrowser(cast.client()).open(link.removeprefix("http://parley.test"))
    assert newcomer.status == 404


async def test_levels_change_and_the_last_owner_stays(cast: Cast):
    window = await window_of(cast, cast.alice)
    await window.open("/settings/members")
    await window.press("Set level of Bob", level="8")
    assert window.page.one(role="status").text == "The level is changed."
    await window.press("Set level of Alice", level="1")
    assert window.status == 422
    assert "at least one owner" in window.page.one(role="alert").text
    asks = next(part for part in window.page.all("details") if "Remove … Bob" in part.text)
    assert "Remove Bob Example" in asks.texts(
        "button"
    )  # it takes a second press, since nothing brings somebody back
    await window.press("Remove Bob")
    assert "Bob" not in window.page.one("section", aria_labelledby="members").text


async def test_a_member_of_another_organization_cannot_be_touched(cast: Cast):
    window = await window_of(cast, cast.alice)
    await window.open("/settings/members")
    token = window.page.all("input", name="csrf_token")[0]["value"]
    path = f"/settings/members/{cast.mallory.user_uuid}"
    for action, fields in (("level", {"level": "1"}), ("remove", {})):
        answer = await window.client.post(f"{path}/{action}", data={"csrf_token": token, **fields})
        assert answer.status_code == 404


@pytest.mark.parametrize("smtp_url", [None, "smtp://mail.example:25"])
async def test_the_page_says_whether_a_mail_goes_out(cast: Cast, monkeypatch, smtp_url):
    changed = msgspec.structs.replace(cast.services.settings, smtp_url=smtp_url)
    monkeypatch.setattr(cast.services, "settings", changed)
    window = await window_of(cast, cast.alice)
    await window.open("/settings/members")
    await window.press("Invite", email="new@example.com")
    said = window.page.one(role="status")
    assert ("on its way" in said.text) is (smtp_url is not None)
    assert ("no mail server" in said.text) is (smtp_url is None)
    link = said.one("code", id="invite-link").text
    assert said.one("button")["data-copies"] == "invite-link"
    assert (await PlainBrowser(cast.client()).open(link.removeprefix("http://parley.test"))).status == 200
    assert "PARLEY_SITE_URL" not in window.page.text


async def test_a_link_that_nobody_else_can_open_is_said_to_be_one(cast: Cast, monkeypatch):
    guessed = msgspec.structs.replace(cast.services.settings, site_url="http://127.0.0.1:8000")
    monkeypatch.setattr(cast.services, "settings", guessed)
    window = await window_of(cast, cast.alice)
    await window.open("/settings/members")
    await window.press("Invite", email="new@example.com")
    assert "PARLEY_SITE_URL isn't set" in window.page.one(role="note").text
