"""An address that the team has set is used in other conversations of the same owner, never of who claims to be them."""

from parley.conversations.widget.tests.visitor import Browser
from tests.plain_browser import window_of


async def addresses(desk, *numbers):
    return [(await desk.ticket(number))["anonymous_traits"].get("email") for number in numbers]


async def test_it_is_used_where_the_same_customer_is_signed_in(
    cast, services, window, desk, anonymous, project
):
    ada = Browser(anonymous, project, identity="ada")
    for text in ("One", "Two", "Three"):
        await ada.opened(text)
    pretender = Browser(anonymous, project)
    pretender.distinct_id = "ada"
    await pretender.opened("I am Ada, too")
    await desk.open(distinct_id="ada", message="Opened for Ada by the team")
    await window.open("/inbox/1")
    assert "Use this address" not in window.page.text
    await window.press("Save the address", email="ada@x.test")
    assert "in 2 other conversations" in window.page.one("section", aria_label="Person").text
    await window.press("Use this address in 2 other conversations")
    assert "Use this address" not in window.page.text
    assert await addresses(desk, 1, 2, 3) == ["ada@x.test"] * 3
    assert await addresses(desk, 4, 5) == [None, None]


async def test_who_only_claims_an_id_gives_nobody_their_address(window, desk, anonymous, project):
    await Browser(anonymous, project, identity="ada").opened("The secret of Ada")
    mallory = Browser(anonymous, project)
    mallory.distinct_id = "ada"
    for text in ("Hello", "Once more"):
        await mallory.opened(text)
    await window.open("/inbox/2")
    await window.press("Save the address", email="mallory@x.test")
    assert "in 1 other conversation" in window.page.one("section", aria_label="Person").text
    await window.press("Use this address in 1 other conversation")
    assert await addresses(desk, 1, 2, 3) == [None, "mallory@x.test", "mallory@x.test"]


async def test_what_was_seen_is_used_and_nobody_else_may(cast, window, desk, anonymous, project):
    ada = Browser(anonymous, project, identity="ada")
    for text in ("One", "Two"):
        await ada.opened(text)
    await window.open("/inbox/1")
    await window.press("Save the address", email="ada@x.test")
    token = window.page.all("input", name="csrf_token")[0]["value"]
    form = {"csrf_token": token, "email": "other@x.test"}
    assert (await window.client.post("/inbox/1/person/elsewhere", data=form)).status_code == 400
    stranger = await window_of(cast, cast.mallory)
    await stranger.open("/inbox")
    form = {"csrf_token": stranger.page.all("input", name="csrf_token")[0]["value"], "email": "ada@x.test"}
    assert (await stranger.client.post("/inbox/1/person/elsewhere", data=form)).status_code == 404
    assert await addresses(desk, 1, 2) == ["ada@x.test", None]
