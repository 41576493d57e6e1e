"""The inbox without script, on both databases: everything by plain links and forms."""

import pytest

from parley.inbox.inbox_page.pages.stream import events_of
from parley.kernel.redis.live import Notice
from parley.web.guards import CSRF_FIELD
from tests.cast import Cast
from tests.plain_browser import PlainBrowser, read_html, window_of

MOST_IN_SELECT = 17
"""Letters that the field of the snooze shows on a desk of 1280 pixels."""


def rows_of(window: PlainBrowser) -> list[str]:
    """Return the numbers of the conversations in the list, in its order."""
    return [row["data-number"] for row in window.page.all("a", class_="row")]


def messages_of(window: PlainBrowser) -> list[tuple[str, str, str]]:
    """Return kind, author and text of each message of the thread."""
    return [
        (item["data-kind"], item["data-author"], item.one("div", class_="message-text").text)
        for item in window.page.one("ol", id="messages").all("li", class_="message")
    ]


def choice(window: PlainBrowser, id: str) -> str:
    """Return what a select has chosen."""
    options = window.page.one("select", id=id).all("option")
    return next(option.text for option in options if "selected" in option.attributes)


async def test_a_conversation_is_found_opened_answered_and_resolved(window, customer, cast):
    await customer.write("Where is my fern?", traits={"name": "Ada Lovelace", "email": "ada@x.test"})
    await window.open("/inbox")
    row = window.page.one("a", class_="row")
    assert "Ada Lovelace" in row.text and "1 unread" in row.text
    await window.follow("Ada Lovelace")
    assert messages_of(window) == [("customer", "Ada Lovelace", "Where is my fern?")]
    await window.press("Send reply", content="On its way!", kind="reply")
    assert messages_of(window)[-1] == ("team", "Alice Example", "On its way!")
    await window.press("Send reply", content="Gets the green one.", kind="note")
    assert messages_of(window)[-1] == ("note", "Alice Example", "Gets the green one.")
    await window.press("Set status", status="pending")
    assert choice(window, "status") == "Pending"
    await window.press("Resolve")
    assert choice(window, "status") == "Resolved"
    await window.open("/inbox")
    assert rows_of(window) == []
    await window.open("/inbox?status=resolved")
    assert rows_of(window) == ["1"]


async def test_opening_a_conversation_marks_it_as_read(window, customer, desk):
    await customer.write("Hello?")
    await window.open("/inbox")
    assert window.page.one("title").text == "(1) Inbox · Parley"
    await window.open("/inbox/1")
    assert await desk.unread() == 0
    await window.open("/inbox")
    assert window.page.one("title").text == "Inbox · Parley"


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {}),
        ("GET", {"Sec-Purpose": "prefetch;prerender"}),
        ("GET", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}),
    ],
)
async def test_a_page_that_nobody_looks_at_marks_nothing_as_read(window, customer, desk, method, headers):
    await customer.write("Hello?")
    await window.open("/inbox")
    for path in ("/inbox/1", "/inbox/1/messages?seen=1"):
        answer = await window.client.request(method, path, headers=headers)
        assert answer.status_code == 200
    assert await desk.unread() == 1


async def test_an_answer_can_resolve_in_one_go(window, customer):
    await customer.write("Thanks!")
    await window.open("/inbox/1")
    await window.press("Send and resolve", content="You are welcome.", kind="reply")
    assert choice(window, "status") == "Resolved"
    assert len(messages_of(window)) == 2


@pytest.mark.parametrize("content", ["", "   ", "x" * 5001])
async def test_an_answer_that_cannot_be_sent_comes_back(window, customer, content):
    await customer.write("Hello?")
    await window.open("/inbox/1")
    await window.press("Send reply", content=content, kind="note")
    assert window.status == 422
    assert window.page.one(role="alert", id="content-problem").text
    assert window.page.one("input", type="radio", value="note").get("checked", "no") == ""
    assert "".join(window.page.one("textarea").children) == content
    assert len(messages_of(window)) == 1


