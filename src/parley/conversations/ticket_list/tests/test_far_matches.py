"""Filtered lists of a project in which the matches lie far apart, or all at one end."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from parley.conversations.ticket_changes.tables import ticket_ledger
from parley.conversations.ticket_list.queries.strategy import REACH
from parley.conversations.tickets.tables import ticket, ticket_tag
from parley.conversations.tickets.tests.factories import Desk

N = REACH + 700
COLUMNS = (
    "project_id", "id", "number", "status", "priority", "channel_source", "distinct_id", "widget_session_id",
    "anonymous_traits", "session_context", "ai_resolved", "message_count", "unread_team_count",
    "unread_customer_count", "sla_due_at", "cc_participants", "created_at", "updated_at",
)  # fmt: skip
NEWEST = range(N, 0, -1)


def status_of(number: int) -> str:
    return "new" if number % 50 == 0 else "open"


def priority_of(number: int) -> str:
    return "low" if number % 3 else "high"


def channel_of(number: int) -> str:
    return "github" if number == 7 else "widget"


def tags_of(number: int) -> list[str]:
    """All tickets that are tagged with `early` are among the first; `late` is on each of the last."""
    return [name for name, has in (("early", number <= 130), ("late", number > N - 200)) if has]


CASES: list[tuple[dict[str, str], list[int]]] = [
    ({"tags": '["early"]'}, [n for n in NEWEST if n <= 130]),
    ({"tags": '["early"]', "order_by": "created_at"}, list(range(1, 131))),
    ({"tags": '["late"]', "order_by": "created_at"}, list(range(N - 199, N + 1))),
    ({"tags": '["late"]', "order_by": "ticket_number"}, list(range(N - 199, N + 1))),
    ({"tags": '["late"]'}, [n for n in NEWEST if n > N - 200]),
    ({"tags": '["nowhere"]'}, []),
    ({"tags_all": '["early", "late"]'}, []),
    ({"tags": '["early", "late"]', "status": "new"}, [n for n in NEWEST if n % 50 == 0 and tags_of(n)]),
    ({"channel_source": "github"}, [7]),
    ({"channel_source": "github", "order_by": "-sla_due_at"}, [7]),
    ({"distinct_id": "d77"}, [n for n in NEWEST if "77" in str(n)[:2]]),
    ({"status": "new,open", "priority": "high", "tags": '["early"]'}, [n for n in NEWEST if n % 3 == 0 and n <= 130]),
    ({"tags": '["early"]', "order_by": "sla_due_at"}, [*range(10, 131, 10), *(n for n in NEWEST if n <= 130 and n % 10)]),
]  # fmt: skip


@pytest.fixture
async def long_desk(desk: Desk, database, clock) -> Desk:
    """A project with more tickets than a list walks through; the n-th changed n seconds after the first."""
    start = clock.now() - timedelta(days=1)
    rows: list[tuple[Any, ...]] = []
    tags: list[dict[str, Any]] = []
    for n in range(1, N + 1):
        at, id = start + timedelta(seconds=n), uuid4()
        due = at + timedelta(hours=5) if n % 10 == 0 else None
        rows.append(
            (desk.project.id, id, n, status_of(n), priority_of(n), channel_of(n), f"d{n}", uuid4(), {}, {}, False, 0, 0, 0,
             due, [], at, at)
        )  # fmt: skip
        tags += ({"project_id": desk.project.id, "ticket_id": id, "name": name} for name in tags_of(n))
    async with database.transaction() as db:
        await db.execute(ticket.insert(), [dict(zip(COLUMNS, row, strict=True)) for row in rows])
        await db.execute(ticket_tag.insert(), tags)
        await db.execute(ticket_ledger.insert().values(project_id=desk.project.id, last_number=N))
    return desk


async def followed(desk: Desk, query: dict[str, str]) -> tuple[list[int], set[int]]:
    """Return the numbers of all pages, and what they said of the count."""
    numbers: list[int] = []
    page = await desk.listed(limit=60, **query)
    counts = {page["count"]}
    while True:
        numbers += [one["ticket_number"] for one in page["results"]]
        if page["next"] is None:
            return numbers, counts
        page = (await desk.client.get(page["next"])).json()
        counts.add(page["count"])


async def test_matches_are_listed_wherever_they_lie(long_desk):
    for query, numbers in CASES:
        assert await followed(long_desk, query) == (numbers, {len(numbers)}), query
        page = await long_desk.listed(limit=25, offset=40, **query)
        assert [one["ticket_number"] for one in page["results"]] == numbers[40:65], query
        assert page["count"] == len(numbers), query
