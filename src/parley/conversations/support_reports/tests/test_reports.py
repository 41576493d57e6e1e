"""Support reports in the API, on both databases."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from parley.conversations.support_reports.queries.report import GONE, support_report
from parley.conversations.support_reports.rules import AGES, ReportRange, Span
from parley.conversations.support_reports.tests.report_model import CHANNELS, TAGS, Expected, History, times
from parley.kernel.database.time_limit import QueryTookTooLong
from parley.kernel.http.authorization import Actor, Principal, Project

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
NO_FIGURES = {
    "opened": 0, "answers": 0, "answered": 0, "first_response": times([]), "resolution": times([]), "sla_met": 0,
    "sla_missed": 0,
}  # fmt: skip


def path(project="@current"):
    return f"/api/projects/{project}/conversations/report/"


async def report(member, **query):
    answer = await member.client.get(path(), params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def approximate(found):
    """Databases keep doubles, and so may differ in the last digit."""
    if isinstance(found, dict):
        return {name: approximate(value) for name, value in found.items()}
    return round(found, 3) if isinstance(found, float) else found


@pytest.fixture
async def history(alice, bob, clock, database, request):
    clock.freeze(NOW)
    made = History(request.param, alice.project_id, (alice.user_id, bob.user_id), NOW)
    await made.store(database)
    return made


SPAN = Span(datetime(2026, 11, 7, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC))
BEFORE = Span(datetime(2026, 10, 24, tzinfo=UTC), NOW - timedelta(days=14))


@pytest.mark.parametrize("history", [1, 2, 3], indirect=True)
async def test_every_figure_is_what_counting_one_by_one_gives(history, alice, bob):
    found = await report(alice, days=14)
    assert (found["date_from"], found["date_to"]) == ("2026-11-07", "2026-11-20")
    assert (found["before_from"], found["before_to"]) == ("2026-10-24", "2026-11-06")
    now, before = Expected(history, SPAN), Expected(history, BEFORE)
    assert approximate(found["figures"]) == approximate(now.figures())
    assert approximate(found["before"]) == approximate(before.figures())
    assert {one["channel_source"]: (one["opened"], one["opened_before"]) for one in found["channels"]} == {
        name: tuple(sum(one["channel_source"] == name for one in part.opened()) for part in (now, before))
        for name in CHANNELS
    }
    agents = {one["user_id"]: one for one in found["agents"]}
    for user_id in (alice.user_id, bob.user_id, None):
        assert approximate(agents[user_id]["current"]) == approximate(now.agent(user_id))
        assert approximate(agents[user_id]["before"]) == approximate(before.agent(user_id))


@pytest.mark.parametrize("history", [4], indirect=True)
async def test_tags_intervals_and_the_backlog_are_what_counting_one_by_one_gives(history, alice):
    found = await report(alice, days=14)
    now, before = Expected(history, SPAN), Expected(history, BEFORE)
    tagged = {
        name: tuple(
            len({one["id"] for one in part.opened()} & {id for id, tag in part.tags if tag == name})
            for part in (now, before)
        )
        for name in TAGS
    }
    assert {one["tag"]: (one["opened"], one["opened_before"]) for one in found["tags"]} == tagged
    assert len(found["intervals"]) == 14
    for one in found["intervals"]:
        start = datetime.fromisoformat(one["start"]).replace(tzinfo=UTC)
        day = Expected(history, Span(start, start + timedelta(days=1)))
        figures = day.figures()
        counted = (figures["opened"], figures["answered"], figures["resolution"]["tickets"])
        assert (one["opened"], one["answered"], one["resolved"]) == counted
    for row, (name, least, below) in zip(found["backlog"], AGES, strict=True):
        open_now = [
            one
            for one in now.live
            if one["status"] != "resolved"
            and NOW - one["created_at"] >= least
            and (below is None or NOW - one["created_at"] < below)
        ]
        free = [one for one in open_now if one["assignee_user_id"] is None]
        late = [one for one in open_now if one["sla_due_at"] and one["sla_due_at"] < NOW]
        assert row == {
            "age": name, "unresolved": len(open_now), "unassigned": len(free), "overdue": len(late),
        }  # fmt: skip


async def test_what_really_happens_is_in_the_report(desk, customer, alice, clock):
    at = clock.freeze(NOW - timedelta(hours=5))
    received = await customer.write("Help")
    number = (await desk.listed())["results"][0]["ticket_number"]
    await desk.change(number, sla_due_at=(at + timedelta(hours=1)).isoformat(), tags=["vip"])
    clock.advance(timedelta(hours=2))
    await desk.say({"id": str(received.ticket_id)}, "Too late, but here we are")
    clock.advance(timedelta(hours=1))
    await desk.change(number, status="resolved")
    found = await report(alice, days=1)
    assert found["figures"] == {
        "opened": 1,
        "answers": 1,
        "answered": 1,
        "first_response": times([7200.0]),
        "resolution": times([10800.0]),
        "sla_met": 0,
        "sla_missed": 1,
    }
    assert found["tags"] == [{"tag": "vip", "opened": 1, "opened_before": 0}]
    (agent,) = found["agents"]
    assert agent["user_id"] == alice.user_id and agent["current"]["resolved"] == 1
    assert found["before"] == NO_FIGURES
    await desk.delete(number)
    assert (await report(alice, days=1))["figures"] == NO_FIGURES


async def test_days_are_those_of_the_projects_clock(desk, alice, clock):
    await alice.client.patch(f"/api/projects/{alice.project_id}/", json={"timezone": "Asia/Kathmandu"})
    clock.freeze(datetime(2026, 11, 19, 18, 10, tzinfo=UTC))  # 23:55 there
    await desk.open()
    clock.freeze(datetime(2026, 11, 19, 18, 20, tzinfo=UTC))  # 0:05 of the next day
    await desk.open()
    found = await report(alice, days=2)
    assert [(one["start"], one["opened"]) for one in found["intervals"]] == [
        ("2026-11-19", 1),
        ("2026-11-20", 1),
    ]
    assert (await report(alice, date_from="2026-11-20", date_to="2026-11-20"))["figures"]["opened"] == 1
    assert found["timezone"] == "Asia/Kathmandu"


BAD = [
    ({"date_from": "2026-W01-1"}, "date_from"),
    ({"days": "0"}, "days"), ({"days": "401"}, "days"), ({"days": "-7"}, "days"), ({"days": "x"}, "days"),
    ({"days": "٣"}, "days"), ({"days": "9" * 999}, "days"), ({"date_from": "2026-02-30"}, "date_from"),
    ({"date_from": "20260201"}, "date_from"), ({"date_to": "\x00"}, "date_to"), ({"date_to": "9999-12-31"}, "date_to"),
    ({"date_from": "0001-01-01"}, "date_from"), ({"date_from": "2026-11-20", "date_to": "2026-11-19"}, "date_from"),
    ({"date_from": "2024-01-01", "date_to": "2026-01-01"}, "date_from"),
]  # fmt: skip


async def test_a_range_that_cannot_be_read_or_is_too_long_is_refused(alice):
    for query, attr in BAD:
        for place in (path(), f"{path()}export/"):
            answer = await alice.client.get(place, params=query)
            assert (answer.status_code, answer.json()["attr"]) == (400, attr), query
    answer = await alice.client.get(f"{path()}export/", params={"table": "people"})
    assert (answer.status_code, answer.json()["attr"]) == (400, "table")


async def test_a_report_that_takes_too_long_is_stopped_and_says_so(services, project, clock):
    owner = Principal(user_id=1, user_uuid=UUID(int=1), email="", name="", levels={}, current_project_id=None)
    theirs = Project(
        id=project.id,
        organization_id=project.organization_id,
        name="",
        timezone="UTC",
        conversations_enabled=True,
        settings={},
        api_token="",
        widget_token=None,
    )
    actor = Actor(principal=owner, project=theirs, level=15)
    today = clock.now().date()
    with pytest.raises(QueryTookTooLong, match="Ask for a shorter time"):
        await support_report(services, actor, ReportRange(today, today), limit_s=0)
    assert (await support_report(services, actor, ReportRange(today, today))).figures.opened == 0


async def test_nobody_sees_figures_of_another_project(desk, alice, mallory):
    await desk.open()
    assert (await report(alice))["figures"]["opened"] == 1
    assert (await report(mallory))["figures"] == NO_FIGURES
    for place in (path(alice.project_id), f"{path(alice.project_id)}export/"):
        assert (await mallory.client.get(place)).status_code in (403, 404)


@pytest.mark.parametrize("history", [1], indirect=True)
async def test_who_has_left_has_no_name_in_a_report(history, alice, bob):
    async def names():
        return {
            one["name"] for one in (await report(alice, days=14))["agents"] if one["user_id"] == bob.user_id
        }

    before = await names()
    assert before and before != {GONE}
    left = await alice.client.delete(f"/api/organizations/{alice.organization_id}/members/{bob.user_uuid}/")
    assert left.status_code == 204
    assert await names() == {GONE}


@pytest.mark.parametrize("history", [5], indirect=True)
async def test_figures_are_of_tickets_that_the_caller_sees(history, alice, bob, project):
    hidden = [one["id"] for one in history.tickets[::3]]
    assert Expected(history, SPAN, hidden).figures() != Expected(history, SPAN).figures()
    for one in history.tickets[::3]:
        if one["deleted_at"] is None:
            url = f"{project.tickets}{one['number']}/access_controls/"
            answer = await alice.client.put(url, json={"access_level": "none"})
            assert answer.status_code == 200, answer.text
    found = await report(bob, days=14)
    assert approximate(found["figures"]) == approximate(Expected(history, SPAN, hidden).figures())
    assert approximate((await report(alice, days=14))["figures"]) == approximate(
        Expected(history, SPAN).figures()
    )


async def test_who_sees_no_ticket_gets_no_report(desk, alice, bob, project):
    url = f"/api/projects/{project.id}/resource_access_controls/"
    assert (
        await alice.client.put(url, json={"resource": "ticket", "access_level": "none"})
    ).status_code == 200
    for place in (path(), f"{path()}export/"):
        assert (await bob.client.get(place)).status_code == 403


async def test_a_table_is_a_file_whose_texts_are_no_formulas(desk, alice, clock):
    clock.freeze(NOW)
    await desk.open(tags=["=cmd|' /c calc'!a0", "müller"])
    answer = await alice.client.get(f"{path()}export/", params={"table": "tags", "days": 7})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert (
        answer.headers["content-disposition"]
        == 'attachment; filename="support-tags-2026-11-14-2026-11-20.csv"'
    )
    assert answer.content.decode("utf-8-sig").split("\r\n") == [
        "tag,opened,opened_before", "'=cmd|' /c calc'!a0,1,0", "müller,1,0", "",
    ]  # fmt: skip
    for table, head in (
        ("figures", "figure,current,before"),
        ("intervals", "day,opened,answered,resolved"),
        ("channels", "channel,opened,opened_before"),
        ("agents", "user_id,name,answers,"),
        ("backlog", "age,unresolved,unassigned,overdue"),
    ):
        answer = await alice.client.get(f"{path()}export/", params={"table": table, "days": 7})
        assert answer.content.decode("utf-8-sig").startswith(head)
