"""What stands beside the list and above it: sections with their counts, what narrows it down, its order, its rows."""

from datetime import timedelta

from parley.conversations.tickets.tests.factories import Desk
from parley.inbox.inbox_page.tests.test_pages import choice, rows_of
from parley.inbox.ticket_rows.address import ListAddress
from parley.inbox.ticket_rows.queries.counts import MOST_COUNTED, SectionCounts, _sections
from parley.inbox.ticket_rows.sections import rail_of
from parley.kernel.database.prepared import _Compiled
from tests.plain_browser import PlainBrowser, window_of


def sections_of(window: PlainBrowser) -> dict[str, str]:
    """Return what stands behind the name of each section."""
    links = window.page.one("ul", aria_label="Sections").all("a")
    return {link["title"]: link.text.removeprefix(link["title"]).strip() for link in links}


def chips_of(window: PlainBrowser) -> list[str]:
    lists = window.page.all("ul", aria_label="Filters that are on")
    return [item.one("bdi").text for found in lists for item in found.all("li")]


async def test_each_section_shows_its_tickets_and_says_how_many_are_unresolved(window, desk, cast, clock):
    mine = {"type": "user", "id": cast.alice.user_id}
    late = (clock.now() - timedelta(hours=1)).isoformat()
    await desk.open(assignee=mine)
    await desk.change((await desk.open(assignee=mine))["id"], sla_due_at=late)
    await desk.change((await desk.open())["id"], snoozed_until=(clock.now() + timedelta(days=1)).isoformat())
    await desk.open()
    await desk.open(status="resolved", assignee=mine)
    await window.open("/inbox")
    shown = {}
    for name in ("Mine", "Unassigned", "All", "Snoozed", "Overdue"):
        await window.follow(name)
        shown[name] = sorted(rows_of(window))
        assert window.page.one("nav", id="rail").one("a", aria_current="true")["title"] == name
        assert window.page.one("div", id="list").one("h2").text == name
    assert shown == {
        "Mine": ["1", "2"],
        "Unassigned": ["4"],
        "All": ["1", "2", "4"],
        "Snoozed": ["3"],
        "Overdue": ["2"],
    }
    assert sections_of(window) == {
        "Mine": "2 unresolved",
        "Unassigned": "1 unresolved",
        "All": "3 unresolved",
        "Mentioned": "",
        "Snoozed": "1 unresolved",
        "Overdue": "1 unresolved",
    }


async def test_what_waits_is_counted_from_indexes_that_hold_nothing_else(database, alice, clock):
    if database.dialect != "sqlite":
        return  # PostgreSQL chooses by how many rows there are; docs/performance.md has its times
    values = {"project_id": alice.project_id, "user_id": alice.user_id, "now": clock.now()}
    compiled = _Compiled(_sections("all").statement, database.engine.dialect)
    async with database.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        found = await driver.execute_fetchall(
            f"EXPLAIN QUERY PLAN {compiled.sql}", compiled.arguments(values)
        )
    steps = " ".join(row[3] for row in found)
    for index in ("facts", "assignee", "free", "snooze", "owed"):
        assert f"INDEX ix_ticket_{index} (" in steps, steps
    assert "SCAN ticket" not in steps and "ix_ticket_status" not in steps, steps


def test_many_are_not_counted_to_the_end():
    counts = SectionCounts(
        all=MOST_COUNTED, mine=MOST_COUNTED - 1, unassigned=0, mentioned=2, snoozed=1, overdue=0
    )
    sections = rail_of(ListAddress(), counts, [], {}).sections
    assert [one.count for one in sections] == ["99", "", "99+", "2", "1", ""]


async def test_sections_count_only_what_their_reader_sees(window, desk, cast):
    hidden = await desk.open()
    await desk.open()
    answer = await desk.client.put(
        f"{desk.tickets}{hidden['id']}/access_controls/", json={"access_level": "none"}
    )
    assert answer.status_code == 200, answer.text
    counts = {}
    for member in (cast.alice, cast.bob, cast.mallory):
        found = await window_of(cast, member)
        await found.open("/inbox")
        counts[member.email] = sections_of(found)["All"]
    assert list(counts.values()) == ["2 unresolved", "1 unresolved", ""]


async def test_every_filter_that_is_on_is_said_and_can_be_taken_off(window, desk, cast):
    query = (
        "status=new&status=open&priority=high,low&channel=widget&sla=on-track&snoozed=all&tag=a,b"
        f"&tags_all=c&tags_exclude=d,e&date_from=-7d&date_to=2030-01-31&search=fern&assignee=user:{cast.bob.user_id}"
    )
    await window.open(f"/inbox?{query}")
    assert chips_of(window) == [
        "“fern”",
        "New",
        "Open",
        "High",
        "Low",
        "Chat widget",
        "Bob Example",
        "Due later",
        "Tag: a or b",
        "With tag: c",
        "Without tag: d",
        "Without tag: e",
        "Changed in the last 7 days",
        "Changed until 2030-01-31",
    ]
    for name in ("Remove the filter Tag: a or b", "Remove the filter Low", "Remove the filter Bob Example"):
        await window.follow(name)
    assert "tag=" not in window.path and "priority=high&" in window.path and "assignee" not in window.path
    await window.follow("Clear the filters")
    assert window.path == "/inbox" and chips_of(window) == []


