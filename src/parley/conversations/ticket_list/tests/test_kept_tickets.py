"""The JSON of tickets that a list keeps is never old: whatever happens, it says what the rows say."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update

from parley.accounts.users.tables import user_account
from parley.conversations.snoozes.actions import wake_due
from parley.conversations.ticket_api.queries.written import kept_tickets
from parley.conversations.ticket_list.queries.readers import FirstPageReader
from parley.conversations.ticket_list.queries.selects import Part
from parley.conversations.ticket_list.rules.orders import LATEST_FIRST
from parley.conversations.tickets.tables import comment, ticket, ticket_tag
from parley.kernel.ids import new_uuid
from parley.people.persons.tables import person, person_distinct_id
from tests.cast import Member
from tests.effort import examples

N_TICKETS = 4
HERE = "/api/projects/@current/conversations/"
ASKED: Sequence[dict[str, str]] = (
    {},
    {"status": "open"},
    {"status": "new,open,pending,resolved", "order_by": "created_at"},
    {"order_by": "snoozed_until"},
    {"limit": "2"},
)
# Every ticket is that young, so each list by status is also one of a filter, which is read from the rows.
SINCE = {"date_from": "2000-01-01"}

AT = datetime(2025, 1, 1, tzinfo=UTC)
WRITTEN = (
    "channel_detail", "escalation_reason", "last_message_text", "session_id", "email_subject", "email_from", "email_to",
    "slack_channel_id", "slack_thread_ts", "slack_team_id",
)  # fmt: skip


def results(answer: httpx.Response) -> str:
    """Return the JSON of the tickets of a list, byte for byte."""
    assert answer.status_code == 200, answer.text
    return answer.text.partition('"results":')[2]


async def check_lists(*clients: httpx.AsyncClient) -> None:
    """Compare each list as it is kept, asked for twice, with the rows."""
    for client in clients:
        for query in ASKED:
            first, again, whole = [
                await client.get(f"{HERE}tickets/", params=params)
                for params in (query, query, {**query, **SINCE})
            ]
            assert results(first) == results(again) == results(whole), query
            assert first.json()["count"] == again.json()["count"] == whole.json()["count"]


class Day:
    """What happens to the tickets of a project; each thing is safe to try at any time."""

    def __init__(self, desk, alice, customer, services, clock, role_id: str) -> None:
        self.desk, self.alice, self.customer, self.services = desk, alice, customer, services
        self.clock, self.role_id = clock, role_id
        self.n = 0

    async def begin(self) -> None:
        self.ids = [
            (await self.desk.open(distinct_id=f"d{n}", message="Hello", tags=["vip"][: n % 2]))["id"]
            for n in range(N_TICKETS)
        ]

    async def post(self, path: str, **body: Any) -> None:
        answer = await self.alice.client.post(path, json=body)
        assert answer.status_code < 500, answer.text

    async def patch(self, at: int, **fields: Any) -> None:
        answer = await self.alice.client.patch(f"{self.desk.tickets}{self.ids[at]}/", json=fields)
        assert answer.status_code < 500, answer.text

    async def take(self, kind: str, at: int, other: int) -> None:
        """Let one thing happen."""
        self.n += 1
        word = f"word{self.n}"
        if kind in OF_TICKET:
            await self.to_ticket(kind, at, other, word)
        elif kind in OF_MANY:
            await self.to_many(kind, at, other, word)
        else:
            await self.to_people(kind, at, other, word)

    async def to_ticket(self, kind: str, at: int, other: int, word: str) -> None:
        path = f"{self.desk.tickets}{self.ids[at]}/"
        match kind:
            case "reply":
                await self.post(f"{path}reply/", message=word)
            case "message":
                await self.customer.write(word, traits={"name": word}, distinct_id=f"d{at}")
            case "status":
                await self.patch(at, status=("open", "resolved", "pending")[other % 3])
            case "tags":
                await self.patch(at, tags=[word, "vip"][: other % 3])
            case "assign":
                user = {"type": "user", "id": self.alice.user_id}
                await self.patch(at, assignee=(user, {"type": "role", "id": self.role_id}, None)[other % 3])
            case "snooze":
                await self.patch(at, snoozed_until=(self.clock.now() + timedelta(minutes=5)).isoformat())
            case "merge":
                await self.post(f"{path}merge/", into=self.ids[other])
            case "split":
                said = (await self.alice.client.get(f"{path}messages/")).json().get("results", [])
                await self.post(f"{path}split/", message_ids=[one["id"] for one in said][-1:])
            case "delete":
                await self.alice.client.delete(path)
            case "read":
                await self.alice.client.get(path)
            case _:
                await self.post(f"{path}{kind}/")

    async def to_many(self, kind: str, at: int, other: int, word: str) -> None:
        those = {"ids": [self.ids[at], self.ids[other]]}
        match kind:
            case "bulk":
                await self.post(f"{self.desk.tickets}bulk_update_priority/", **those, priority="high")
                await self.post(
                    f"{self.desk.tickets}bulk_update_tags/", **those, action="add", tags=[word, "vip"]
                )
            case "undo":
                made = await self.alice.client.get(f"{HERE}bulk_changes/")
                for one in made.json()["results"][:1]:
                    await self.post(f"{HERE}bulk_changes/{one['id']}/undo/")
            case "rename tag":
                await self.post(f"{HERE}tags/rename/", name="vip", to=word)
            case "wake":
                self.clock.advance(timedelta(minutes=6))
                async with self.services.database.transaction() as db:
                    await wake_due(db, self.services, self.clock.now())

    async def to_people(self, kind: str, at: int, other: int, word: str) -> None:
        match kind:
            case "person":
                await self.capture("$set", f"d{at}", {"$set": {"name": word, "email": f"{word}@example.com"}})
            case "identify":
                await self.capture("$identify", f"d{at}", {"$anon_distinct_id": word})
            case "merge persons":
                await self.capture("$create_alias", f"d{at}", {"alias": f"d{other}"})
            case "role":
                url = f"/api/organizations/@current/roles/{self.role_id}/"
                assert (await self.alice.client.patch(url, json={"name": word})).status_code == 200
            case "erase":
                query = {"distinct_id": f"d{at}", "confirm_linked": "true"}
                await self.alice.client.delete("/api/projects/@current/personal_data/", params=query)
                self.ids[at] = (await self.desk.open(distinct_id=f"d{at}", message="Again"))["id"]

    async def capture(self, event: str, distinct_id: str, properties: dict[str, Any]) -> None:
        body = {"event": event, "distinct_id": distinct_id, "properties": properties}
        await self.post("/batch/", api_key=self.desk.project.api_token, batch=[body])


OF_TICKET = (
    "message", "reply", "status", "tags", "assign", "merge", "unmerge", "split", "delete", "restore", "snooze", "read",
    "mark_unread",
)  # fmt: skip
OF_MANY = ("wake", "bulk", "undo", "rename tag")
KINDS = (*OF_TICKET, *OF_MANY, "person", "identify", "merge persons", "role", "erase")
STEPS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, N_TICKETS - 1), st.integers(0, N_TICKETS - 1)),
    min_size=4,
    max_size=10,
)


@pytest.fixture
async def day(desk, alice, customer, services, clock):
    answer = await alice.client.post("/api/organizations/@current/roles/", json={"name": "Second line"})
    made = Day(desk, alice, customer, services, clock, answer.json()["id"])
    await made.begin()
    return made


async def play(day: Day, steps: Sequence[tuple[str, int, int]], *clients: httpx.AsyncClient) -> None:
    await check_lists(*clients)
    for step in steps:
        await day.take(*step)
        await check_lists(*clients)


async def test_whatever_happens_a_list_says_what_the_rows_say(day, alice, bob):
    loop = asyncio.get_running_loop()

    @settings(max_examples=examples(6), deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def try_out(steps: list[tuple[str, int, int]]) -> None:
        playing = play(day, steps, alice.client, bob.client)
        asyncio.run_coroutine_threadsafe(playing, loop).result(120)

    await asyncio.to_thread(try_out)


async def test_each_thing_that_happens_is_in_the_list_at_once(day, alice):
    before = ""
    for kind in KINDS:
        await play(day, [(kind, 0, 1)], alice.client)
        after = results(await alice.client.get(day.desk.tickets))
        assert after != before, kind
        before = after


async def test_each_column_that_a_list_shows_is_in_it_at_once_whoever_writes_it(desk, alice, database):
    user = {"type": "user", "id": alice.user_id}
    event = {"event": "$set", "distinct_id": "d", "properties": {"$set": {"name": "Dee"}}}
    captured = {"api_key": desk.project.api_token, "batch": [event]}
    assert (await alice.client.post("/batch/", json=captured)).status_code == 200
    opened = await desk.open(distinct_id="d", message="Hello", tags=["a"], assignee=user)
    project_id, id, person_id = alice.project_id, UUID(opened["id"]), UUID(opened["person"]["id"])
    before = results(await alice.client.get(desk.tickets))
    for change in [*changes_of_ticket(project_id, id), *changes_beside(project_id, id, person_id, alice)]:
        async with database.transaction() as db:
            await db.execute(change)
        await check_lists(alice.client)
        after = results(await alice.client.get(desk.tickets))
        assert after != before, str(change)
        before = after


def changes_of_ticket(project_id: int, id: UUID) -> list[Any]:
    this = update(ticket).where(ticket.c.project_id == project_id, ticket.c.id == id)
    names = sorted(WRITTEN)
    objects = [this.values({name: {"name": "x"}}) for name in ("anonymous_traits", "session_context")]
    lists = [this.values(cc_participants=["c@example.com"]), this.values(merged_numbers=[8])]
    counts = ("message_count", "unread_team_count", "unread_customer_count")
    times = ("created_at", "last_message_at", "sla_due_at", "snoozed_until", "updated_at")
    return [
        *(this.values({name: "x"}) for name in names),
        *objects,
        *lists,
        *(this.values({name: 7}) for name in counts),
        *(this.values({name: AT}) for name in times),
        this.values(identity_verified=True),
        this.values(ai_resolved=True),
        this.values(priority="low"),
    ]


def changes_beside(project_id: int, id: UUID, person_id: UUID, member: Member) -> list[Any]:
    tagged = delete(ticket_tag).where(ticket_tag.c.project_id == project_id, ticket_tag.c.ticket_id == id)
    whose = update(person).where(person.c.project_id == project_id, person.c.id == person_id)
    of_person = (person_distinct_id.c.project_id == project_id, person_distinct_id.c.distinct_id == "e")
    known = {"project_id": project_id, "distinct_id": "e", "person_id": person_id, "created_at": AT}
    renamed = update(user_account).where(user_account.c.id == member.user_id)
    assigned = update(ticket).where(ticket.c.project_id == project_id, ticket.c.id == id)
    return [
        insert(ticket_tag).values(project_id=project_id, ticket_id=id, name="b"),
        tagged.where(ticket_tag.c.name == "a"),
        whose.values(properties={"email": "new@example.com"}),
        whose.values(is_identified=True),
        whose.values(created_at=AT),
        insert(person_distinct_id).values(known),
        update(person_distinct_id).where(*of_person).values(created_at=datetime(2036, 1, 1, tzinfo=UTC)),
        delete(person_distinct_id).where(*of_person),
        renamed.values(email=f"{new_uuid()}@example.com"),
        assigned.values(assignee_user_id=None),
        assigned.values(distinct_id="somebody else"),
    ]


async def test_tickets_of_two_projects_with_one_id_are_two(desk, alice, mallory, database):
    opened = await desk.open(distinct_id="d", message="Ours")
    theirs = await mallory.client.post(f"{HERE}tickets/", json={"distinct_id": "d", "message": "Theirs"})
    whose = update(comment).where(comment.c.project_id == mallory.project_id)
    there = update(ticket).where(ticket.c.project_id == mallory.project_id)
    async with database.transaction() as db:
        await db.execute(whose.values(ticket_id=None))
        await db.execute(there.values(id=UUID(opened["id"])))
        # Both are of one transaction now, so that nothing but the project tells them apart.
        await db.execute(update(ticket).where(ticket.c.id == UUID(opened["id"])).values(priority="low"))
    assert theirs.status_code == 201
    for _ in range(2):
        for client, said in ((alice.client, "Ours"), (mallory.client, "Theirs")):
            [shown] = (await client.get(f"{HERE}tickets/")).json()["results"]
            assert (shown["id"], shown["last_message_text"]) == (opened["id"], said)


async def test_everybody_sees_their_own_level(day, alice, bob):
    path = f"{HERE}tickets/"
    levels: dict[str, list[set[str]]] = {}
    for member in (alice, bob, alice, bob):
        shown = (await member.client.get(path)).json()["results"]
        levels.setdefault(member.email, []).append({one["user_access_level"] for one in shown})
    assert list(levels.values()) == [[{"manager"}] * 2, [{"editor"}] * 2]


async def test_nothing_of_an_erased_person_is_kept(day, alice, services):
    await day.capture("$set", "d1", {"$set": {"name": "Grace Hopper"}})
    await alice.client.get(f"{HERE}tickets/")
    await alice.client.get(f"{HERE}tickets/")
    await day.take("erase", 1, 1)
    assert "Grace Hopper" not in repr(vars(services.recent_tickets))


async def test_tickets_that_change_while_a_list_is_read_are_not_taken_for_those_of_the_list(desk, services):
    if services.database.dialect == "sqlite":
        return  # reads a page with one statement
    project_id, id = desk.project.id, (await desk.open())["id"]
    reader = FirstPageReader(services.database, project_id, only_versions=True)
    for change in (desk.change(id, status="pending"), desk.delete(id)):
        await services.recent_tickets.clear()
        rows = await reader.rows(Part(LATEST_FIRST, (), False), 10, {})
        assert await kept_tickets(services, project_id, "manager", rows) is not None
        await services.recent_tickets.clear()
        await change
        assert await kept_tickets(services, project_id, "manager", rows) is None


async def test_a_list_is_of_one_moment_while_64_change_its_tickets(day, alice, desk):
    """Each ticket has the status of its list, and no ticket is there twice, however many change at the same time."""

    async def changing(n: int) -> None:
        for turn in range(3):
            await day.patch(n % N_TICKETS, status=("open", "resolved")[(n + turn) % 2])

    async def reading() -> None:
        while not all(task.done() for task in tasks):
            for status in ("open", "resolved"):
                shown = (await desk.listed(status=status))["results"]
                assert {one["status"] for one in shown} <= {status}
                assert len({one["id"] for one in shown}) == len(shown)

    tasks = [asyncio.create_task(changing(n)) for n in range(64)]
    await asyncio.gather(reading(), reading(), *tasks)
    await check_lists(alice.client)
