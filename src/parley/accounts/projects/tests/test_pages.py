"""The page of the project's settings."""

from typing import Any

import pytest

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


async def test_the_form_of_the_widget_and_its_links_are_set_up_too(cast: Cast):
    window = await window_of(cast, cast.alice)
    await window.open("/settings")
    texts = {
        "widget_identification_form_title": "Who are you?",
        "widget_identification_form_description": "So that we can answer.",
        "ai_assistant_name": "Fern",
    }
    assert "checked" in window.page.one("input", name="widget_restore_enabled").attributes
    await window.press("Save", **texts, widget_restore_enabled=[])
    stored = (await settings_of(cast))["conversations_settings"]
    assert {name: stored[name] for name in texts} == texts
    assert stored["widget_restore_enabled"] is False
    assert window.page.one("input", name="ai_assistant_name")["value"] == "Fern"
    assert "checked" not in window.page.one("input", name="widget_restore_enabled").attributes


async def test_a_bad_setting_is_named_and_nothing_is_stored(cast: Cast):
    window = await window_of(cast, cast.alice)
    await window.open("/settings")
    await window.press("Save", name="Other", widget_color="red")
    assert window.status == 422
    assert window.page.one("input", name="widget_color")["aria-invalid"] == "true"
    assert "autofocus" in window.page.one("input", name="widget_color").attributes  # the form is long
    assert window.page.one("input", name="name")["value"] == "Other"
    assert (await settings_of(cast))["name"] == "Hedgehogs"
    await window.press("Save", widget_color="", widget_domains="a.test\nno host!")
    domains = window.page.one("textarea", name="widget_domains")
    assert domains["aria-invalid"] == "true" and "autofocus" in domains.attributes
    assert "one of them a line" in window.page.one(id="widget_domains-help").text.lower()


async def test_a_member_sees_the_settings_and_cannot_change_them(cast: Cast):
    window = await window_of(cast, cast.bob)
    await window.open("/settings")
    assert all("disabled" in found.attributes for found in window.page.all("fieldset"))
    await window.open("/settings/members")
    assert not window.page.all("select", name="level")


async def test_a_new_widget_token_ends_the_old_one(cast: Cast):
    window = await window_of(cast, cast.alice)
    await window.open("/settings")
    first = window.page.one("section", aria_labelledby="install").one("summary")
    assert first.text.startswith("Renew the widget token")  # a press opens what asks
    await window.press("Renew it now")
    after = (await settings_of(cast))["conversations_settings"]["widget_public_token"]
    assert after != cast.project.widget_token
    assert after in window.page.one("section", aria_labelledby="install").text


async def test_the_script_can_be_copied_and_says_when_nobody_else_reaches_its_address(cast: Cast):
    window = await window_of(cast, cast.alice)
    await window.open("/settings")
    install = window.page.one("section", aria_labelledby="install")
    copied = install.one("button", type="button")["data-copies"]
    assert cast.project.api_token in install.one("code", id=copied).text
    warned = "nobody reaches that from another machine" in install.text
    assert warned == ("127.0.0.1" in install.text or "localhost" in install.text)
    here = await window.client.get("/settings", headers={"Host": "127.0.0.1:9411"})
    assert "nobody reaches that from another machine" in here.text


async def test_mail_is_set_up_by_the_form(cast: Cast):
    window = await window_of(cast, cast.alice)
    await window.open("/settings")
    both = [str(cast.alice.user_id), str(cast.bob.user_id)]
    assert [one["value"] for one in window.page.all("input", name="notification_recipients")] == both
    await window.press(
        "Save", notification_recipients=both, email_limit_per_ticket="0", inbound_mail_kept_days="7"
    )
    stored = (await settings_of(cast))["conversations_settings"]
    assert stored["notification_recipients"] == [cast.alice.user_id, cast.bob.user_id]
    assert stored["email_replies_to_widget"] is True
    assert (stored["email_limit_per_ticket"], stored["inbound_mail_kept_days"]) == (0, 7)
    assert "email_limit_per_project" not in stored
    await window.press("Save", email_limit_per_ticket="")  # the rest is sent as it is shown
    after = (await settings_of(cast))["conversations_settings"]
    assert after == {name: value for name, value in stored.items() if name != "email_limit_per_ticket"}
    await window.press("Save", notification_recipients=[], email_replies_to_widget=[])
    after = (await settings_of(cast))["conversations_settings"]
    assert (after["notification_recipients"], after["email_replies_to_widget"]) == ([], False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email_limit_per_recipient", "many"),
        ("email_limit_per_ticket", "-1"),
        ("email_limit_per_project", "1000001"),
        ("inbound_mail_kept_days", "0"),
        ("inbound_mail_kept_days", "\u0663"),
        ("notification_recipients", "x"),
    ],
)
async def test_a_bad_setting_of_mail_is_refused_beside_its_field(cast: Cast, name: str, value: str):
    await refused(cast, name, value)


async def test_somebody_of_another_organization_is_not_told(cast: Cast):
    await refused(cast, "notification_recipients", str(cast.mallory.user_id))


async def refused(cast: Cast, name: str, value: str) -> None:
    window = await window_of(cast, cast.alice)
    await window.open("/settings")
    await window.press("Save", **{name: value})
    assert window.status == 422 and not window.page.all(role="alert")
    assert {one["aria-invalid"] for one in window.page.all("input", name=name)} == {"true"}
    assert "text-error" in window.page.one("p", id=f"{name}-help")["class"]
    assert name not in (await settings_of(cast))["conversations_settings"]
