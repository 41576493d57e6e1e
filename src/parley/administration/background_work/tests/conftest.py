"""Work that fails in alice's project, in mallory's, and for the whole installation."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import delete, select, update

from parley.kernel.jobs import enqueue, job_schedule, outbox
from parley.kernel.services import Services

SECRET = "ada@example.com asked for a refund"

Fail = Callable[..., Awaitable[UUID]]


@pytest_asyncio.fixture
async def fail(services: Services) -> AsyncIterator[Fail]:
    """Store a piece of work that failed, and was given up unless told otherwise; return its id."""
    async with services.database.transaction() as db:
        await db.execute(delete(outbox))

    async def failed(project_id: int, name: str = "notifications.mail", **values: Any) -> UUID:
        error = f"SMTPRecipientsRefused: {SECRET}"
        state = {"attempts": 9, "dead_at": services.clock.now(), "last_error": error} | values
        async with services.database.transaction() as db:
            known = (await db.execute(select(outbox.c.id))).scalars().all()
            await enqueue(db, name, {"text": SECRET}, project_id=project_id, queue="mail")
            mine = outbox.c.id.not_in(known)
            await db.execute(update(outbox).where(mine).values(state))
            id: UUID = (await db.execute(select(outbox.c.id).where(mine))).scalar_one()
            return id

    yield failed
    async with services.database.transaction() as db:
        await db.execute(delete(outbox))


@pytest_asyncio.fixture
async def failing_job(services: Services) -> AsyncIterator[None]:
    """A job by the clock that fails."""
    row = {"name": "tickets.wake_snoozed", "due_at": services.clock.now(), "failures": 3}
    async with services.database.transaction() as db:
        await db.execute(delete(job_schedule).where(job_schedule.c.name == row["name"]))
        await db.execute(job_schedule.insert().values(**row, last_error=f"ValueError: {SECRET}"))
    yield
    async with services.database.transaction() as db:
        await db.execute(delete(job_schedule).where(job_schedule.c.name == row["name"]))


@pytest.fixture
def row_of(services: Services) -> Callable[[UUID], Awaitable[Any]]:
    """Return the outbox's row of some work."""

    async def found(id: UUID) -> Any:
        async with services.database.transaction(write=False) as db:
            return (await db.execute(select(outbox).where(outbox.c.id == id))).one()

    return found


@pytest.fixture
def show(api: httpx.AsyncClient) -> Callable[[], Awaitable[dict[str, Any]]]:
    """Return what alice is shown through the API."""

    async def shown() -> dict[str, Any]:
        answer = await api.get("/api/organizations/@current/background_work/")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return shown