async def test_the_small_forms_change_a_conversation(window, customer, desk, cast):
    await customer.write("Hello?")
    await window.open("/inbox/1")
    await window.press("Set priority", priority="critical")
    await window.press("Set assignee", assignee=f"user:{cast.bob.user_id}")
    await window.press("Add this tag", add_tag=" VIP ")
    await window.press("Add this tag", add_tag="fern")
    await window.press("Take off the tag fern")
    ticket = await desk.ticket(1)
    assert (ticket["priority"], ticket["assignee"]["id"], ticket["tags"]) == (
        "critical",
        cast.bob.user_id,
        ["vip"],
    )
    assert choice(window, "assignee") == "Bob Example"
    await window.press("Set snooze", snooze="tomorrow")
    assert choice(window, "status") == "On hold" and choice(window, "snooze").endswith(", 09:00")
    assert len(choice(window, "snooze")) <= MOST_IN_SELECT
    asleep = await desk.ticket(1)
    await window.press("Set snooze")
    assert await desk.ticket(1) == asleep
    await window.press("Set snooze", snooze="")
    assert choice(window, "snooze") == "Not snoozed"
    await window.press("Set priority", priority="")
    await window.press("Set assignee", assignee="")
    ticket = await desk.ticket(1)
    assert (ticket["priority"], ticket["assignee"], ticket["snoozed_until"]) == (None, None, None)


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "gone"},
        {"priority": "none"},
        {"assignee": "user:x"},
        {"assignee": "role:1"},
        {"assignee": "user:999999"},
        {"add_tag": "x" * 256},
    ],
)
async def test_a_form_that_was_tampered_with_changes_nothing(window, customer, desk, fields):
    await customer.write("Hello?")
    before = await desk.ticket(1)
    await window.open("/inbox/1")
    token = window.page.all("input", name="csrf_token")[0]["value"]
    answer = await window.client.post("/inbox/1", data={"csrf_token": token, **fields})
    assert answer.status_code == 400
    assert await desk.ticket(1) == before


async def test_the_list_shows_mine_unassigned_and_one_status(window, desk, cast):
    await desk.open()
    await desk.open(assignee={"type": "user", "id": cast.alice.user_id})
    await desk.open(assignee={"type": "user", "id": cast.bob.user_id}, status="open")
    await desk.open(status="resolved")
    shown = {}
    for query in (
        "",
        "?who=mine",
        "?who=unassigned",
        "?status=open",
        "?status=all",
        "?status=nonsense&who=x",
    ):
        await window.open(f"/inbox{query}")
        shown[query] = rows_of(window)
    assert shown == {
        "": ["3", "2", "1"],
        "?who=mine": ["2"],
        "?who=unassigned": ["1"],
        "?status=open": ["3"],
        "?status=all": ["4", "3", "2", "1"],
        "?status=nonsense&who=x": ["3", "2", "1"],
    }


async def test_filters_stay_when_a_conversation_is_open(window, desk):
    await desk.open(status="pending")
    await window.open("/inbox?status=pending&who=unassigned")
    await window.follow("#1")
    assert window.path == "/inbox/1?status=pending&who=unassigned"
    await window.press("Set status", status="open")
    assert window.path == "/inbox/1?status=pending&who=unassigned"
    await window.follow("Back to the list")
    assert window.path == "/inbox?status=pending&who=unassigned"


async def test_a_long_list_goes_on_behind_a_link(window, desk):
    for _ in range(53):
        await desk.open()
    await window.open("/inbox")
    first = rows_of(window)
    await window.follow("Older conversations")
    assert len(first) == 50 and rows_of(window) == ["3", "2", "1"]
    await window.open("/inbox?after=nonsense")
    assert rows_of(window) == first


async def test_a_long_thread_shows_its_end_first(window, desk, customer):
    received = await customer.write("message 1")
    for number in range(2, 104):
        await customer.write(f"message {number}", received.ticket_id)
    await window.open("/inbox/1")
    assert messages_of(window)[0][2] == "message 4" and len(messages_of(window)) == 100
    await window.follow("Show 3 older messages")
    assert messages_of(window)[0][2] == "message 1" and len(messages_of(window)) == 103


async def test_an_empty_inbox_tells_how_to_begin(window):
    await window.open("/inbox")
    assert "/demo" in [link["href"] for link in window.page.one("section", class_="inbox-list").all("a")]


async def test_a_conversation_of_another_organization_is_a_missing_one(window, cast: Cast, desk):
    await desk.open()
    stranger = await window_of(cast, cast.mallory)
    await stranger.open("/inbox")
    token = stranger.page.all("input", name="csrf_token")[0]["value"]
    for path in ("/inbox/1", "/inbox/1/messages", "/inbox/1/details", "/inbox/999999999999", "/inbox/0"):
        assert (await stranger.client.get(path)).status_code == 404
    for path, fields in (
        ("/inbox/1", {"status": "resolved"}),
        ("/inbox/1/messages", {"content": "hi"}),
        ("/inbox/1/participants", {"who": "eve@x.test"}),
    ):
        answer = await stranger.client.post(path, data={"csrf_token": token, **fields})
        assert answer.status_code == 404
    assert (await desk.ticket(1))["status"] == "new"


