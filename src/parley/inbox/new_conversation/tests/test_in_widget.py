"""A conversation begins in the chat widget; whom it is for, who takes care of it, and texts to begin with."""

import pytest

from parley.email.compose.tests.test_compose import channel, post
from tests.plain_browser import read_html, window_of

__all__ = ["channel", "post"]
IN_WIDGET = {"email_config_id": "widget", "message": "Your fern is here."}


@pytest.fixture
async def with_widget(cast, services):
    answer = await cast.alice.client.patch(
        f"/api/projects/{cast.project.id}/", json={"conversations_settings": {"widget_enabled": True}}
    )
    assert answer.status_code == 200, answer.text
    await services.live.publish("accounts", "project.changed")


@pytest.fixture
async def tell(anonymous, project):
    async def send(distinct_id: str, **properties: str) -> None:
        event = {"event": "x", "distinct_id": distinct_id, "properties": {"$set": properties}}
        answer = await anonymous.post("/e/", json={**event, "token": project.api_token})
        assert answer.status_code == 200, answer.text

    return send


@pytest.fixture
async def form(cast, with_widget):
    """A window of bob's with the empty form."""
    return await (await window_of(cast, cast.bob)).open("/compose")


async def test_it_is_an_open_ticket_with_a_message_of_the_team(form, desk, tell, cast):
    await tell("ada", name="Ada")
    await form.press(
        "Send",
        **IN_WIDGET,
        recipient_email="Ada",
        recipient_distinct_id="ada",
        email_subject=" Fern ",
        assignee=f"user:{cast.alice.user_id}",
    )
    assert form.path == "/inbox/1" and "Your fern is here." in form.page.one("ol", id="messages").text
    ticket = await desk.ticket(1)
    shown = [ticket[name] for name in ("status", "channel_source", "distinct_id", "email_subject")]
    assert shown == ["open", "widget", "ada", "Fern"]
    assert ticket["assignee"]["id"] == cast.alice.user_id
    assert (ticket["message_count"], ticket["unread_team_count"], ticket["unread_customer_count"]) == (
        1,
        0,
        1,
    )
    assert form.page.one("ol", id="messages").one("li", class_="message")["data-author"] == "Bob Example"


async def test_it_is_found_by_the_name_of_whom_it_is_for(form, desk, tell):
    await tell("mina", name="Mina Nowak")
    await form.press("Send", **IN_WIDGET, recipient_email="Mina", recipient_distinct_id="mina")
    found = (await desk.listed(search="mina nowak"))["results"]
    assert [one["ticket_number"] for one in found] == [1]


async def test_whoever_is_written_to_by_their_address_gets_no_name_that_a_stranger_captured(form, desk, tell):
    await tell("mina", name="Your refund: http://evil.test", email="mina@x.test")
    await form.press("Send", **IN_WIDGET, recipient_email="mina@x.test")
    assert (await desk.ticket(1))["anonymous_traits"] == {"email": "mina@x.test"}
    found = (await desk.listed(search="mina@x.test"))["results"]
    assert [one["ticket_number"] for one in found] == [1]


async def test_a_name_that_is_typed_before_the_address_finds_it(form, desk, tell):
    await tell("mina", name="A stranger's words", email="mina@x.test")
    await form.press("Send", **IN_WIDGET, recipient_email="Mina Nowak <mina@x.test>")
    assert (await desk.ticket(1))["anonymous_traits"] == {"name": "Mina Nowak", "email": "mina@x.test"}
    found = (await desk.listed(search="nowak"))["results"]
    assert [one["ticket_number"] for one in found] == [1]


async def test_a_name_that_is_typed_comes_before_that_of_whoever_was_picked(form, desk, tell):
    await tell("mina", name="A stranger's words", email="mina@x.test")
    await form.press(
        "Send", **IN_WIDGET, recipient_email="Mina Nowak <mina@x.test>", recipient_distinct_id="mina"
    )
    assert (await desk.ticket(1))["anonymous_traits"] == {"name": "Mina Nowak"}


async def test_an_address_that_anybody_can_have_captured_gets_no_mail_by_it(form, desk, tell, channel):
    await tell("mina", name="Mina Nowak", email="stranger@x.test")
    await form.press("Send", **IN_WIDGET, recipient_email="Mina", recipient_distinct_id="mina")
    assert (await desk.ticket(1))["anonymous_traits"] == {"name": "Mina Nowak"}


async def test_an_address_that_nobody_could_read_at_is_refused(form, desk, tell):
    await form.press("Send", **IN_WIDGET, recipient_email="new@x.test")
    assert form.status == 422 and "or set up mail first" in form.page.text
    assert [one.text for one in form.page.all("a", href="/settings/email")] == ["Connect one", "Set up mail"]
    assert "it is mailed, too" not in form.page.text
    assert form.page.one("input", id="recipient_email")["aria-invalid"] == "true"
    assert form.page.one("textarea", id="content").text == IN_WIDGET["message"]
    assert (await desk.listed())["results"] == []


