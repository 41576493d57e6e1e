"""Levels on the page of settings."""

import pytest

from tests.plain_browser import window_of


@pytest.fixture
async def window(cast):
    """A window in which alice looks at the levels."""
    made = await window_of(cast, cast.alice)
    return await made.open("/settings/access")


def rows_of(window):
    """Return the levels that the page shows."""
    section = window.page.one("section", aria_labelledby="access")
    return [" ".join(item.one("p").text.split()) for item in section.all("li")]


async def stored(keeper):
    found = (await keeper.client.get(keeper.of_all)).json()["access_controls"]
    return [row["access_level"] for row in found]


async def test_a_level_is_set_changed_and_taken_back(window, keeper):
    assert window.heading == "Settings" and rows_of(window) == []
    await window.press("Set", holder="", level="viewer")
    assert window.page.one(role="status").text == "The level is set."
    assert rows_of(window) == ["Everybody reads tickets"]
    await window.press("Set", holder="", level="none")
    assert rows_of(window) == ["Everybody sees no tickets"] and await stored(keeper) == ["none"]
    await window.press("Revoke the level of Everybody")
    assert window.page.one(role="status").text == "The level is revoked."
    assert rows_of(window) == [] and await stored(keeper) == []


async def test_a_careless_press_locks_nobody_out(window, keeper):
    await window.press("Set")
    assert await stored(keeper) == ["editor"]


async def test_roles_and_members_are_named_and_admins_are_not_offered(window, keeper, bob, alice):
    role = await keeper.role("Support")
    member = await keeper.member(bob)
    await window.open("/settings/access")
    options = {
        option["value"]: option.text for option in window.page.one("select", id="holder").all("option")
    }
    assert options == {
        "": "Everybody",
        f"role:{role['role']}": "Support (role)",
        f"member:{member['organization_member']}": "Bob Example",
    }
    await window.press("Set", holder=f"role:{role['role']}", level="manager")
    await window.press("Set", holder=f"member:{member['organization_member']}", level="editor")
    assert rows_of(window) == [
        "Support also deletes tickets and sets levels",
        "Bob Example answers and changes tickets",
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"level": "king"},
        {"holder": "role:x", "level": "viewer"},
        {"holder": "member:", "level": "viewer"},
        {"holder": f"member:{'0' * 32}", "level": "viewer"},
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_said(window, keeper, fields):
    await window.press("Set", **fields)
    assert window.status == 422 and window.page.one(role="alert").text
    assert await stored(keeper) == []


async def test_who_sees_no_ticket_is_told_so_and_finds_the_way_on(cast, bob, keeper):
    await keeper.everywhere("none")
    bobs = await window_of(cast, bob)
    await bobs.open("/")
    assert (bobs.status, bobs.path) == (200, "/settings/access")
    assert "No conversation is open to you." in bobs.page.one(role="alert").text
    await bobs.press("Sign out")
    assert bobs.path.startswith("/login")


async def test_who_is_no_manager_looks_and_changes_nothing(window, cast, bob, keeper):
    await keeper.everywhere("none")
    bobs = await window_of(cast, bob)
    await bobs.open("/settings/access")
    assert rows_of(bobs) == ["Everybody sees no tickets"]
    assert not bobs.page.all("select") and not bobs.page.all("input", name="holder")
    answer = await bobs.client.post("/settings/access", data={"level": "manager"})
    assert answer.status_code == 403 and await stored(keeper) == ["none"]
    await keeper.everywhere("manager")
    await bobs.open("/settings/access")
    await bobs.press("Set", holder="", level="editor")
    assert await stored(keeper) == ["editor"]


async def test_an_open_page_leaves_a_ticket_that_its_reader_may_not_see_any_more(cast, desk, keeper, bob):
    hidden, other = await desk.open(), await desk.open()
    window = await window_of(cast, bob)
    script = {"HX-Request": "true"}

    async def led_to(path):
        answer = await window.client.get(path, headers=script)
        return answer.headers.get("hx-redirect")

    number = hidden["ticket_number"]
    parts = [f"/inbox/{number}/details?status=open", f"/inbox/{number}/messages?status=open&from=0"]
    assert [await led_to(part) for part in parts] == [None, None]
    await keeper.on(hidden, "none")
    assert [await led_to(part) for part in parts] == ["/inbox?status=open"] * 2
    assert [await led_to("/inbox/rows"), await led_to(f"/inbox/{other['ticket_number']}/details")] == [
        None,
        None,
    ]
    await keeper.everywhere("none")
    assert await led_to(f"/inbox/{other['ticket_number']}/details") == "/inbox"
    assert await led_to("/inbox/rows") == "/settings/access"
    assert (
        await cast.alice.client.delete(f"{keeper.organization}/members/{bob.user_uuid}/")
    ).status_code == 204
    assert await led_to("/inbox/rows") == "/settings/account?notice=no-project"
