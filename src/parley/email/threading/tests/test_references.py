"""Message ids in the database, through merges, splits and deletions."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from parley.conversations.tickets.queries.tickets import locked_ticket
from parley.email.threading.actions import remember_received, remember_sent
from parley.email.threading.queries import known_reference, message_ids_of, ticket_id_of_number
from parley.kernel.errors import NotFound

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Threads:
    """Mails that are remembered and looked for in one project."""

    def __init__(self, database, project):
        self.database, self.project_id = database, project.id
        self.at = AT

    async def received(self, ticket_id, message_id, named=(), comment_id=None):
        self.at += timedelta(seconds=1)
        async with self.database.transaction() as db:
            await remember_received(
                db, self.project_id, UUID(str(ticket_id)), comment_id or uuid4(), message_id, named, self.at
            )

    async def sent(self, ticket_id, comment_id, message_id):
        self.at += timedelta(seconds=1)
        async with self.database.transaction() as db:
            await remember_sent(
                db, self.project_id, UUID(str(ticket_id)), UUID(str(comment_id)), message_id, self.at
            )

    async def find(self, *ids):
        """Return where an answer to these ids goes: the number of a ticket, `deleted`, or None."""
        async with self.database.transaction() as db:
            found = await known_reference(db, self.project_id, ids)
            if found is None:
                return None
            try:
                return (await locked_ticket(db, self.project_id, found.ticket_id)).number
            except NotFound:
                return "deleted"

    async def headers(self, ticket_id):
        async with self.database.transaction() as db:
            return await message_ids_of(db, self.project_id, UUID(str(ticket_id)))


@pytest.fixture
def threads(database, project):
    return Threads(database, project)


async def test_an_answer_finds_its_ticket_by_any_id_of_the_thread(threads, desk):
    one, two = await desk.open(message="a"), await desk.open(message="b")
    await threads.received(one["id"], "<1@x>", ["<never-seen@x>"])
    await threads.received(two["id"], "<2@x>")
    assert await threads.find("1@x") == 1
    assert await threads.find("<unknown@x>", "<2@x>", "<1@x>") == 2
    assert await threads.find("never-seen@x") == 1
    assert await threads.find() is None
    assert await threads.find("1@X") is None


async def test_a_mail_that_is_here_counts_before_one_that_is_only_named(threads, desk):
    one, two = await desk.open(message="a"), await desk.open(message="b")
    await threads.received(one["id"], "<forged@x>", ["<later@x>"])
    await threads.received(two["id"], "<2@x>")
    assert await threads.find("<later@x>", "<2@x>") == 2
    await threads.received(two["id"], "<later@x>")
    assert await threads.find("<later@x>") == 2
    await threads.received(one["id"], "<later@x>", ["<2@x>"])
    assert [await threads.find("<later@x>"), await threads.find("<2@x>")] == [2, 2]


async def test_ids_are_known_in_their_project_only(threads, desk, mallory, database):
    one = await desk.open(message="a")
    await threads.received(one["id"], "<1@x>")
    foreign = Threads(database, mallory.project)
    assert await foreign.find("1@x") is None


async def test_an_answer_goes_where_its_message_is(threads, desk):
    one, two = await desk.open(message="a"), await desk.open(message="b")
    said = await desk.say(one, "moves")
    await threads.sent(one["id"], said["id"], "moves@x")
    await threads.received(two["id"], "<2@x>")
    path = f"{desk.tickets}{one['id']}/"
    new = (await desk.client.post(f"{path}split/", json={"message_ids": [said["id"]]})).json()
    assert await threads.find("moves@x") == new["ticket_number"]
    await desk.client.post(f"{path}merge/", json={"into": two["id"]})
    assert [await threads.find("moves@x"), await threads.find("<2@x>")] == [3, 2]
    assert (await threads.headers(two["id"])).ids == ["moves@x", "2@x"]
    await desk.delete(new["id"])
    assert await threads.find("moves@x") == "deleted"
    await desk.client.post(f"{desk.tickets}{new['id']}/restore/")
    assert await threads.find("moves@x") == 3


async def test_an_answer_names_every_mail_of_its_thread(threads, desk):
    one = await desk.open(message="a")
    said = await desk.say(one, "b")
    await threads.received(one["id"], "<1@x>", ["<0@x>", "<1@x>"])
    await threads.sent(one["id"], said["id"], "b@x")
    found = await threads.headers(one["id"])
    assert (found.ids, found.latest_received) == (["0@x", "1@x", "b@x"], "1@x")
    assert (await threads.headers(uuid4())).ids == []


async def test_a_number_finds_deleted_tickets_too(threads, desk, database):
    one = await desk.open(message="a")
    await desk.delete(one["id"])
    async with database.transaction() as db:
        assert await ticket_id_of_number(db, threads.project_id, 1) == UUID(one["id"])
        assert await ticket_id_of_number(db, threads.project_id, 2**40) is None
        assert await ticket_id_of_number(db, threads.project_id, 2) is None


@pytest.mark.parametrize("seed", [1, 2])
async def test_random_threads_agree_with_a_model(threads, desk, seed):
    """The model knows where each mail was written, what was split off, and what is merged or deleted."""
    dice = random.Random(seed)
    tickets = [await desk.open(message=f"t{n}") for n in range(4)]
    place: dict[str, int] = {}
    into: dict[int, int] = {}
    gone: set[int] = set()

    def root(number):
        while number in into:
            number = into[number]
        return number

    for step in range(30):
        one, other = dice.sample(range(1, 5), 2)
        path = f"{desk.tickets}{tickets[one - 1]['id']}/"
        kind = dice.choice(["mail", "mail", "mail", "merge", "unmerge", "delete", "restore"])
        if kind == "mail" and root(one) not in gone:
            said = await desk.say(tickets[root(one) - 1], f"m{step}")
            await threads.sent(tickets[one - 1]["id"], said["id"], f"{step}@x")
            # It was written on the root, so that is where it stays when the others leave.
            place[f"{step}@x"] = root(one)
        elif kind == "merge" and not {one, root(other)} & ({*into} | gone) and one != root(other):
            await desk.client.post(f"{path}merge/", json={"into": tickets[other - 1]["id"]})
            into[one] = root(other)
        elif kind == "unmerge" and one in into and root(one) not in gone:
            assert (await desk.client.post(f"{path}unmerge/")).status_code == 200
            del into[one]
        elif kind == "delete" and one not in into and one not in gone:
            await desk.delete(tickets[one - 1]["id"])
            gone.add(one)
        elif kind == "restore" and one in gone:
            await desk.client.post(f"{path}restore/")
            gone.remove(one)
        for id, number in place.items():
            expected = "deleted" if root(number) in gone else root(number)
            assert await threads.find(id) == expected, (step, kind, id)