async def test_the_form_asks_for_every_filter(window, desk, cast):
    mine = {"type": "user", "id": cast.bob.user_id}
    await desk.open(priority="high", tags=["a", "b"], assignee=mine, status="open")
    await desk.open(priority="high", tags=["a", "b", "c"], assignee=mine, status="open")
    await desk.open(priority="low", tags=["a"], status="pending")
    await desk.open(priority="high", status="new")
    await window.open("/inbox")
    await window.press("Apply", status=["open", "new"], priority=["high"], tags_all="A, b", tags_exclude="c")
    assert rows_of(window) == ["1"]
    await window.press("Apply", assignee="unassigned", tags_all="", tags_exclude="")
    assert rows_of(window) == ["4"] and choice(window, "assignee-filter") == "Unassigned"
    await window.press("Apply", since="2001-01-01", date_to="2001-01-02")
    assert rows_of(window) == [] and window.page.one("input", id="since-filter")["value"] == "2001-01-01"


async def test_rows_say_the_time_that_the_list_is_sorted_by(window, desk, clock):
    clock.freeze()
    first = await desk.open()
    clock.advance(timedelta(hours=2))
    await desk.open()
    await desk.change(first["id"], priority="low")
    times = {}
    for order in ("-updated_at", "created_at", "sla_due_at"):
        await window.open(f"/inbox?order={order}")
        found = [(row["data-number"], row.all("time")[0]) for row in window.page.all("a", class_="row")]
        times[order] = [(number, time["title"].split(" ")[0], time.text) for number, time in found]
    assert times == {
        "-updated_at": [("2", "Changed", "now"), ("1", "Changed", "now")],
        "created_at": [("1", "Opened", "2 h"), ("2", "Opened", "now")],
        "sla_due_at": [("2", "Changed", "now"), ("1", "Changed", "now")],
    }
    await window.press("Show", order="-created_at")
    assert rows_of(window) == ["2", "1"] and "order=-created_at" in window.path


async def test_last_words_of_the_team_are_marked(window, desk, bob):
    mine, his = await desk.open(message="Hello?"), await desk.open(message="Hello?")
    await desk.say(mine, "We look into it.")
    await Desk(bob, desk.project).say(his, "So do we.")
    third = await desk.open(message="Only a question")
    await desk.say(third, "A note of mine", is_private=True)
    await window.open("/inbox")
    texts = {
        row["data-number"]: row.one("span", class_="row-text").text
        for row in window.page.all("a", class_="row")
    }
    assert texts == {"1": "You: We look into it.", "2": "Bob Example: So do we.", "3": "Only a question"}


async def test_a_long_list_grows_without_losing_its_place(window, desk):
    for _ in range(53):
        await desk.open(tags=["many"])
    await window.open("/inbox?tag=many")
    more = next(item["hx-get"] for item in window.page.all("li") if item.get("hx-get"))
    await window.open(more)
    assert rows_of(window) == ["3", "2", "1"]
    assert [row["href"] for row in window.page.all("a", class_="row")][-1] == "/inbox/1?tag=many"
    assert not [item for item in window.page.all("li") if item.get("hx-get")]
    sizes = {}
    for shown in ("", "&rows=50", "&rows=53", "&rows=x"):
        await window.open(f"/inbox/rows?tag=many{shown}")
        sizes[shown] = len(rows_of(window))
    assert sizes == {"": 50, "&rows=50": 50, "&rows=53": 53, "&rows=x": 50}


async def test_notes_that_mention_their_reader_have_a_section(window, desk, cast, bob, queue):
    ours, theirs = await desk.open(), await desk.open()
    colleague = Desk(bob, desk.project)
    note = await colleague.say(ours, f"@{cast.alice.email} please look", is_private=True)
    await colleague.say(theirs, f"@{cast.bob.email} is me, and @nobody", is_private=True)
    await queue.drain()
    await window.open("/inbox")
    assert sections_of(window)["Mentioned"] == "1 unresolved"
    await window.follow("Mentioned")
    assert rows_of(window) == ["1"] and await desk.numbers(mentioned="me") == [1]
    assert await colleague.numbers(mentioned="me") == [2] and len(await desk.numbers(mentioned="you")) == 2
    await desk.change(theirs["id"], status="resolved")
    await colleague.edit(note, deleted=True)
    assert await desk.numbers(mentioned="me") == []
