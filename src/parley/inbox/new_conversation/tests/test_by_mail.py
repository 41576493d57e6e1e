"""A conversation begins by mail."""

import pytest

from parley.conversations.files.queries import used_bytes
from parley.conversations.files.rules.limits import MOST_BYTES
from parley.conversations.widget.tests.visitor import Browser
from parley.email.channels.tests.channels import make_channel
from parley.email.compose.tests.test_compose import channel, post
from tests.plain_browser import read_html, window_of

__all__ = ["channel", "post"]


async def test_a_conversation_is_begun_from_the_inbox_and_shown(cast, services, channel, post):
    other = await make_channel(services, cast.alice, "billing", from_name="Billing")
    await services.live.publish("accounts", "project.changed")
    window = await window_of(cast, cast.bob)
    await window.open("/inbox")
    await window.follow("New conversation")
    assert window.page.one("option", value=str(other.id)).text == f"Billing <{other.from_email}>"
    wrong = {"recipient_email": "ada@", "email_config_id": str(other.id), "message": "It <b>left</b>."}
    await window.press("Send", **wrong, email_subject="Order")
    assert window.status == 422
    assert window.page.one("input", id="recipient_email")["aria-invalid"] == "true"
    assert window.page.one("textarea", id="content").text == "It <b>left</b>."
    assert "selected" in window.page.one("option", value=str(other.id)).attributes
    await window.press("Send", recipient_email="ada@example.com")
    assert window.path == "/inbox/1" and "It <b>left</b>." in window.page.text
    await post.go_out()
    [mail] = [one for one in post._mails if one["To"] == "ada@example.com"]
    assert (mail["From"], mail["Subject"]) == (f"Billing <{other.from_email}>", "Order")


async def test_who_captures_anothers_address_reads_nothing_that_is_mailed_there(
    cast, services, channel, post, anonymous, project, desk
):
    """Mallory is a customer of the site, too, and looks like Ada to whoever picks persons by their names."""
    await services.live.publish("accounts", "project.changed")
    told = {"$set": {"name": "Ada", "email": "ada@x.test"}}
    event = {"event": "x", "distinct_id": "mallory", "properties": told, "token": project.api_token}
    assert (await anonymous.post("/e/", json=event)).status_code == 200
    window = await (await window_of(cast, cast.bob)).open("/compose")
    picked = {"recipient_email": "ada@x.test", "recipient_name": "Ada", "recipient_distinct_id": "mallory"}
    await window.press("Send", **picked, message="Your invoice")
    ticket = await desk.ticket(1)
    assert ticket["email_from"] == "ada@x.test"
    stranger = Browser(anonymous, project, identity="mallory")
    assert await stranger.ticket_ids() == []
    assert (await stranger.thread(ticket["id"])).status_code == 403
    addressee = Browser(anonymous, project, identity="ada@x.test")
    assert await addressee.texts(ticket["id"]) == ["Your invoice"]


async def test_without_a_channel_the_page_says_what_to_do(cast, services):
    window = await window_of(cast, cast.alice)
    await window.open("/compose?to=ada@example.com")
    assert "no address to write mail from" in window.page.one("main").text
    assert window.page.one("a", href="/settings/email").text == "Connect one"
    assert window.page.one("select", id="email_config_id").texts("option") == ["Chat widget"]
    waiting = await make_channel(services, cast.alice, is_verified=False)
    await window.open("/compose")
    assert f"from {waiting.from_email} yet: its domain isn't verified" in window.page.one("main").text
    assert window.page.one("a", href=f"/settings/email/{waiting.id}").text == "See what is missing"
    settings = {"conversations_settings": {"widget_enabled": False}}
    answer = await cast.alice.client.patch(f"/api/projects/{cast.project.id}/", json=settings)
    assert answer.status_code == 200, answer.text
    await services.live.publish("accounts", "project.changed")
    await window.open("/compose")
    assert not window.page.all("textarea")
    assert "this project has none of these" in window.page.one("main").text


async def test_a_channel_that_is_gone_meanwhile_keeps_the_text(cast, services, channel):
    await services.live.publish("accounts", "project.changed")
    window = await window_of(cast, cast.alice)
    await window.open("/compose?to=ada@example.com")
    assert window.page.one("input", id="recipient_email")["value"] == "ada@example.com"
    gone = "0197c6a0-0000-7000-8000-000000000001"
    await window.press("Send", message="Kept", email_config_id=gone)
    assert window.status == 422 and window.page.one("textarea", id="content").text == "Kept"
    assert window.page.one(role="alert").text.startswith("Email configuration not found")


async def test_who_may_not_open_tickets_has_no_form(cast, services, channel):
    levels = f"/api/projects/{cast.project.id}/resource_access_controls/"
    body = {"resource": "ticket", "access_level": "viewer"}
    assert (await cast.alice.client.put(levels, json=body)).status_code == 200
    await services.live.publish("accounts", "project.changed")
    window = await window_of(cast, cast.bob)
    await window.open("/compose")
    assert not window.page.all("textarea")


async def sent(window, files, **fields):
    form = window.page.one("form", action="/compose")
    assert form["enctype"] == "multipart/form-data" and form.one("input", type="file")["name"] == "files"
    hidden = {one["name"]: one["value"] for one in form.all("input", type="hidden")}
    given = {**hidden, "recipient_email": "ada@example.com", "message": "Look", **fields}
    parts = [(name, (None, value)) for name, value in given.items()] + [("files", file) for file in files]
    return await window.client.post("/compose", files=parts)