@pytest.mark.parametrize("path", ["/inbox/1", "/inbox/1/messages"])
async def test_a_form_without_its_token_is_refused(window, customer, desk, path):
    await customer.write("Hello?")
    await window.open("/inbox/1")
    answer = await window.client.post(path, data={"status": "resolved", "content": "hi"})
    assert answer.status_code == 403
    assert (await desk.ticket(1))["message_count"] == 1


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}",
    "javascript:alert(1)",
    "' onclick='alert(1)",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_words_stay_words_everywhere(window, customer, desk, text):
    received = await customer.write(
        text,
        distinct_id=text,
        traits={"name": text, "email": text, text: text},
        session_context={"url": text, text: text},
    )
    ticket = await desk.change(str(received.ticket_id), tags=[text])
    await desk.say(ticket, f"note {text}", is_private=True)
    for path in ("/inbox", "/inbox/1", "/inbox/rows", "/inbox/1/messages", "/inbox/1/details"):
        page = read_html((await window.client.get(path)).text)
        scripts = [script["src"] for script in page.all("script")]
        assert all(source.startswith("/assets/") for source in scripts)
        assert not page.all("img", src="x")
        for found in page.walk():
            assert not any(name.startswith("on") for name in found.attributes)
            assert not found.get("href").lower().startswith("javascript:")
    assert messages_of(await window.open("/inbox/1"))[0] == ("customer", text, text)


async def test_parts_for_the_script_hold_only_what_is_new(window, customer):
    received = await customer.write("first")
    await customer.write("second", received.ticket_id)
    part = read_html((await window.client.get("/inbox/1/messages?after=1")).text)
    assert [item.one("div", class_="message-text").text for item in part.all("li")] == ["second"]
    whole = (await window.client.get("/inbox/1", headers={"HX-Request": "true"})).text
    assert "<html" not in whole and read_html(whole).one(id="opened")["data-number"] == "1"


async def test_messages_are_read_only_when_somebody_looks(window, customer, desk):
    await customer.write("first")
    await window.client.get("/inbox/1/messages")
    assert await desk.unread() == 1
    await window.client.get("/inbox/1/messages?seen=1")
    assert await desk.unread() == 0


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("ticket.opened", ["inbox"]),
        ("ticket.changed", ["ticket-7", "inbox"]),
        ("message.added", ["added-7", "inbox"]),
        ("message.changed", ["thread-7", "ticket-7", "inbox"]),
        ("presence", ["presence-7"]),
        ("something.new", ["inbox"]),
        ("resync", ["resync"]),
    ],
)
def test_a_notice_names_the_parts_that_are_out_of_date(name, events):
    assert events_of(Notice("project:1", name, {"number": 7})) == events


async def test_the_same_words_are_sent_as_often_as_they_are_written(window, desk):
    await desk.open(message="Green?")
    await window.open("/inbox/1")
    for _ in range(2):
        await window.press("Send reply", content="Yes.", kind="reply")
    assert [text for _, _, text in messages_of(window)] == ["Green?", "Yes.", "Yes."]


async def test_a_form_that_is_sent_twice_sends_once_and_says_so(window, desk):
    await desk.open(message="Green?")
    await window.open("/inbox/1")
    fields = {
        name: field["value"] for name in (CSRF_FIELD, "key") for field in window.page.all("input", name=name)
    }
    form = {**fields, "kind": "reply"}
    path, part = "/inbox/1/messages", {"HX-Request": "true"}
    first = await window.client.post(path, data={**form, "content": "Yes."}, headers=part)
    again = await window.client.post(path, data={**form, "content": "Yes."}, headers=part)
    assert (first.status_code, again.status_code) == (200, 200)
    assert ("sent already" in first.text, "sent already" in again.text) == (False, True)
    # Who goes back to the form and writes something else means something else.
    assert (await window.client.post(path, data={**form, "content": "And big."})).status_code in (302, 303)
    await window.open("/inbox/1")
    assert [text for _, _, text in messages_of(window)] == ["Green?", "Yes.", "And big."]
