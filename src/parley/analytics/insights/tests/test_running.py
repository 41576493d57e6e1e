"""Answers of queries: kept, computed once, after the request, or not at all."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from parley.accounts.projects.queries.owners import owners_of, siblings_of
from parley.accounts.projects.queries.projects import project_by_id
from parley.analytics.event_source import room
from parley.analytics.insights.actions import computing, runs
from parley.analytics.insights.actions.running import run_insight
from parley.analytics.insights.actions.runs import forget_results
from parley.analytics.insights.kinds import ANSWERS
from parley.analytics.insights.tests.test_insights import INSIGHTS, QUERY, SOURCE, one, save
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.jobs import Owners, registry
from parley.kernel.jobs.registry import SHARES
from parley.kernel.jobs.work_runner import WorkRunner
from parley.kernel.services import open_services

QUERIES = "/api/projects/@current/query/"


class Counted(msgspec.Struct):
    results: list[int]
    columns: list[str] | None = None
    types: None = None
    has_more: bool | None = False
    timezone: str = "UTC"
    resolved_date_range: None = None


class Slow:
    """Answers with how often the people of this test asked, once it is let; others have left work to be done, too."""

    def __init__(self, *project_ids):
        self.project_ids = project_ids
        self.n_begun = 0
        self.asked_by = []
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.error = None

    async def __call__(self, services, asked, now):
        if self.project_ids and asked.project.id not in self.project_ids:
            return Counted([])
        self.n_begun += 1
        self.asked_by.append(asked.project.id)
        await self.go_on.wait()
        if self.error:
            raise self.error
        return Counted([self.n_begun])


@pytest.fixture
def slow(monkeypatch, alice, mallory):
    made = Slow(alice.project_id, mallory.project_id)
    monkeypatch.setitem(ANSWERS, "TrendsQuery", made)
    return made


@pytest.fixture
async def left(services, cast):
    """Work of a project that no test asks for any more."""
    async with services.database.transaction() as db:
        project = await cast.make_project(db, cast.project.organization_id)
    await run_insight(services, await project_of(services, project.id), QUERY, "async")


@pytest.fixture
async def other(services):
    """What another process has, on the same database."""
    made = open_services(services.settings, services.clock)
    yield made
    await made.cache.close()
    await made.database.close()


async def begun(coming, slow):
    """Begin it, and wait until it computes."""
    task = asyncio.create_task(coming)
    while not slow.n_begun:
        await asyncio.sleep(0.01)
    return task


async def project_of(services, project_id):
    found = await project_by_id(services.database, project_id)
    assert found is not None
    return found


async def ask(member, **body):
    return await member.client.post(QUERIES, json={"query": QUERY, **body})


async def results(member, **body):
    answer = await ask(member, **body)
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


async def test_an_answer_is_kept_until_it_is_old(alice, clock, slow):
    clock.freeze()
    first = (await ask(alice)).json()
    assert (first["results"], first["is_cached"], first["hasMore"]) == ([1], False, False)
    again = (await ask(alice)).json()
    assert again == {**first, "is_cached": True}
    bare = await ask(alice, query=SOURCE)
    assert bare.json()["cache_key"] == first["cache_key"] and bare.json()["is_cached"]
    clock.advance(timedelta(minutes=15))
    assert await results(alice, refresh="force_cache") == [1]
    assert await results(alice, refresh="lazy_async") == [1]
    assert await results(alice) == [2]
    assert await results(alice, refresh="force_blocking") == [3]
    assert await results(alice, refresh=True) == [4]
    hourly = {**SOURCE, "interval": "hour"}
    assert await results(alice, query=hourly) == [5]
    clock.advance(timedelta(minutes=1))
    assert await results(alice, query=hourly) == [6] and await results(alice) == [4]


async def test_who_asks_at_the_same_time_gets_one_answer(alice, bob, slow):
    slow.go_on.clear()
    waiting = [asyncio.create_task(results(member)) for member in (alice, bob) * 5]
    while not slow.n_begun:
        await asyncio.sleep(0.01)
    waiting[0].cancel()
    await asyncio.sleep(0)
    slow.go_on.set()
    assert await asyncio.gather(*waiting[1:]) == [[1]] * 9 and slow.n_begun == 1


@pytest.mark.parametrize("mode", ["force_blocking", "force_async"])
async def test_a_project_that_is_deleted_while_somebody_asks_is_not_found(services, alice, slow, mode):
    project = msgspec.structs.replace(await project_of(services, alice.project_id), id=2**31 - 1)
    with pytest.raises(NotFound):
        await run_insight(services, project, QUERY, mode)


async def test_another_process_waits_for_who_has_begun(alice, services, other, slow):
    project = await project_of(services, alice.project_id)
    slow.go_on.clear()
    first = await begun(run_insight(services, project, QUERY), slow)
    second = asyncio.create_task(run_insight(other, project, QUERY))
    await asyncio.sleep(0.2)
    slow.go_on.set()
    assert (await first).rows == [1] == (await second).rows and slow.n_begun == 1


async def test_another_process_is_told_what_is_wrong(alice, services, other, slow):
    project = await project_of(services, alice.project_id)
    slow.error = Invalid("No.", code="too_long")
    slow.go_on.clear()
    first = await begun(run_insight(services, project, QUERY), slow)
    second = asyncio.create_task(run_insight(other, project, QUERY))
    await asyncio.sleep(0.2)
    slow.go_on.set()
    found = await asyncio.gather(first, second, return_exceptions=True)
    assert [getattr(one, "code", None) for one in found] == ["too_long", "too_long"] and slow.n_begun == 1


async def test_who_waits_is_told_what_is_wrong_and_it_is_not_tried_again_at_once(alice, clock, slow):
    clock.freeze()
    slow.error = Invalid("The query takes too long.", code="too_long", attr="query")
    for _ in range(3):
        answer = await ask(alice)
        assert (answer.status_code, answer.json()["code"], answer.json()["attr"]) == (
            400,
            "too_long",
            "query",
        )
    assert slow.n_begun == 1
    slow.error = None
    assert await results(alice, refresh="force_blocking") == [2]
    assert await results(alice) == [2]


async def test_a_query_that_takes_too_long_is_stopped_for_all_who_wait(alice, monkeypatch, slow):
    monkeypatch.setattr(computing, "LIMIT_S", 0.05)
    slow.go_on.clear()
    answers = await asyncio.gather(*(ask(alice) for _ in range(3)))
    assert {(one.status_code, one.json()["code"]) for one in answers} == {(504, "query_too_slow")}
    slow.go_on.set()
    assert (await ask(alice)).status_code == 504 and slow.n_begun == 1
    assert await results(alice, refresh="force_blocking") == [2]


async def test_an_answer_that_is_too_large_is_refused(alice, monkeypatch, slow):
    monkeypatch.setattr(computing, "MOST_LETTERS", 2)
    answer = await ask(alice)
    assert (answer.status_code, answer.json()["code"]) == (400, "answer_too_large")


async def test_another_process_takes_over_from_one_that_died(alice, services, other, clock, slow):
    clock.freeze()
    project = await project_of(services, alice.project_id)
    slow.go_on.clear()
    dead = await begun(run_insight(services, project, QUERY), slow)
    clock.advance(timedelta(seconds=31))
    alive = asyncio.create_task(run_insight(other, project, QUERY))
    while slow.n_begun < 2:
        await asyncio.sleep(0.01)
    slow.go_on.set()
    assert (await alive).rows == [2]
    await dead  # what it finds after its lease is its own alone
    assert (await run_insight(other, project, QUERY)).rows == [2]


async def test_a_query_is_answered_after_the_request(alice, bob, mallory, left, queue, slow):
    answer = await ask(alice, refresh="async")
    status = answer.json()["query_status"]
    assert answer.status_code == 202 and answer.json()["results"] is None
    assert (status["complete"], status["error"], status["query_async"]) == (False, False, True)
    again = await ask(bob, refresh="force_async")
    assert again.json()["query_status"]["id"] == status["id"]
    path = f"{QUERIES}{status['id']}/"
    assert (await alice.client.get(path)).status_code == 202
    await queue.drain()
    done = await bob.client.get(path)
    shown = done.json()["query_status"]
    assert done.status_code == 200 and shown["complete"] and not shown["error"]
    assert shown["results"]["results"] == [1] and slow.n_begun == 1
    assert (await mallory.client.get(path)).status_code == 404
    assert (await alice.client.get(f"{QUERIES}nothing/")).status_code == 404
    slow.error = Invalid("No.", attr="query")
    failing = (await ask(alice, refresh="force_async")).json()["query_status"]
    await queue.drain()
    shown = (await alice.client.get(f"{QUERIES}{failing['id']}/")).json()["query_status"]
    assert (shown["complete"], shown["error"], shown["error_message"]) == (True, True, "No.")


async def test_an_organization_has_so_many_queries_under_way_in_all_its_projects(
    alice, mallory, queue, slow, monkeypatch
):
    monkeypatch.setattr(runs, "MOST_RUNS", 1)
    made = await alice.client.post("/api/organizations/@current/projects/", json={"name": "Another"})
    assert (await ask(alice, refresh="force_async")).status_code == 202
    asked = {"refresh": "force_async", "query": QUERY}
    refused = await alice.client.post(f"/api/projects/{made.json()['id']}/query/", json=asked)
    assert refused.status_code == 429 and "this organization" in refused.json()["detail"]
    assert (await ask(mallory, refresh="force_async")).status_code == 202
    await queue.drain()
    taken = await alice.client.post(f"/api/projects/{made.json()['id']}/query/", json=asked)
    assert taken.status_code == 202
    await queue.drain()


async def test_an_organization_with_many_projects_comes_behind_the_first_query_of_another(
    alice, mallory, services, queue, slow
):
    asked = {"refresh": "force_async", "query": QUERY}
    for name in ("One", "Two", "Three", "Four", "Five"):
        made = (await alice.client.post("/api/organizations/@current/projects/", json={"name": name})).json()
        answer = await alice.client.post(f"/api/projects/{made['id']}/query/", json=asked)
        assert answer.status_code == 202
    assert (await ask(mallory, refresh="force_async")).status_code == 202
    runner = WorkRunner(services, registry, holder="this process", lease_s=30)
    first, second = await runner.claim("queries", 2)
    assert first.project_id != mallory.project_id and second.project_id == mallory.project_id
    for work in (first, second):
        await runner.do(work)
    await queue.drain()


async def test_an_organization_has_one_share_of_the_places_for_all_its_projects(
    alice, mallory, services, queue, slow
):
    asked = {"refresh": "force_async", "query": QUERY}
    theirs = {alice.project_id}
    for name in ("One", "Two", "Three"):
        made = (await alice.client.post("/api/organizations/@current/projects/", json={"name": name})).json()
        theirs.add(made["id"])
    for id in sorted(theirs):
        assert (await alice.client.post(f"/api/projects/{id}/query/", json=asked)).status_code == 202
    slow.go_on.clear()
    slow.project_ids = (*theirs, mallory.project_id)
    owners = Owners(owners_of, siblings_of)
    runner = WorkRunner(services, registry, holder="this process", lease_s=30, owners=owners)
    assert await runner.start_due("queries", lambda: None) == SHARES["queries"]
    assert (await ask(mallory, refresh="force_async")).status_code == 202
    assert await runner.start_due("queries", lambda: None) == 1
    slow.go_on.set()
    await asyncio.gather(*runner.running)
    assert {*slow.asked_by[:2]} < theirs and slow.asked_by[2:] == [mallory.project_id]
    await queue.drain()


async def test_an_insight_shows_its_answer_as_the_request_wants_it(alice, queue, slow):
    made = await save(alice)
    assert made["result"] is None and not made["is_cached"]
    shown = (await alice.client.get(one(made), params={"refresh": "blocking"})).json()
    assert (shown["result"], shown["is_cached"], shown["timezone"]) == ([1], False, "UTC")
    assert shown["last_refresh"] < shown["cache_target_age"]
    shown = (await alice.client.get(one(made))).json()
    assert (shown["result"], shown["is_cached"]) == ([1], True)
    [listed] = (await alice.client.get(INSIGHTS)).json()["results"]
    assert listed["result"] == [1]
    [listed] = (await alice.client.get(INSIGHTS, params={"basic": "true"})).json()["results"]
    assert listed["result"] is None
    shown = (await alice.client.get(one(made), params={"refresh": "force_async"})).json()
    assert shown["query_status"]["insight_id"] == made["id"] and shown["result"] == [1]
    await queue.drain()
    assert (await alice.client.get(one(made))).json()["result"] == [2]


async def test_a_list_shows_answers_as_far_as_there_is_room_for_them_together(alice, monkeypatch, slow):
    made = [
        await save(alice, query={**QUERY, "source": {**SOURCE, "interval": by}}) for by in ("day", "week")
    ]
    for one_of in made:
        await alice.client.get(one(one_of), params={"refresh": "blocking"})
    tiles = [{"insight": one_of["id"]} for one_of in made]
    url = "/api/projects/@current/dashboards/"
    board = (await alice.client.post(url, json={"name": "Both", "tiles": tiles})).json()
    monkeypatch.setattr(room, "MOST_BYTES", 5)  # [1] has three, and [2] as many
    listed = (await alice.client.get(INSIGHTS)).json()["results"]
    assert [found["result"] for found in listed] == [[2], None]  # the last one comes first
    for refresh in ("force_cache", "blocking"):
        shown = (await alice.client.get(f"{url}{board['id']}/", params={"refresh": refresh})).json()["tiles"]
        found = [(tile["insight"]["result"], tile["error"]) for tile in shown]
        assert found in (
            [([1], None), (None, room.LEFT_OUT)],
            [(None, room.LEFT_OUT), ([2], None)],  # where both are asked for, the first that comes
        )


async def test_dates_that_make_no_period_are_refused_when_they_are_stored(alice):
    for dates, place in [
        ({"date_from": "some day"}, "from"),
        ({"date_from": "2026-02-01", "date_to": "2026-01-01"}, "to"),
    ]:
        query = {**QUERY, "source": {**SOURCE, "dateRange": dates}}
        answer = await alice.client.post(INSIGHTS, json={"query": query})
        wanted = f"query__source__dateRange__date_{place}"
        assert (answer.status_code, answer.json()["attr"]) == (400, wanted)


@pytest.mark.parametrize(
    ("query", "attr"),
    [
        (None, "query"),
        ({"kind": "HogQLQuery", "query": "SELECT 1"}, "query__kind"),
        ({"kind": "TrendsQuery", "series": []}, "query__series"),
        (
            {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "math": "most"}]},
            "query__series__0__math",
        ),
    ],
)
async def test_what_can_not_be_answered_is_refused_with_its_place(alice, query, attr):
    for answer in (
        await alice.client.post(QUERIES, json={"query": query}),
        await alice.client.post(INSIGHTS, json={"query": query or []}),
    ):
        assert (answer.status_code, answer.json()["attr"]) == (400, attr), answer.text


async def test_an_answer_of_one_project_is_not_shown_in_another(alice, mallory, slow):
    assert await results(alice) == [1]
    assert await results(mallory, refresh="force_cache") is None
    assert await results(mallory) == [2]


async def test_old_answers_are_forgotten(alice, clock, queue, services, slow):
    await results(alice)
    clock.advance(timedelta(days=2))
    from parley.analytics.insights.jobs import forget_old_results

    async with services.database.transaction() as db:
        assert await forget_old_results(db, services) >= 1
    assert await results(alice, refresh="force_cache") is None


async def test_all_answers_of_a_project_are_forgotten_with_what_they_may_hold(alice, mallory, services, slow):
    await results(alice)
    await results(mallory)
    async with services.database.transaction() as db:
        assert await forget_results(db, alice.project_id) == 1
    assert await results(alice, refresh="force_cache") is None
    assert await results(mallory, refresh="force_cache") == [2]
