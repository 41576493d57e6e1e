"""Random merges, un-merges and messages against a model in plain Python: nothing is lost, and all can be taken back."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from parley.conversations.ticket_changes.tables import ticket_ledger
from parley.conversations.tickets.rules.fields import STATUSES
from parley.conversations.tickets.tables import comment, ticket
from parley.conversations.tickets.tests.factories import Desk
from parley.kernel.database.database import Database
from tests.effort import examples

N_TICKETS = 5
Step = tuple[str, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("merge", "merge", "unmerge", "say", "note")),
        st.integers(0, N_TICKETS - 1),
        st.integers(0, N_TICKETS - 1),
    ),
    max_size=14,
)
OPENED: Sequence[dict[str, Any]] = (
    {"status": "resolved", "tags": ["a"], "message": "0", "email": "a@example.com", "distinct_id": "a"},
    {"status": "open", "tags": ["a", "b"], "message": "1", "email": "b@example.com", "distinct_id": "b"},
    {"status": "resolved", "tags": ["c"], "email": "c@example.com", "distinct_id": "c"},
    {"status": "pending", "tags": ["b", "c"], "message": "3", "email": "b@example.com", "distinct_id": "b"},
    {"status": "new", "tags": [], "message": "4", "email": "e@example.com", "distinct_id": "e"},
)
KEPT = ("status", "tags", "cc_participants", "unread_team_count", "merged_ticket_numbers")


class Model:
    """What is merged into what, and to which ticket each message was addressed."""

    def __init__(self, desk: Desk, tickets: Sequence[dict[str, Any]]) -> None:
        self.desk, self.tickets = desk, tickets
        self.into: dict[int, int] = {}
        self.homes: dict[str, int] = {}

    def root(self, index: int) -> int:
        """Return what a ticket is part of."""
        while index in self.into:
            index = self.into[index]
        return index

    async def take(self, step: Step) -> None:
        """Do one thing, and check that it is allowed just when it should be."""
        kind, one, other = step
        path = f"{self.desk.tickets}{self.tickets[one]['id']}/"
        if kind in ("say", "note"):
            words = f"message {len(self.homes)}"
            said = await self.desk.say(self.tickets[one], words, is_private=kind == "note")
            self.homes[said["id"]] = one
        elif kind == "merge":
            answer = await self.desk.client.post(f"{path}merge/", json={"into": self.tickets[other]["id"]})
            there = self.root(other)
            may = one != there and one != other and (one not in self.into or self.root(one) == there)
            assert answer.status_code == (200 if may else 400), answer.text
            if may and one not in self.into:
                self.into[one] = there
        else:
            answer = await self.desk.client.post(f"{path}unmerge/")
            if one in self.into:
                assert answer.json()["id"] == self.tickets[one]["id"], answer.text
                del self.into[one]
            else:
                # The latest one: dictionaries remember the order.
                inside = [merged for merged, target in self.into.items() if target == one]
                assert answer.status_code == (200 if inside else 400), answer.text
                if inside:
                    assert answer.json()["id"] == self.tickets[inside[-1]]["id"]
                    del self.into[inside[-1]]

    async def check(self, database: Database) -> None:
        """Compare what is stored with the model, counters with recounts, and the ledger with the tickets."""
        ids = {UUID(one["id"]): index for index, one in enumerate(self.tickets)}
        mine = self.desk.project.id
        async with database.transaction(write=False) as db:
            rows: Any = await db.execute(select(ticket).where(ticket.c.project_id == mine))
            stored = {row.id: row for row in rows}
            words: Any = await db.execute(select(comment).where(comment.c.project_id == mine))
            written = [row for row in words if row.ticket_id in ids]
            [ledger] = await db.execute(select(ticket_ledger).where(ticket_ledger.c.project_id == mine))
        assert {str(row.id): ids[row.ticket_id] for row in written} == {
            id: self.root(home) for id, home in self.homes.items()
        }
        for id, index in ids.items():
            row = stored[id]
            assert (row.deleted_at is not None) == row.is_merged == (index in self.into)
            if index not in self.into:
                here = [one for one in written if one.ticket_id == id]
                public = [one.created_at for one in here if not one.is_private]
                assert row.message_count == len(public)
                assert row.last_message_at == max(public, default=None)
                inside = [n for n in range(N_TICKETS) if n != index and self.root(n) == index]
                assert row.merged_numbers == sorted(self.tickets[n]["ticket_number"] for n in inside)
        live = [row for row in stored.values() if row.deleted_at is None]
        assert Counter(row.status for row in live) == Counter(
            {status: n for status in STATUSES if (n := getattr(ledger, f"n_{status}"))}
        )
        assert sum(stored[id].unread_team_count for id, n in ids.items() if n not in self.into) == 4


async def play(desk: Desk, database: Database, steps: Sequence[Step]) -> None:
    """Take the steps on fresh tickets, then undo every merge, and find the tickets as they were."""
    tickets = [await desk.open(**fields) for fields in OPENED]
    model = Model(desk, tickets)
    for index, one in enumerate(tickets):
        found = (await desk.client.get(f"{desk.tickets}{one['id']}/messages/")).json()["results"]
        model.homes |= {message["id"]: index for message in found}
    for step in steps:
        await model.take(step)
        await model.check(database)
    for index in sorted(model.into):
        await model.take(("unmerge", index, index))
    await model.check(database)
    listed = {one["id"]: one for one in (await desk.listed())["results"]}
    for one in tickets:
        assert {name: listed[one["id"]][name] for name in KEPT} == {name: one[name] for name in KEPT}


async def test_whatever_is_merged_can_be_taken_apart_in_any_order(desk, database):
    loop = asyncio.get_running_loop()

    @settings(max_examples=examples(10), suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def try_out(steps: list[Step]) -> None:
        asyncio.run_coroutine_threadsafe(play(desk, database, steps), loop).result(120)

    await asyncio.to_thread(try_out)
