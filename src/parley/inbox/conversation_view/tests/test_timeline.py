"""The thread: days, messages of one author together, and what happened between messages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parley.conversations.widget.tests.visitor import Browser
from parley.inbox.conversation_view.history import HistoryEvent
from parley.inbox.conversation_view.timeline import timeline_of
from tests.plain_browser import Element, PlainBrowser, read_html, window_of

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def lines_of(page: Element) -> list[str]:
    """Return the lines of a thread: days, changes in parentheses, and messages; a + is before one without its author."""
    said = []
    for item in page.all("li"):
        if item.get("data-kind"):
            mark = "+" if "message-continued" in item["class"].split() else ""
            said.append(mark + item.one("div", class_="message-text").text)
        elif item.get("class") == "thread-day":
            said.append(item.text)
        for change in item.all("p", class_="change"):
            said.append(f"({change.text.removesuffix(change.one('time').text).strip()})")
    return said


async def thread_of(window: PlainBrowser, path: str = "/inbox/1") -> list[str]:
    await window.open(path)
    return lines_of(window.page.one("ol", id="messages"))


async def test_days_are_those_of_the_project_and_an_author_is_named_once(window, customer, desk, clock):
    """It is the eleventh already in Tokyo."""
    url = f"/api/projects/{desk.project.id}/"
    assert (await desk.client.patch(url, json={"timezone": "Asia/Tokyo"})).status_code == 200
    clock.freeze(NOON)
    received = await customer.write("Hello?")
    for minutes, text in ((1, "Anybody?"), (5, "It is me again"), (11, "Still here")):
        clock.freeze(NOON + timedelta(minutes=minutes))
        await customer.write(text, received.ticket_id)
    ticket = {"id": str(received.ticket_id)}
    clock.freeze(NOON + timedelta(hours=3))
    await desk.say(ticket, "Good morning")
    await desk.say(ticket, "A note", is_private=True)
    found = [line for line in await thread_of(window) if not line.startswith("(")]
    day, next_day = "Tuesday, 10 March 2026", "Wednesday, 11 March 2026"
    expected = [
        day,
        "Hello?",
        "+Anybody?",
        "+It is me again",
        "Still here",
        next_day,
        "Good morning",
        "A note",
    ]
    assert found == expected
    bubble = window.page.all("div", class_="bubble")[0]
    assert bubble["title"] == "Tue 10 Mar 2026, 21:00"


async def test_whoever_calls_themselves_customer_is_not_the_customer(window, desk, anonymous, project):
    ticket = await desk.open(distinct_id="ada-lovelace", message="Hello?")
    url = f"{desk.tickets}{ticket['id']}/participants/"
    assert (await desk.client.post(url, json={"distinct_id": "guest"})).status_code == 201
    guest = Browser(anonymous, project, identity="guest")
    sent = await guest.send("Pay it to me", ticket_id=ticket["id"], traits={"name": "Customer"})
    assert sent.status_code == 200, sent.text
    await window.open("/inbox/1")
    messages = window.page.one("ol", id="messages").all("li", class_="message")
    assert [one["data-author"] for one in messages] == ["Visitor velace", "Customer"]


async def test_a_merged_message_carries_the_name_of_its_own_customer(window, desk):
    target = await desk.open(distinct_id="ada-lovelace", message="Hello?", name="Ada")
    other = await desk.open(distinct_id="somebody-else", message="Me, too")
    url = f"{desk.tickets}{other['id']}/merge/"
    answer = await desk.client.post(url, json={"into": target["id"]})
    assert answer.status_code == 200, answer.text
    await window.open("/inbox/1")
    messages = window.page.one("ol", id="messages").all("li", class_="message")
    assert [one["data-author"] for one in messages] == ["Ada", "Visitor y-else"]


async def test_what_happened_stands_between_the_messages(window, desk, cast, clock):
    clock.freeze(NOON)
    ticket = await desk.open(message="Where is my fern?")
    clock.freeze(NOON + timedelta(minutes=10))
    await desk.change(1, priority="critical")
    clock.freeze(NOON + timedelta(minutes=20))
    await desk.say(ticket, "On its way")
    clock.freeze(NOON + timedelta(minutes=30))
    await desk.change(1, assignee={"type": "user", "id": cast.bob.user_id})
    await desk.change(1, tags=["fern"])
    await desk.change(1, priority=None)
    assert await thread_of(window) == [
        "Tuesday, 10 March 2026",
        "(Alice Example opened this conversation)",
        "Where is my fern?",
        "(Alice Example set the priority to Critical)",
        "On its way",
        "(Alice Example assigned it to Bob Example)",
        "(Alice Example added the tag fern)",
        "(Alice Example took off the priority)",
    ]
    fold = window.page.one("details", class_="change-fold")
    assert fold.one("summary").text.startswith("3 changes by Alice Example")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"priority": "low"}, "set the priority to Low"),
        ({"status": "resolved"}, "resolved this conversation"),
        ({"status": "on_hold"}, "set the status to On hold"),
        ({"sla_due_at": "2030-01-31T09:00:00Z"}, "set the due time to Thu 31 Jan 2030, 09:00"),
        ({"tags": ["<b>vip</b>"]}, "added the tag <b>vip</b>"),
    ],
)
async def test_a_change_is_a_sentence(window, desk, changes, said):
    await desk.open(message="Hello?")
    await desk.change(1, **changes)
    assert f"(Alice Example {said})" in await thread_of(window)


async def test_what_is_taken_back_is_said_too(window, desk, cast):
    await desk.open(message="Hello?", distinct_id="ada")
    me = {"type": "user", "id": cast.alice.user_id}
    until = "2030-01-31T09:00:00Z"
    steps: list[dict[str, Any]] = [
        {"priority": "low", "sla_due_at": until}, {"priority": None, "sla_due_at": None}, {"assignee": me},
        {"assignee": None}, {"tags": ["x"]}, {"tags": []}, {"snoozed_until": until}, {"snoozed_until": None},
        {"status": "resolved"}, {"status": "open"},
    ]  # fmt: skip
    for one in steps:
        await desk.change(1, **one)
    said = " ".join(await thread_of(window))
    for words in (
        "took off the priority", "took off the due time", "took this conversation", "unassigned it", "took off the tag x",
        "snoozed it until Thu 31 Jan 2030, 09:00", "ended the snooze", "reopened this conversation",
    ):  # fmt: skip
        assert f"(Alice Example {words})" in said, said


async def test_merged_and_split_conversations_are_named(window, desk):
    first = await desk.open(message="one")
    await desk.say(first, "two", author_type="customer")
    other = await desk.open(message="three")
    await desk.client.post(f"{desk.tickets}{other['id']}/merge/", json={"into": 1})
    await desk.client.post(f"{desk.tickets}{other['id']}/unmerge/")
    moved = (await desk.client.get(f"{desk.tickets}1/messages/")).json()["results"][-1]["id"]
    split = await desk.client.post(f"{desk.tickets}1/split/", json={"message_ids": [moved]})
    assert split.status_code == 201, split.text
    said = await thread_of(window)
    for words in ("merged #2 into this one", "un-merged #2", "split messages off into #3"):
        assert f"(Alice Example {words})" in said
    assert "/inbox/3" in [link["href"] for link in window.page.all("a", class_="text-link")]
    assert "(Alice Example split this off from #1)" in await thread_of(window, "/inbox/3")
    assert "(Alice Example un-merged this from #1)" in await thread_of(window, "/inbox/2")


async def test_what_is_added_joins_what_stands_there(window, customer, desk, clock):
    clock.freeze(NOON)
    received = await customer.write("first")
    clock.freeze(NOON + timedelta(minutes=1))
    await customer.write("second", received.ticket_id)
    clock.freeze(NOON + timedelta(minutes=2))
    await desk.change(1, priority="high")

    async def part(query: str) -> list[str]:
        return lines_of(read_html((await window.client.get(f"/inbox/1/messages?{query}")).text))

    change = "(Alice Example set the priority to High)"
    assert await part("after=1") == ["+second", change]
    assert await part("after=2") == [change]
    assert await part("from=1") == ["Tuesday, 10 March 2026", "second", change]
    # A page that shows more than there is, since a message was deleted, is drawn anew by another notice.
    assert await part("after=9") == []
    clock.freeze(NOON + timedelta(days=1))
    await customer.write("third", received.ticket_id)
    assert await part("after=2") == [change, "Wednesday, 11 March 2026", "third"]


async def test_nobody_is_told_of_conversations_that_are_closed_to_them(cast, desk):
    first = await desk.open(message="one")
    await desk.say(first, "two", author_type="customer")
    moved = (await desk.client.get(f"{desk.tickets}1/messages/")).json()["results"][-1]["id"]
    await desk.client.post(f"{desk.tickets}1/split/", json={"message_ids": [moved]})
    await desk.client.put(f"{desk.tickets}2/access_controls/", json={"access_level": "none"})
    bob = await window_of(cast, cast.bob)
    assert "(Alice Example split messages off into another conversation)" in await thread_of(bob)
    assert (await (await window_of(cast, cast.mallory)).open("/inbox/1")).status == 404


async def test_only_the_latest_of_very_many_changes_are_read(window, desk, monkeypatch):
    monkeypatch.setattr("parley.inbox.conversation_view.history.MOST_ENTRIES", 1)
    await desk.open(message="Hello?")
    for priority in ("low", "high"):
        await desk.change(1, priority=priority)
    said = [line for line in await thread_of(window) if line.startswith("(")]
    assert said == ["(Alice Example set the priority to High)"]


def event(minutes: int, who: str = "Ada") -> HistoryEvent:
    return HistoryEvent(id=str(minutes), at=NOON + timedelta(minutes=minutes), who=who, said=())


@pytest.mark.parametrize(
    ("who", "summary"),
    [
        (["Ada", "Ada", "Ada"], "3 changes by Ada"),
        (["Ada", "Bob", "Ada"], "3 changes by Ada and Bob"),
        (["Ada", "Bob", "Cy", "Di"], "4 changes by Ada, Bob and others"),
        (["", "", "Ada"], "3 changes by Ada"),
        (["", "", ""], "3 changes"),
        (["Ada", "Bob"], ""),
    ],
)
def test_changes_in_a_row_are_one_line(who, summary):
    [_, line] = timeline_of([], [event(at, one) for at, one in enumerate(who)], "UTC")
    assert (line.summary, len(line.events)) == (summary, len(who))


def test_changes_of_two_days_are_two_lines():
    lines = timeline_of([], [event(0), event(60 * 24)], "UTC")
    assert [line.kind for line in lines] == ["day", "changes", "day", "changes"]
