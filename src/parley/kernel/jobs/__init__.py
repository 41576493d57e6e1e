"""Durable background work: what a committed transaction still has to cause.

- `emit` says that something happened. Functions marked `@on` react to it, inside a transaction.
- `enqueue` asks for one piece of work (mail, HTTP). The function marked `@work` does it, outside any
  transaction.
- Functions marked `@job` run by the clock, inside a transaction.

Like routes, they get the services of the process: settings, clock, cache, live updates. All three survive `kill -9` at
any moment (docs/decisions/0016-work-on-leases.md). Features import from here only.
"""

from parley.kernel.jobs.backlog import (
    Backlog,
    as_metrics,
    backlogs,
    late,
)
from parley.kernel.jobs.clock_jumps import is_beyond
from parley.kernel.jobs.erasing import erase_rows
from parley.kernel.jobs.failure_report import (
    BackgroundFailure,
    background_failures,
    failed_rows,
    failing_jobs,
    revive,
)
from parley.kernel.jobs.outbox import (
    asked_work,
    emit,
    emit_all,
    enqueue,
    finish_work,
    is_waiting,
    new_event,
    wake_relays,
)
from parley.kernel.jobs.registry import (
    Event,
    Registry,
    Work,
    job,
    on,
    registry,
    work,
)
from parley.kernel.jobs.relay import Queue
from parley.kernel.jobs.resting import rest
from parley.kernel.jobs.shares import Owners
from parley.kernel.jobs.tables import job_schedule, outbox

__all__ = [
    "BackgroundFailure",
    "Backlog",
    "Event",
    "Owners",
    "Queue",
    "Registry",
    "Work",
    "as_metrics",
    "asked_work",
    "background_failures",
    "backlogs",
    "emit",
    "emit_all",
    "enqueue",
    "erase_rows",
    "failed_rows",
    "failing_jobs",
    "finish_work",
    "is_beyond",
    "is_waiting",
    "job",
    "job_schedule",
    "late",
    "new_event",
    "on",
    "outbox",
    "registry",
    "rest",
    "revive",
    "wake_relays",
    "work",
]
