"""The page of the project's settings."""

from typing import Any

from tests.cast import Cast
from tests.plain_browser import window_of


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