async def test_a_conversation_begins_with_files_once(cast, services, channel, post):
    await services.live.publish("accounts", "project.changed")
    window = await (await window_of(cast, cast.bob)).open("/compose")
    assert "data-takes-files" in window.page.one("form", action="/compose").attributes
    assert any("files" in one["src"] for one in window.page.all("script"))
    refused = await sent(window, [("bill.txt", b"1 EUR")], email_config_id=str(channel.id), message=" ")
    assert refused.status_code == 422
    kept = read_html(refused.text).one("fieldset", class_="files-kept").one("input")["value"]
    about = {
        "email_config_id": str(channel.id),
        "file_ids": kept,
        "recipient_email": "files@example.com",
    }
    paths = [(await sent(window, [("two.txt", b"2")], **about)).headers["location"] for _ in range(2)]
    assert paths == ["/inbox/1", "/inbox/1"]
    page = read_html((await window.client.get("/inbox/1")).text)
    assert page.one("ul", class_="message-files").texts("a") == ["bill.txt 5 bytes", "two.txt 1 byte"]
    await post.go_out()
    [mail] = [one for one in post._mails if one["To"] == "files@example.com"]
    assert [one.get_filename() for one in mail.iter_attachments()] == ["bill.txt", "two.txt"]


async def test_a_form_that_is_sent_twice_mails_once_and_another_form_again(cast, services, channel):
    await services.live.publish("accounts", "project.changed")
    window = await window_of(cast, cast.bob)
    about = {"email_config_id": str(channel.id), "recipient_email": "twice@example.com"}
    paths = []
    for _ in range(2):
        await window.open("/compose")
        paths += [(await sent(window, [], **about)).headers["location"] for _ in range(2)]
    assert paths == ["/inbox/1", "/inbox/1", "/inbox/2", "/inbox/2"]


async def test_a_file_that_is_too_large_is_left_out_and_nothing_is_sent(cast, services, channel):
    await services.live.publish("accounts", "project.changed")
    window = await (await window_of(cast, cast.bob)).open("/compose")
    answer = await sent(window, [("a.bin", bytes(MOST_BYTES + 1))], email_config_id=str(channel.id))
    page = read_html(answer.text)
    assert answer.status_code == 422 and "25 MB at most" in page.one(role="alert").text
    assert page.one("textarea", id="content").text == "Look"
    assert (await window.client.get("/inbox/1")).status_code == 404


async def test_whoever_may_not_begin_conversations_stores_no_files(cast, services, channel):
    levels = f"/api/projects/{cast.project.id}/resource_access_controls/"
    body = {"resource": "ticket", "access_level": "viewer"}
    assert (await cast.alice.client.put(levels, json=body)).status_code == 200
    await services.live.publish("accounts", "project.changed")
    window = await window_of(cast, cast.bob)
    answer = await window.client.post("/compose", files=[("files", ("a.txt", b"hello"))])
    assert answer.status_code == 403
    async with services.database.transaction(write=False) as db:
        assert await used_bytes(db, cast.project.id) == 0


async def found_by(desk, search):
    """Return the numbers of the conversations that a search finds."""
    return [one["ticket_number"] for one in (await desk.listed(search=search))["results"]]


async def test_it_is_found_by_the_name_and_the_address_that_were_typed(cast, services, channel, desk):
    await services.live.publish("accounts", "project.changed")
    window = await (await window_of(cast, cast.bob)).open("/compose")
    await window.press("Send", recipient_email=' "Mina  Nowak" <mina@x.test> ', message="Hello Mina")
    assert window.path == "/inbox/1", window.page.text
    ticket = await desk.ticket(1)
    assert (ticket["email_from"], ticket["anonymous_traits"]["name"]) == ("mina@x.test", "Mina Nowak")
    assert await found_by(desk, "nowak mina") == await found_by(desk, "mina@x.test") == [1]
    assert ticket["assignee"]["id"] == cast.bob.user_id, "who begins it takes care of it"


@pytest.mark.parametrize("to", ["mina@x.test", "other@x.test", "Mina Nowak <mina@x.test>"])
async def test_a_mail_has_the_name_that_was_typed_and_none_that_a_stranger_captured(
    cast, services, channel, desk, anonymous, project, to
):
    await services.live.publish("accounts", "project.changed")
    told = {"$set": {"name": "Your refund: http://evil.test", "email": "mina@x.test"}}
    event = {"event": "x", "distinct_id": "mina", "properties": told, "token": project.api_token}
    assert (await anonymous.post("/e/", json=event)).status_code == 200
    action = {"name": "Hello", "content": "Hello {{person.name}} {{person.first_name}}"}
    made = await cast.alice.client.post(
        f"/api/projects/{project.id}/conversations/quick_actions/", json=action
    )
    assert made.status_code == 201, made.text
    window = await (await window_of(cast, cast.bob)).open("/compose")
    picked = {"recipient_distinct_id": "mina", "recipient_name": "Your refund: http://evil.test"}
    await window.press("Insert", **picked, recipient_email=to, message="")
    assert "refund" not in window.page.one("textarea", id="content").text
    await window.press("Send", as_is="yes")
    assert window.path == "/inbox/1", window.page.text
    name = {"name": "Mina Nowak"} if "Nowak" in to else {}
    assert (await desk.ticket(1))["anonymous_traits"] == {**name, "email": to.split("<")[-1].rstrip(">")}
    assert await found_by(desk, "refund") == [] and await found_by(desk, "nowak") == [1] * len(name)


async def test_what_is_no_address_in_its_brackets_is_refused(cast, services, channel, desk):
    await services.live.publish("accounts", "project.changed")
    window = await (await window_of(cast, cast.bob)).open("/compose")
    await window.press("Send", recipient_email="Mina <mina>", message="Hello")
    assert window.status == 422 and window.page.one("input", id="recipient_email")["value"] == "Mina <mina>"
    assert window.page.one("input", id="recipient_email")["aria-invalid"] == "true"
