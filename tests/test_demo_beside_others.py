"""Demo data of many projects holds up nobody else's work."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from parley.conversations.tickets.tests.factories import Desk
from parley.demo.loading import PARTS, ask_for_demo_data
from parley.demo.rules import LOAD
from parley.kernel.jobs import outbox, registry
from parley.kernel.jobs.registry import QUEUES
from parley.kernel.jobs.work_runner import WorkRunner
from parley.kernel.services import Services
from tests.cast import Cast
from tests.plain_browser import PlainBrowser, window_of

N_PROJECTS = 6


async def another_project(cast: Cast) -> int:
    made = await cast.alice.client.post("/api/organizations/@current/projects/", json={"name": "Trial"})
    assert made.status_code == 201, made.text
    id: int = made.json()["id"]
    return id


async def ask(services: Services, project_id: int) -> None:
    async with services.database.transaction() as db:
        assert await ask_for_demo_data(db, services, project_id)


async def parts_asked(services: Services, projects: list[int]) -> list[str]:
    """Return which part of the demo data comes next in each project where some is missing."""
    c = outbox.c
    asked = select(c.payload).where(c.name == LOAD, c.project_id.in_(projects)).order_by(c.project_id)
    async with services.database.transaction(write=False) as db:
        return [payload["part"] for payload in (await db.execute(asked)).scalars()]


@pytest.fixture
def runner(services: Services) -> WorkRunner:
    return WorkRunner(services, registry, holder="this process", lease_s=30)


async def turn(runner: WorkRunner) -> None:
    """Do in each queue as many pieces of work as one process does side by side."""
    for queue in QUEUES:
        for work in await runner.claim(queue, runner.room(queue)):
            await runner.do(work)


async def hold_reply(window: PlainBrowser) -> None:
    await window.open("/inbox/1")
    form = window.page.one("form", class_="composer")
    data = {one["name"]: one["value"] for one in form.all("input", type="hidden")}
    data |= {"kind": "reply", "content": "On its way"}
    answer = await window.client.post("/inbox/1/messages", data=data, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "Your reply is sent in" in answer.text


async def test_a_held_reply_is_sent_while_demo_data_comes_into_many_projects(
    cast, services, project, queue, runner, clock
):
    await Desk(cast.alice, project).open()
    await queue.drain()
    projects = [await another_project(cast) for _ in range(N_PROJECTS)]
    for id in projects:
        await ask(services, id)
    await hold_reply(await window_of(cast, cast.alice))
    clock.advance(timedelta(minutes=1))
    await turn(runner)
    shown = (await cast.alice.client.get(f"{project.tickets}1/messages/")).json()["results"]
    assert "On its way" in [one["content"] for one in shown]
    assert len(await parts_asked(services, projects)) == N_PROJECTS


async def test_each_project_gets_a_piece_of_its_demo_data_before_another_one_gets_its_second(
    cast, services, queue, runner, clock
):
    _, second, *_ = PARTS
    projects = [await another_project(cast) for _ in range(3)]
    for id in projects:
        await ask(services, id)
    for _ in projects:
        clock.advance(timedelta(seconds=1))
        await turn(runner)
    assert await parts_asked(services, projects) == [second] * len(projects)
