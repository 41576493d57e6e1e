"""Loading the demo data: a chain of small pieces of work, each of which asks for the next one in its own transaction.

What is made depends on the project and on what a piece is asked with, the moment and the place in the chain, and on
nothing that a process remembers. So a server that was killed goes on where it was.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from parley.accounts.passwords.hashing import hash_password
from parley.accounts.projects.queries.projects import project_by_id, projects_by_ids
from parley.analytics.starter_dashboards.actions import add_starter_dashboards
from parley.demo.backlog import store_backlogs
from parley.demo.by_mail import make_test_address
from parley.demo.conversations import RECORDED_MINUTES, play_conversations, recorded_visits
from parley.demo.prepared import store_prepared
from parley.demo.queries import colleagues_of
from parley.demo.recordings import believable_batches, store_recording
from parley.demo.rules import LOAD, N_TICKETS, QUEUE
from parley.demo.stage import Stage, make_cast, new_stage, with_agents
from parley.demo.visits import store_visits
from parley.inbox.ticket_rows.queries.counts import demo_key
from parley.kernel.database.dialect import take_turn
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.ids import new_token
from parley.kernel.jobs import Event, asked_work, enqueue, finish_work, revive
from parley.kernel.services import Services

PROGRESS_LASTS_S = 120.0
TURN = 0x64656D6F
"""The kind of turn in which demo data is asked for (`take_turn`)."""


class DemoStep(msgspec.Struct):
    """One piece of work: which part of the demo data, and from where on."""

    stage: Stage
    part: str
    at: int
    password_hash: str = ""


async def ask_for_demo_data(db: Db, services: Services, project_id: int) -> bool:
    """Have the demo data made, in the caller's transaction; False where it was asked for before, and goes on now.

    Work that failed, or was given up, is tried again. Raises NotFound, and Invalid where all of it is there.
    """
    await take_turn(db, TURN, project_id)
    if asked := await asked_work(db, LOAD, project_id):
        await revive(db, [project_id], asked.id)
        place = asked.payload
        db.after_commit(lambda: _tell(services, project_id, place))
        return False
    project = (await projects_by_ids(db, [project_id])).get(project_id)
    if project is None:
        raise NotFound("Project not found.")
    if await colleagues_of(db, project):
        raise Invalid("This project has the demo data already.")
    payload = {"now": services.clock.now().isoformat(), "part": "cast", "at": 0}
    await enqueue(db, LOAD, payload, project_id=project_id, queue=QUEUE, not_before=services.clock.now())
    # An inbox that is open looked empty for seconds.
    db.after_commit(lambda: _tell_progress(services, project_id, 0))
    return True


async def load_demo_data(services: Services, project_id: int) -> None:
    """Make the demo data, or what is left of it, whether or not a server does so beside; open inboxes see it grow.

    Raises NotFound, and Invalid where all of it is there.
    """
    async with services.database.transaction() as db:
        await ask_for_demo_data(db, services, project_id)
    while asked := await _next_asked(services, project_id):
        await load_part(services, asked)


async def _next_asked(services: Services, project_id: int) -> Event | None:
    async with services.database.transaction(write=False) as db:
        return await asked_work(db, LOAD, project_id)


async def load_part(services: Services, asked: Event) -> None:
    """Make what one piece of work asks for, and ask for what comes next. Safe to run twice, also at the same time."""
    project = await project_by_id(services.database, asked.project_id)
    if project is None:
        async with services.database.transaction() as db:
            await finish_work(db, asked)
        return
    stage = new_stage(services, project, datetime.fromisoformat(asked.payload["now"]))
    step = DemoStep(stage, asked.payload["part"], asked.payload["at"])
    if step.part == "cast":
        step.password_hash = await hash_password(new_token())
    if step.part == "recordings":
        # Files can't be undone: they are made before, under names that are always the same.
        await _store_recordings(stage)
    async with services.database.transaction() as db:
        if not await finish_work(db, asked):
            return
        place = await _made(db, step)
        if place is not None:
            await enqueue(
                db,
                LOAD,
                {**asked.payload, **place},
                project_id=project.id,
                queue=QUEUE,
                not_before=services.clock.now(),
            )
    if place is not None:
        await _tell(services, project.id, place)


async def _made(db: Db, step: DemoStep) -> dict[str, Any] | None:
    """Make it, and return the place in the chain that comes next; None at its end."""
    goes_on_at = await PARTS[step.part](db, step)
    if goes_on_at is not None:
        return {"part": step.part, "at": goes_on_at}
    names = [*PARTS]
    following = names[names.index(step.part) + 1 :]
    return {"part": following[0], "at": 0} if following else None


async def _cast(db: Db, step: DemoStep) -> None:
    await make_cast(db, step.stage, step.password_hash)
    await make_test_address(db, await with_agents(db, step.stage))


async def _prepared(db: Db, step: DemoStep) -> None:
    await store_prepared(db, await with_agents(db, step.stage))


async def _visits(db: Db, step: DemoStep) -> int | None:
    return await store_visits(db, step.stage, step.at)


async def _conversations(db: Db, step: DemoStep) -> int | None:
    return await play_conversations(db, await with_agents(db, step.stage), step.at)


async def _backlog(db: Db, step: DemoStep) -> None:
    await store_backlogs(db, step.stage)
    stage = await with_agents(db, step.stage)
    for agent in stage.agents[:1]:
        await add_starter_dashboards(db, stage.services, agent)


async def _recordings(_: Db, __: DemoStep) -> None:
    """They are stored by now."""


PARTS: dict[str, Callable[[Db, DemoStep], Awaitable[int | None]]] = {
    "cast": _cast,
    "prepared": _prepared,
    "visits": _visits,
    "conversations": _conversations,
    "backlog": _backlog,
    "recordings": _recordings,
}
"""The parts in their order. Each makes some of it, and returns where it goes on, None where it is done."""


async def _store_recordings(stage: Stage) -> None:
    for seed, visit in enumerate(recorded_visits(stage)):
        stage.clock.at = visit.start_at + timedelta(minutes=RECORDED_MINUTES)
        batches = believable_batches(visit.start_at, RECORDED_MINUTES, seed)
        await store_recording(stage.services, stage.project.id, visit, batches)


async def _tell(services: Services, project_id: int, place: dict[str, Any]) -> None:
    """Tell open inboxes how far it is; they read everything anew when the conversations are there."""
    if place["part"] != "recordings":
        await _tell_progress(services, project_id, _n_done(place))
        return
    await services.cache.delete(demo_key(project_id), f"unread:{project_id}")
    await services.live.publish(f"project:{project_id}", "resync")


def _n_done(place: Mapping[str, Any]) -> int:
    """Return how many conversations there are when this place in the chain comes next."""
    if place["part"] == "conversations":
        done: int = place["at"]
        return done
    return 0 if place["part"] in ("cast", "prepared", "visits") else N_TICKETS


async def _tell_progress(services: Services, project_id: int, done: int) -> None:
    text = f"{done} of {N_TICKETS} conversations"
    await services.cache.set(demo_key(project_id), text.encode(), PROGRESS_LASTS_S)
    await services.live.publish(f"project:{project_id}", "demo.loading")