async def test_an_address_finds_its_person_or_names_nobody_yet(form, desk, tell, channel):
    await tell("ada", email="ada@x.test")
    for address, distinct_id in (("Ada@X.test", "ada"), ("new@x.test", "new@x.test")):
        await form.open("/compose")
        await form.press("Send", **IN_WIDGET, recipient_email=address)
        number = form.path.rpartition("/")[2]
        ticket = await desk.ticket(number)
        assert ticket["distinct_id"] == distinct_id
        assert ticket["anonymous_traits"] == {"email": address.lower()}


async def test_a_form_that_is_sent_twice_begins_one(form, desk, tell):
    await tell("ada", email="ada@x.test")
    sent = {**IN_WIDGET, "recipient_email": "ada@x.test"}
    hidden = {
        one["name"]: one["value"]
        for one in form.page.one("form", action="/compose").all("input", type="hidden")
    }
    paths = [
        (await form.client.post("/compose", data={**hidden, **sent})).headers["location"] for _ in range(2)
    ]
    assert paths == ["/inbox/1", "/inbox/1"]
    again = await form.client.post("/compose", data={**hidden, **sent, "message": "Something else"})
    assert again.headers["location"] == "/inbox/2" and len((await desk.listed())["results"]) == 2


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"recipient_email": "nobody-knows"}, "recipient_email"),
        ({"recipient_email": "ada@"}, "recipient_email"),
        ({"recipient_email": "Ada", "recipient_distinct_id": "x" * 500}, None),
        ({"recipient_email": "ada@x.test", "message": " \u200b "}, "message"),
        ({"recipient_email": "ada@x.test", "message": "x" * 5001}, "message"),
        ({"recipient_email": "ada@x.test", "email_subject": "x" * 501}, None),
        ({"recipient_email": "ada@x.test", "assignee": "user:999999"}, "assignee"),
        ({"recipient_email": "ada@x.test", "assignee": "robot:1"}, "assignee"),
        ({"recipient_email": "ada@x.test", "assignee": "user:" + "9" * 5000}, "assignee"),
        ({"recipient_email": "ada@x.test", "email_config_id": "sms"}, "email_config_id"),
    ],
)
async def test_what_cannot_be_sent_comes_back_with_what_was_written(form, desk, fields, at):
    await form.press("Send", **{**IN_WIDGET, **fields})
    assert form.status == 422, form.answer.text
    assert form.page.one("textarea", id="content").text == fields.get("message", IN_WIDGET["message"]).strip()
    assert form.page.one("input", id="recipient_email")["value"] == fields["recipient_email"]
    if at in ("recipient_email", "message"):
        assert form.page.one(id="content" if at == "message" else at)["aria-invalid"] == "true"
    assert (await desk.listed())["results"] == []


async def test_nothing_is_written_to_a_widget_that_was_turned_off_meanwhile(form, desk, cast, services):
    off = {"conversations_settings": {"widget_enabled": False}}
    answer = await cast.alice.client.patch(f"/api/projects/{cast.project.id}/", json=off)
    assert answer.status_code == 200, answer.text
    await services.live.publish("accounts", "project.changed")
    await form.press("Send", **IN_WIDGET, recipient_email="ada@x.test")
    assert form.status == 422 and "The chat widget is off" in form.page.text
    assert form.page.one("textarea", id="content").text == IN_WIDGET["message"]
    assert (await desk.listed())["results"] == []


async def test_persons_are_offered_by_the_beginning_of_name_or_address(form, tell, cast):
    await tell("ada", name="Ada Lovelace", email="ada@x.test")
    await tell("adam", name='Adam"><script>')
    await tell("eve", name="Eve", email="adele@x.test")
    await tell("nameless-adam2", email="adam2@x.test")
    answer = await form.client.get("/compose/recipients", params={"recipient_email": "AD"})
    options = read_html(answer.text).all("div", role="option")
    known = {one["data-distinct-id"]: (one["data-name"], one["data-address"]) for one in options}
    assert known == {
        "ada": ("Ada Lovelace", "ada@x.test"),
        "adam": ('Adam"><script>', ""),
        "eve": ("Eve", "adele@x.test"),
        "nameless-adam2": ("", "adam2@x.test"),
    }
    assert next(one for one in options if not one["data-name"])["data-label"] == "adam2@x.test"
    # Whoever captures another's name and address has a distinct id of their own.
    assert all(f"User id {one['data-distinct-id']}" in one.text for one in options)
    for nothing in ("", "a", "zz", "x" * 500, "\0\0ad"):
        answer = await form.client.get("/compose/recipients", params={"recipient_email": nothing})
        assert answer.status_code == 200 and not read_html(answer.text).all(role="option")
    mallorys = await window_of(cast, cast.mallory)
    answer = await mallorys.client.get("/compose/recipients", params={"recipient_email": "AD"})
    assert not read_html(answer.text).all(role="option")


