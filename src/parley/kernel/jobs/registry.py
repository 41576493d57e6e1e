"""What runs in the background: filled by the decorators in the features' `jobs.py`, read by the relay."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from parley.kernel.database.transaction import Db
from parley.kernel.jobs.times import Daily, Every, when_of
from parley.kernel.services import Services

RETRIES_S = (5, 30, 120, 600, 1800, 3600, 7200, 14400)
"""Seconds to wait after each failure. After one more failure the row is dead; that takes nearly eight hours."""


QUEUES = {
    "work": 4, "replies": 4, "index": 4, "demo": 1, "queries": 4,
    "mail": 8, "inbound": 4, "outbound": 8, "reports": 8, "upstream": 16, "imap": 50, "webhooks": 200,
}  # fmt: skip
"""The queues of work, and how many pieces of each one process does side by side.

What hangs in one queue holds up no other. So what many projects may ask for at once, and what goes on for long, has a queue
of its own, and so has what somebody waits for. Work of `webhooks` waits for an endpoint most of the time: there is room for
every endpoint of four projects even if all of them hang.
"""

SHARES = {"work": 3, "queries": 2}
"""How many of a queue's places one organization may have, where people can ask for long work as often as they like."""


class Event(msgspec.Struct, frozen=True):
    """Something that happened. `id` is the same however often it is handled; `attempts` counts failures."""

    project_id: int
    id: UUID
    name: str
    payload: Any
    attempts: int


class Work(Event, frozen=True):
    """A piece of work that was asked for; fields as of an event, and what all work of this process shares.

    Work that would go on for long looks at `stopping`, which is set when the process is told to end, and ends early.
    Transactions of work that runs in many pieces take `turns`, so that connections are left for requests.
    """

    stopping: asyncio.Event
    turns: asyncio.Semaphore


OnFunction = Callable[[Db, Services, Event], Awaitable[None]]
WorkFunction = Callable[[Services, Work], Awaitable[None]]
JobFunction = Callable[[Db, Services], Awaitable[int]]
AnyOn = TypeVar("AnyOn", bound=OnFunction)
AnyWork = TypeVar("AnyWork", bound=WorkFunction)
AnyJob = TypeVar("AnyJob", bound=JobFunction)


class Handler(msgspec.Struct, frozen=True):
    """A handler of an event; rows of the outbox that are for one handler only hold its `name`."""

    name: str
    function: OnFunction


class Worker(msgspec.Struct, frozen=True):
    """The function for one kind of work; `ahead_s` is how far in advance it may be scheduled, None where it never is."""

    function: WorkFunction
    retries_s: Sequence[int]
    timeout_s: float
    ahead_s: float | None = None


class Job(msgspec.Struct, frozen=True):
    """A function that runs on a schedule.

    A job that deletes old rows must say so: it doesn't run while the clock may be wrong.
    """

    name: str
    when: Every | Daily
    function: JobFunction
    deletes: bool = False


class Registry:
    """Handlers, workers and jobs by name. The program has one; tests may make their own."""

    def __init__(self) -> None:
        self.handlers: dict[str, list[Handler]] = {}
        self.workers: dict[str, Worker] = {}
        self.jobs: dict[str, Job] = {}

    def on(self, event: str, handler: str) -> Callable[[AnyOn], AnyOn]:
        """Call the function for each such event, with the services of the process, in a transaction of the relay.

        The event is marked handled in the same transaction, so the effect happens exactly once.
        Nothing slow may happen there: enqueue work instead. The name of the `handler` stands in stored rows, so it
        stays what it is when the function moves or gets another name.
        """

        def add(function: AnyOn) -> AnyOn:
            self.handlers.setdefault(event, []).append(Handler(handler, function))
            return function

        return add

    def work(
        self,
        name: str,
        *,
        retries_s: Sequence[int] = RETRIES_S,
        timeout_s: float = 120,
        ahead_s: float | None = None,
    ) -> Callable[[AnyWork], AnyWork]:
        """Let the function do the work `name`, outside any transaction; it opens short ones where it needs them.

        It may be repeated when the process dies between an outside effect and the note that it happened. So
        it has ONE outside effect, named where possible after the id of the work, which never changes.

        Work that is asked for `not_before` some time says in `ahead_s` how far ahead that may be. It may come too
        early, where a clock was wrong, and then plans itself anew.
        """

        def add(function: AnyWork) -> AnyWork:
            if name in self.workers:
                raise ValueError(f"the work {name} has two functions")
            self.workers[name] = Worker(function, tuple(retries_s), timeout_s, ahead_s)
            return function

        return add

    def job(
        self,
        name: str,
        *,
        every: timedelta | None = None,
        daily_at: str | None = None,
        zone: str = "UTC",
        deletes: bool = False,
    ) -> Callable[[AnyJob], AnyJob]:
        """Run the function on a schedule, in one process at a time, in a transaction.

        It runs at whole multiples of `every` in UTC, or once a day when the clock of the zone shows `daily_at`, such as
        "03:30" (see `Daily`). It returns how many things it changed. After a pause of the program it runs once.
        One that `deletes` old rows waits for an hour when the clock has jumped forward.
        """
        when = when_of(every, daily_at, zone)

        def add(function: AnyJob) -> AnyJob:
            if name in self.jobs:
                raise ValueError(f"the job {name} has two functions")
            self.jobs[name] = Job(name, when, function, deletes)
            return function

        return add

    def description_of(self, name: str, handler: str = "") -> str:
        """Describe the work of this name, or one handler of an event; empty for an unknown name."""
        if name in self.workers or name in self.jobs:
            return first_line(
                self.workers[name].function if name in self.workers else self.jobs[name].function
            )
        handlers = [one for one in self.handlers.get(name, ()) if handler in ("", one.name)]
        return " ".join(first_line(one.function) for one in handlers)


def first_line(function: Any) -> str:
    """Return the first paragraph of a function's docstring as one line."""
    return (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ")


registry = Registry()
on, work, job = registry.on, registry.work, registry.job
