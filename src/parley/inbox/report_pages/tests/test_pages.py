"""The page "Reports", as somebody without scripts uses it."""

from datetime import UTC, datetime, timedelta

import pytest

from parley.conversations.support_reports.tests.report_model import History
from parley.inbox.inbox_page.tests.test_pages import rows_of
from tests.plain_browser import window_of

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


@pytest.fixture
async def busy(desk, customer, clock):
    """A ticket that came in by the widget, was answered too late and resolved, and one that is still open."""
    clock.freeze(NOW - timedelta(hours=5))
    received = await customer.write("Help")
    await desk.change(1, sla_due_at=(clock.now() + timedelta(hours=1)).isoformat(), tags=["vip"])
    await desk.open(tags=["<b>bold"])
    clock.advance(timedelta(hours=2))
    await desk.say({"id": str(received.ticket_id)}, "Here we are")
    await desk.change(1, status="resolved")
    return desk


def figure(window, name):
    return next(one for one in window.page.one("dl").all("div") if one.all("dt")[0].text == name)


async def test_reports_are_one_click_away_and_every_figure_leads_to_its_tickets(window, busy):
    await window.open("/inbox")
    await window.follow("Reports")
    assert window.heading == "Reports"
    assert "2 h" in figure(window, "First response").text
    assert "1 missed" in figure(window, "Due times met").text
    assert "nothing before to compare with" in figure(window, "Opened").text
    for path, numbers in [
        (figure(window, "Opened").all("a")[0]["href"], {"1", "2"}),
        (figure(window, "Resolved").all("a")[0]["href"], {"1"}),
        (figure(window, "Due times met").all("a")[1]["href"], set()),
        (figure(window, "Due times met").all("a")[2]["href"], {"1"}),
    ]:
        await window.open(path)
        assert set(rows_of(window)) == numbers, path
    assert "Due time missed from 2026-10-22 to 2026-11-20" in window.page.text
    await window.follow("Back to the report")
    assert window.path == "/reports?date_from=2026-10-22&date_to=2026-11-20"
    assert "each conversation once" in figure(window, "Resolved").text
    assert "however often it was answered or resolved" in window.page.one("main").text


async def test_rows_of_tables_lead_to_their_tickets(window, busy, alice):
    await window.open("/reports?days=7")
    links = {
        (table.one("h2").text, row.all("th")[0].text): [link["href"] for link in row.all("a")]
        for table in window.page.all("section")
        if table.all("h2")
        for row in table.all("tr")[1:]
        if table.all("table") and row.all("th")
    }
    wanted = {
        ("By channel", "Chat widget"): {"1", "2"},
        ("By tag", "vip"): {"1"},
        ("By tag", "<b>bold"): {"2"},
        ("Open now, by age", "Under 1 day"): {"2"},
    }
    for key, numbers in wanted.items():
        await window.open(links[key][0])
        assert set(rows_of(window)) == numbers, key
    assert "Opened less than 1 day ago" in window.page.text
    (team,) = [paths for (title, _), paths in links.items() if title == "Team"]
    for path in team:
        await window.open(path)
        assert rows_of(window) == ["1"]
    assert "by Alice Example from 2026-11-14" in window.page.text


async def test_days_are_chosen_and_what_cannot_be_read_says_so(window, busy):
    await window.open("/reports")
    await window.follow("7 days")
    assert "14 Nov 2026 to 20 Nov 2026" in window.page.text
    await window.press("Apply", date_from="2026-11-18", date_to="2026-11-19")
    assert "18 Nov 2026 to 19 Nov 2026" in window.page.text
    assert figure(window, "Opened").all("a")[0].text.startswith("0")
    for query in (
        "days=0",
        "date_from=2026-13-01",
        "date_from=2020-01-01",
        "date_from=2026-11-20&date_to=2026-11-01",
    ):
        await window.open(f"/reports?{query}")
        assert window.page.one("main").one(role="status").text
        assert "22 Oct 2026 to 20 Nov 2026" in window.page.text


async def test_files_of_the_tables_can_be_saved(window, busy):
    await window.open("/reports?days=7")
    paths = [link["href"] for link in window.page.all("a") if "/export/" in link["href"]]
    assert len(paths) == 6
    for path in paths:
        answer = await window.client.get(path)
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/csv")


async def test_who_sees_no_ticket_is_led_to_a_page_that_says_so(window, alice, project, cast):
    level = {"resource": "ticket", "access_level": "none"}
    url = f"/api/projects/{project.id}/resource_access_controls/"
    assert (await alice.client.put(url, json=level)).status_code == 200
    bobs = await window_of(cast, cast.bob)
    await bobs.open("/reports")
    assert bobs.path == "/settings/access"


async def test_a_long_report_has_weeks_and_everything_is_there(window, alice, bob, database, clock):
    clock.freeze(NOW)
    await History(9, alice.project_id, (alice.user_id, bob.user_id), NOW).store(database)
    await window.open("/reports?date_from=2026-01-01&date_to=2026-11-20")
    assert "Each week" in window.page.text and "Programs and workflows" in window.page.text