async def test_who_may_not_begin_conversations_is_offered_nobody(cast, services, tell, with_widget):
    await tell("ada", name="Ada")
    body = {"resource": "ticket", "access_level": "viewer"}
    levels = f"/api/projects/{cast.project.id}/resource_access_controls/"
    assert (await cast.alice.client.put(levels, json=body)).status_code == 200
    await services.live.publish("accounts", "project.changed")
    window = await window_of(cast, cast.bob)
    assert (await window.client.get("/compose/recipients?recipient_email=Ada")).status_code == 403


async def test_a_quick_action_goes_behind_what_is_written(form, alice, cast, tell):
    await tell("ada", email="ada@x.test")
    made = await alice.client.post(
        f"/api/projects/{cast.project.id}/conversations/quick_actions/",
        json={"name": "Thanks", "content": "Thank you."},
    )
    assert made.status_code == 201, made.text
    await form.open("/compose")
    typed = {**IN_WIDGET, "recipient_email": "ada@x.test", "email_subject": "Fern"}
    await form.press("Insert", **typed)
    assert form.status == 200
    assert "".join(form.page.one("textarea", id="content").children) == "Your fern is here.\n\nThank you."
    assert form.page.one("input", id="email_subject")["value"] == "Fern"
    assert "selected" in form.page.one("option", value="widget").attributes
    await form.press("Insert", template="gone")
    assert form.status == 422 and "This quick action is gone" in form.page.one(role="alert").text
    await form.press("Send")
    assert form.path == "/inbox/1"


async def test_what_a_quick_action_leaves_open_is_filled_or_seen_before_it_is_sent(
    form, alice, cast, desk, tell
):
    await tell("ada", email="ada@x.test")
    content = "Hi {{person.first_name}} ({{ person.email }}), about {{ticket.subject}} #{{ticket.number}}: {{agent.name}}"
    made = await alice.client.post(
        f"/api/projects/{cast.project.id}/conversations/quick_actions/",
        json={"name": "Hello", "content": content},
    )
    assert made.status_code == 201, made.text
    await form.open("/compose")
    to = {"recipient_email": "ada@x.test", "recipient_name": "Ada {{agent.name}}", "email_subject": "Fern"}
    await form.press("Insert", **{**IN_WIDGET, **to, "recipient_distinct_id": "ada", "message": ""})
    text = "Hi Ada (ada@x.test), about Fern #{{ticket.number}}: Bob Example"
    assert form.page.one("textarea", id="content").text == text
    await form.press("Send")
    assert (
        form.status == 422 and "{{ticket.number}} is not filled in" in form.page.one(id="message-help").text
    )
    assert (await desk.listed())["results"] == []
    await form.press("Send", as_is="yes")
    assert form.path == "/inbox/1" and (await desk.ticket(1))["last_message_text"] == text


async def test_a_mail_has_an_assignee_too(cast, services, channel, post, desk):
    await services.live.publish("accounts", "project.changed")
    window = await (await window_of(cast, cast.bob)).open("/compose")
    await window.press("Send", recipient_email="ada@x.test", message="Hello", assignee="me")
    assert (await desk.ticket(1))["assignee"]["id"] == cast.bob.user_id


BOLD = (
    '{"type": "doc", "content": [{"type": "paragraph", "content": '
    '[{"type": "text", "text": "Your fern", "marks": [{"type": "bold"}]}]}]}'
)


async def test_what_the_editor_makes_arrives_with_its_formatting(form, tell):
    await tell("ada", name="Ada")
    to = {"recipient_email": "Ada", "recipient_distinct_id": "ada"}
    await form.press("Send", **{**IN_WIDGET, "message": "Your fern", "rich_content": BOLD, **to})
    assert form.page.one("ol", id="messages").one("strong").text == "Your fern"


async def test_formatting_that_no_editor_makes_is_refused_and_comes_back_as_words(form, tell):
    await tell("ada", name="Ada")
    to = {"recipient_email": "Ada", "recipient_distinct_id": "ada"}
    page = '{"type": "doc", "content": [{"type": "iframe"}]}'
    await form.press("Send", **{**IN_WIDGET, "message": "Your fern", "rich_content": page, **to})
    assert form.path == "/compose"
    field = form.page.one("textarea", id="content")
    assert field.text.strip() == "Your fern" and "can't hold" in form.page.one(id="message-help").text
    assert field.get("data-rich") == ""
