"""Settings on pages: what is stored, who may change it, and what is shown only once."""

from typing import Any

from tests.cast import PASSWORD, Cast
from tests.plain_browser import PlainBrowser, window_of


async def settings_of(cast: Cast) -> dict[str, Any]:
    """Return the project as the API shows it."""
    found: dict[str, Any] = (await cast.alice.client.get(f"/api/projects/{cast.project.id}/")).json()
    return found


async def test_the_widget_is_set_up_by_a_form(cast: Cast):
    window = await window_of(cast, cast.alice)
    await window.open("/settings")
    await window.press(
        "Save",
        name="Shop",
        timezone="Europe/Lisbon",
        widget_greeting_text="Hello!",
        widget_domains="a.test\n*.b.test\n",
    )
    assert window.page.one(role="status").text == "Saved."
    stored = await settings_of(cast)
    assert (stored["name"], stored["timezone"]) == ("Shop", "Europe/Lisbon")
    assert stored["conversations_enabled"] is True
    assert stored["conversations_settings"]["widget_domains"] == ["a.test", "*.b.test"]
    assert stored["conversations_settings"]["widget_greeting_text"] == "Hello!"
    await window.press("Save", widget_greeting_text="")
    assert "widget_greeting_text" not in (await settings_of(cast))["conversations_settings"]


async def test_a_bad_setting_is_named_and_nothing_is_stored(cast: Cast):
    window = await window_of(cast, cast.alice)
    await window.open("/settings")
    await window.press("Save", name="Other", widget_color="red")
    assert window.status == 422
    assert window.page.one("input", name="widget_color")["aria-invalid"] == "true"
    assert window.page.one("input", name="name")["value"] == "Other"
    assert (await settings_of(cast))["name"] == "Hedgehogs"


async def test_a_member_sees_the_settings_and_cannot_change_them(cast: Cast):
    window = await window_of(cast, cast.bob)
    await window.open("/settings")
    assert all("disabled" in found.attributes for found in window.page.all("fieldset"))
    await window.open("/settings/members")
    assert not window.page.all("select", name="level")


async def test_a_new_widget_token_ends_the_old_one(cast: Cast):
    window = await window_of(cast, cast.alice)
    await window.open("/settings")
    await window.press("Renew the widget token")
    after = (await settings_of(cast))["conversations_settings"]["widget_public_token"]
    assert after != cast.project.widget_token
    assert after in window.page.one("section", aria_labelledby="install").text


async def test_a_key_is_shown_once_and_works(cast: Cast):
    window = await window_of(cast, cast.bob)
    await window.open("/settings/keys")
    await window.press("Make the key", label="<b>script</b>")
    value = window.page.one("input", id="value")["value"]
    answer = await cast.client(Authorization=f"Bearer {value}").get(cast.project.tickets)
    assert answer.status_code == 200
    await window.open("/settings/keys")
    assert value not in window.answer.text
    assert "<b>script</b>" in window.page.one("section", aria_labelledby="keys").text
    await window.press("Delete <b>script</b>")
    answer = await cast.client(Authorization=f"Bearer {value}").get(cast.project.tickets)
    assert answer.status_code == 401


async def test_a_key_that_may_nothing_is_not_made(cast: Cast):
    window = await window_of(cast, cast.bob)
    await window.open("/settings/keys")
    for box in window.page.all("input", type="checkbox"):
        box.attributes.pop("checked", None)
    await window.press("Make the key", label="empty")
    assert window.status == 422
    assert window.page.one(role="alert").text == "Choose what the key may do."


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
    await window.press("Take back the invitation of grace@example.org")
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


async def test_people_change_their_name_and_password(cast: Cast):
    window = await window_of(cast, cast.bob)
    await window.open("/settings/account")
    await window.press("Save", first_name="Robert", last_name="")
    assert window.page.one("input", name="first_name")["value"] == "Robert"
    await window.press("Change the password", current_password="wrong", password="a whole new password")
    assert window.page.one("input", name="current_password")["aria-invalid"] == "true"
    await window.press("Change the password", current_password=PASSWORD, password="a whole new password")
    assert window.page.one(role="status").text.startswith("Your password is changed.")


async def test_somebody_without_a_project_is_led_to_where_one_is_chosen(cast: Cast):
    window = await window_of(cast, cast.alice)
    made = (await cast.alice.client.post("/api/projects/", json={"name": "Second"})).json()
    await window.open("/settings/account")
    await window.press("Go there", project=str(made["id"]))
    assert (await cast.alice.client.delete(f"/api/projects/{made['id']}/")).status_code == 204
    await window.open("/inbox")
    assert window.path == "/settings/account?notice=no-project"
    await window.press("Go there", project=str(cast.project.id))
    await window.open("/inbox")
    assert window.path == "/inbox"
