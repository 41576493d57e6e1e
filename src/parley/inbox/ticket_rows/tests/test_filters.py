"""Narrowing the list of the inbox down: saved views, priority, due time, tag."""

from datetime import timedelta

import pytest

from parley.conversations.tickets.tests.factories import Desk
from parley.inbox.inbox_page.tests.test_pages import choice, rows_of
from parley.inbox.ticket_rows.address import ListAddress
from parley.inbox.ticket_rows.tests.test_sections import chips_of
from tests.plain_browser import PlainBrowser


async def save_view(desk: Desk, name: str, **filters) -> str:
    url = f"/api/projects/{desk.project.id}/conversations/views/"
    answer = await desk.client.post(url, json={"name": name, "filters": filters})
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["short_id"]
    return found


def chosen(window: PlainBrowser) -> str:
    """Return the section or the view that is open."""
    return window.page.one("nav", id="rail").one("a", aria_current="true").text


async def test_a_saved_view_shows_what_it_filters_in_its_order(window, desk):
    sorting = {"columnKey": "ticket_number", "order": 1}
    short_id = await save_view(desk, "High ones", priority=["high"], sorting=sorting)
    for priority, status in (("high", "new"), ("low", "new"), ("high", "resolved"), ("high", "open")):
        await desk.open(priority=priority, status=status)
    await window.open("/inbox")
    assert rows_of(window) == ["4", "2", "1"]
    await window.press("Search", view=short_id)
    assert rows_of(window) == ["1", "3", "4"]
    assert chosen(window) == "High ones 3 conversations"
    assert choice(window, "status-filter") == "Every status"
    assert choice(window, "order") == "Lowest number"
    assert chips_of(window) == ["Every status", "High", "Sorted by: Lowest number"]
    await window.press("Show", order="-ticket_number")
    assert rows_of(window) == ["4", "3", "1"] and choice(window, "order") == "Highest number"
    await window.press("Show", order="")
    assert rows_of(window) == ["1", "3", "4"], "in its own order"
    await window.follow("Remove the filter Sorted by: Lowest number")
    assert rows_of(window) == ["4", "3", "1"] and chips_of(window) == ["Every status", "High"]
    await window.open(f"/inbox?view={short_id}")
    await window.follow("#3")
    assert window.path == f"/inbox/3?view={short_id}"
    await window.open(f"/inbox?view={short_id}&status=active")
    assert rows_of(window) == ["1", "4"]
    await window.follow("Clear the filters")
    assert rows_of(window) == ["4", "2", "1"]


async def test_unread_counts_what_the_list_shows(window, desk, customer):
    await customer.write("Hello?")
    await customer.write("Is anybody there?")
    await desk.open(status="open", priority="high")
    for query, said in (("", "2 unread"), ("?priority=high", "0 unread")):
        await window.open(f"/inbox{query}")
        assert said in window.page.one(id="list").text
        assert window.page.one(data_unread="2")


async def test_a_view_that_is_gone_narrows_nothing(window, desk):
    await desk.open()
    await save_view(desk, "Nothing", priority=["critical"])
    await window.open("/inbox?view=nosuchview")
    assert rows_of(window) == ["1"] and chosen(window).startswith("All")


async def test_without_saved_views_there_is_nothing_to_choose(window, desk):
    await window.open("/inbox")
    assert "Saved views" not in window.page.one("nav", id="rail").text


async def test_private_views_of_others_are_not_offered(window, desk, bob):
    await save_view(desk, "For all")
    url = f"/api/projects/{desk.project.id}/conversations/views/"
    private = {"name": "Only Bob's", "visibility": "private", "filters": {"priority": ["low"]}}
    short_id = (await bob.client.post(url, json=private)).json()["short_id"]
    await desk.open()
    await window.open(f"/inbox?view={short_id}")
    links = window.page.one("ul", aria_labelledby="views-title").texts("a")
    assert links == ["For all 1 conversation"] and rows_of(window) == ["1"]


async def test_filters_narrow_each_other(window, desk, cast, clock):
    now = clock.now()
    due = {
        "late": (now - timedelta(hours=1)).isoformat(),
        "soon": (now + timedelta(minutes=30)).isoformat(),
        "later": (now + timedelta(days=1)).isoformat(),
    }
    mine = {"type": "user", "id": cast.alice.user_id}
    for name in ("late", "soon", "later"):
        ticket = await desk.open(priority="high", tags=[name, "all"], assignee=mine)
        await desk.change(ticket["id"], sla_due_at=due[name])
    await desk.open(priority="high")
    shown = {}
    for query in (
        "priority=high",
        "priority=high&tag=ALL",
        "sla=breached",
        "sla=at-risk&tag=all",
        "sla=on-track&who=mine",
        "sla=on-track&who=unassigned",
        "tag=late&status=resolved",
        "priority=none&sla=x&tag=",
    ):
        await window.open(f"/inbox?{query}")
        shown[query] = sorted(rows_of(window))
    assert shown == {
        "priority=high": ["1", "2", "3", "4"],
        "priority=high&tag=ALL": ["1", "2", "3"],
        "sla=breached": ["1"],
        "sla=at-risk&tag=all": ["2"],
        "sla=on-track&who=mine": ["3"],
        "sla=on-track&who=unassigned": [],
        "tag=late&status=resolved": [],
        "priority=none&sla=x&tag=": ["1", "2", "3", "4"],
    }


