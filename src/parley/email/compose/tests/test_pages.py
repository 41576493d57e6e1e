"""The page on which the team begins a conversation."""

from parley.email.channels.tests.channels import make_channel
from parley.email.compose.tests.test_compose import channel, post
from tests.plain_browser import window_of

__all__ = ["channel", "post"]


async def test_a_conversation_is_begun_from_the_inbox_and_shown(cast, services, channel, post):
    other = await make_channel(services, cast.alice, "billing", from_name="Billing")
    await services.live.publish("accounts", "project.changed")
    window = await window_of(cast, cast.bob)
    await window.open("/inbox")
    await window.follow("New conversation")
    assert window.page.one("option", value=str(other.id)).text == f"Billing <{other.from_email}>"
    wrong = {"recipient_email": "ada@", "email_config_id": str(other.id), "message": "It <b>left</b>."}
    await window.press("Send the mail", **wrong, email_subject="Order")
    assert window.status == 422
    assert window.page.one("input", id="recipient_email")["aria-invalid"] == "true"
    assert window.page.one("textarea", id="message").text == "It <b>left</b>."
    assert "selected" in window.page.one("option", value=str(other.id)).attributes
    await window.press("Send the mail", recipient_email="ada@example.com")
    assert window.path == "/inbox/1" and "It <b>left</b>." in window.page.text
    await post.go_out()
    [mail] = [one for one in post._mails if one["To"] == "ada@example.com"]
    assert (mail["From"], mail["Subject"]) == (f"Billing <{other.from_email}>", "Order")


async def test_without_a_channel_the_page_says_what_to_do(cast):
    window = await window_of(cast, cast.alice)
    await window.open("/compose?to=ada@example.com")
    assert "no address to write from" in window.page.one("main").text
    assert window.page.one("a", href="/settings/email").text == "Connect one" and not window.page.all(
        "textarea"
    )


async def test_a_channel_that_is_gone_meanwhile_keeps_the_text(cast, services, channel):
    await services.live.publish("accounts", "project.changed")
    window = await window_of(cast, cast.alice)
    await window.open("/compose?to=ada@example.com")
    assert window.page.one("input", id="recipient_email")["value"] == "ada@example.com"
    gone = "0197c6a0-0000-7000-8000-000000000001"
    await window.press("Send the mail", message="Kept", email_config_id=gone)
    assert window.status == 422 and window.page.one("textarea", id="message").text == "Kept"
    assert window.page.one(role="alert").text.startswith("Email configuration not found")


async def test_who_may_not_open_tickets_has_no_form(cast, services, channel):
    levels = f"/api/projects/{cast.project.id}/resource_access_controls/"
    body = {"resource": "ticket", "access_level": "viewer"}
    assert (await cast.alice.client.put(levels, json=body)).status_code == 200
    await services.live.publish("accounts", "project.changed")
    window = await window_of(cast, cast.bob)
    await window.open("/compose")
    assert not window.page.all("textarea")
