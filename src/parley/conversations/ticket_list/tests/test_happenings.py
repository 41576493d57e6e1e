"""The lists behind the figures of support reports."""

from datetime import UTC, datetime

import pytest

from parley.conversations.support_reports.rules import HAPPENINGS, PROGRAMS
from parley.conversations.support_reports.tests.report_model import History
from parley.conversations.ticket_list.rules.filters import given_filters
from parley.kernel.errors import Throttled
from parley.kernel.throttle import Turns

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
DAYS = {"date_from": "2026-11-03", "date_to": "2026-11-20"}
TIME = {"happened_from": "2026-11-03", "happened_to": "2026-11-20"}
BACKLOG = "new,open,pending,on_hold"


@pytest.fixture
async def history(alice, bob, clock, database):
    clock.freeze(NOW)
    made = History(7, alice.project_id, (alice.user_id, bob.user_id), NOW)
    await made.store(database)
    return made


@pytest.fixture
async def report(history, alice):
    answer = await alice.client.get("/api/projects/@current/conversations/report/", params=DAYS)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_every_figure_has_as_many_tickets_in_its_list(report, desk):
    figures = report["figures"]
    for name in HAPPENINGS:
        count = figures[name] if name in figures else figures["resolution"]["tickets"]
        count = count["tickets"] if isinstance(count, dict) else count
        assert count > 0 and (await desk.listed(happened=name, **TIME))["count"] == count, name


async def test_figures_of_agents_channels_and_tags_have_their_lists(report, desk):
    for agent in report["agents"]:
        by = f"user:{agent['user_id']}" if agent["user_id"] else PROGRAMS
        counts = {name: agent["current"][name] for name in ("answered", "resolved")}
        counts["first_response"] = agent["current"]["first_response"]["tickets"]
        for name, count in counts.items():
            assert (await desk.listed(happened=name, happened_by=by, **TIME))["count"] == count
    for one in report["channels"]:
        found = await desk.listed(happened="opened", channel_source=one["channel_source"], **TIME)
        assert found["count"] == one["opened"]
    for one in report["tags"]:
        assert (await desk.listed(happened="opened", tags=f'["{one["tag"]}"]', **TIME))["count"] == one[
            "opened"
        ]


async def test_the_backlog_has_a_list_for_each_age(report, desk):
    hours = ((24, None), (72, 24), (168, 72), (720, 168), (None, 720))
    for row, (oldest, newest) in zip(report["backlog"], hours, strict=True):
        bounds = {"happened_from": oldest, "happened_to": newest}
        time = {name: f"-{hour}h" for name, hour in bounds.items() if hour}
        found = await desk.listed(happened="opened", status=BACKLOG, **time)
        assert found["count"] == row["unresolved"]


async def test_a_list_that_reads_events_waits_for_its_turn(report, desk, services, monkeypatch):
    turns = Turns(1, waiting_of_key=0, waiting=0, refusal=lambda: Throttled(7))
    monkeypatch.setattr(services, "query_turns", turns)
    async with turns.taken("another project"):
        refused = await desk.client.get(desk.tickets, params={"happened": "answered", **TIME})
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
        assert (await desk.listed(happened="opened", **TIME))["count"] > 0
    assert (await desk.listed(happened="answered", **TIME))["count"] > 0


async def test_pages_of_a_list_follow_each_other_in_any_order(report, desk):
    for order in ("-updated_at", "created_at", "sla_due_at"):
        asked = {"happened": "answered", **TIME, "order_by": order}
        whole = await desk.numbers(**asked)
        pages = [await desk.numbers(**asked, limit=5, offset=n) for n in range(0, len(whole), 5)]
        assert [number for page in pages for number in page] == whole


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"happened": "resolved", "happened_by": "me"}, {"happened": "resolved", "happened_by": "7"}),
        ({"happened": "opened", "happened_by": "programs"}, {"happened": "opened", "happened_by": PROGRAMS}),
        (
            {"happened": "answered", "happened_by": "unassigned", "happened_to": "soon"},
            {"happened": "answered"},
        ),
        ({"happened": "burnt", "happened_from": "-7d"}, {}),
        ({"happened_from": "-7d"}, {}),
    ],
)
def test_what_cannot_be_read_narrows_nothing(query, found):
    assert given_filters(query, 7) == found