async def test_each_form_keeps_what_the_other_one_says(window, desk):
    await desk.open(priority="high", status="pending")
    await window.open("/inbox?who=unassigned")
    await window.press("Search", priority="high")
    assert window.path.startswith("/inbox?") and "who=unassigned" in window.path
    status_form = window.page.one("select", id="status-filter").parent
    carried = {field["name"]: field["value"] for field in status_form.all("input")}
    assert carried == {"who": "unassigned", "priority": "high"}
    assert "1 conversation found" in window.page.one("div", id="list").text


async def test_a_long_narrowed_list_goes_on_behind_a_link(window, desk):
    for _ in range(52):
        await desk.open(tags=["many"])
    await window.open("/inbox?tag=many")
    assert len(rows_of(window)) == 50 and "52 conversations found" in window.page.text
    await window.follow("Older conversations")
    assert rows_of(window) == ["2", "1"] and not [
        link for link in window.page.all("a") if "Older" in link.name
    ]


async def test_rows_and_tickets_say_when_an_answer_is_due(window, desk, clock):
    clock.freeze()
    for gap in (timedelta(hours=-3), timedelta(minutes=40), timedelta(days=2)):
        ticket = await desk.open(status="open")
        await desk.change(ticket["id"], sla_due_at=(clock.now() + gap).isoformat())
    await desk.open()
    await window.open("/inbox")
    due = {
        row["data-number"]: [
            (time.text, time["class"]) for time in row.all("time") if "data-due" in time.attributes
        ]
        for row in window.page.all("a", class_="row")
    }
    assert due == {
        "1": [("Overdue 3 h", "due due-breached")],
        "2": [("Due in 40 min", "due due-at-risk")],
        "3": [("Due in 2 d", "due due-on-track")],
        "4": [],
    }
    await window.open("/inbox/1")
    assert "Overdue 3 h" in window.page.one(id="thread-head").text
    await window.press("Resolve")
    assert "Overdue" not in window.page.one("section", id="details").text
    assert "Due" in window.page.one("section", id="details").text


AWAKE = {"status": "new,open,pending,on_hold", "snoozed": "false"}


@pytest.mark.parametrize(
    ("address", "query", "asked"),
    [
        ({}, "", AWAKE),
        ({"status": "active"}, "", AWAKE),
        ({"status": "open,new, pending ,on_hold", "order": "-updated_at"}, "", AWAKE),
        ({"snoozed": "false", "who": "nobody", "channel": "fax", "date_from": "soon"}, "", AWAKE),
        ({"status": "all"}, "?status=all", {"status": "new,open,pending,on_hold,resolved"}),
        ({"status": "pending,open,closed"}, "?status=open%2Cpending", {"status": "open,pending"}),
        ({"view": "abc"}, "?view=abc", {"view": "abc"}),
        (
            {"view": "abc", "status": "active"},
            "?status=active&view=abc",
            {"view": "abc", "status": "new,open,pending,on_hold"},
        ),
        ({"tag": ' "x" '}, "?tag=%22x%22", {**AWAKE, "tags": r'["\"x\""]'}),
        (
            {"tags_all": "A, b,a", "tags_exclude": "c"},
            "?tags_all=a%2Cb&tags_exclude=c",
            {**AWAKE, "tags_all": '["a","b"]', "tags_exclude": '["c"]'},
        ),
        (
            {"snoozed": "true"},
            "?snoozed=true",
            {"status": AWAKE["status"], "snoozed": "true", "order_by": "snoozed_until"},
        ),
        (
            {"sla": "breached", "order": "sla_due_at"},
            "?sla=breached",
            {"status": AWAKE["status"], "sla": "breached", "order_by": "sla_due_at"},
        ),
        (
            {"priority": "low,critical", "channel": "email", "assignee": "user:7,nobody,unassigned"},
            "?priority=critical%2Clow&channel=email&assignee=user%3A7%2Cunassigned",
            {
                **AWAKE,
                "priority": "critical,low",
                "channel_source": "email",
                "assignee": "user:7,unassigned",
            },
        ),
        (
            {"date_from": "-7d", "since": "", "date_to": "2030-01-31", "order": "created_at"},
            "?date_from=-7d&date_to=2030-01-31&order=created_at",
            {**AWAKE, "date_from": "-7d", "date_to": "2030-01-31", "order_by": "created_at"},
        ),
    ],
)
def test_an_address_says_only_what_does_not_go_without_saying(address, query, asked):
    view = ListAddress.of(address)
    assert (view.query, view.asked) == (query, asked)
    assert ListAddress.of(view.parameters) == view


async def test_a_search_finds_words_and_numbers_whatever_the_status(window, desk):
    first = await desk.open(message="Where is my fern?", status="resolved")
    await desk.open(message="An invoice, please", name="Fern Gully")
    await desk.say(first, "It stands in the greenhouse.", is_private=True)
    shown = {}
    await window.open("/inbox")
    for text in ("FERN", "greenhouse", "#2", "nothing like it"):
        await window.press("Search", search=text)
        shown[text] = sorted(rows_of(window))
        assert window.page.one("input", id="search")["value"] == text
        assert "Your inbox is ready" not in window.page.text
    assert shown == {"FERN": ["1", "2"], "greenhouse": ["1"], "#2": ["2"], "nothing like it": []}
    await window.press("Search", search="fern")
    await window.follow("#1")
    assert window.path == "/inbox/1?search=fern"
    await window.press("Set priority", priority="low")
    assert window.path == "/inbox/1?search=fern" and sorted(rows_of(window)) == ["1", "2"]
