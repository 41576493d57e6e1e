"""Background work on the wire. Nothing here says what the work is made of: payloads hold what customers wrote."""

from datetime import datetime
from uuid import UUID

import msgspec

from parley.integrations.webhooks.schemas import FailingEndpoint


class QueueOut(msgspec.Struct, frozen=True, kw_only=True):
    """How much is in one queue. `oldest_waiting_s` is for how long the first that is due waits for its turn."""

    queue: str
    waiting: int
    retried: int
    dead: int
    oldest_waiting_s: float


class FailedWorkOut(msgspec.Struct, frozen=True, kw_only=True):
    """Work that failed: it is tried again at `next_attempt_at`, or was given up at `given_up_at`.

    `project_id` is null for work of the whole installation.
    """

    id: UUID
    project_id: int | None
    queue: str
    name: str
    description: str
    attempts: int
    last_error: str
    created_at: datetime
    next_attempt_at: datetime | None
    given_up_at: datetime | None


class FailingJobOut(msgspec.Struct, frozen=True, kw_only=True):
    """A job by the clock whose last runs failed; it runs again by itself."""

    name: str
    description: str
    failures: int
    last_error: str


class BackgroundWorkOut(msgspec.Struct, frozen=True, kw_only=True):
    """What waits and what fails. Of `work` there are a hundred pieces at most; `queues` count all."""

    queues: list[QueueOut]
    work: list[FailedWorkOut]
    jobs: list[FailingJobOut]
    webhooks: list[FailingEndpoint]


class RetryRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which work to try again; all that failed where no `work_id` is given."""

    work_id: UUID | None = None


class Retried(msgspec.Struct, frozen=True):
    """How many pieces of work are tried again now."""

    retried: int
