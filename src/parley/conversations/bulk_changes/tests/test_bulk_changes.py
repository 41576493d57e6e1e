"""Many tickets at once: their status, and their tags."""

import asyncio
from uuid import uuid4

import pytest

from parley.conversations.tickets.tests.factories import Desk
from parley.kernel.database.transaction import Db


async def opened(desk, count=3, **fields):
    """Open tickets; return their ids."""
    return [(await desk.open(**fields))["id"] for _ in range(count)]


async def move(desk, ids, status="pending"):
    return await desk.client.post(f"{desk.tickets}bulk_update_status/", json={"ids": ids, "status": status})


async def tag(desk, ids, action, *tags):
    body = {"ids": ids, "action": action, "tags": tags}
    return await desk.client.post(f"{desk.tickets}bulk_update_tags/", json=body)


async def tags_of(desk):
    """Return the tags of the tickets, by number."""
    return {one["ticket_number"]: one["tags"] for one in (await desk.listed())["results"]}


async def logged(desk, id):
    """Return the changes that the log has of a ticket, oldest first."""
    query = {"scope": "Ticket", "item_id": id}
    answer = await desk.client.get(f"/api/projects/{desk.project.id}/activity_log/", params=query)
    return [change for entry in reversed(answer.json()["results"]) for change in entry["detail"]["changes"]]


async def test_tickets_get_a_status_together(desk):
    ids = await opened(desk)
    await desk.change(2, status="pending")
    answer = await move(desk, [*ids, ids[0]])
    assert (answer.status_code, answer.json()) == (200, {"updated": 2, "ids": [ids[0], ids[2]]})
    assert {one["status"] for one in (await desk.listed())["results"]} == {"pending"}
    counts = [(await desk.listed(status=status))["count"] for status in ("new", "pending")]
    assert counts == [0, 3]
    assert (await move(desk, ids)).json() == {"updated": 0, "ids": []}
    changes = await logged(desk, ids[0])
    assert [(one["field"], one["before"], one["after"]) for one in changes] == [("status", "new", "pending")]


async def test_tickets_of_all_statuses_are_counted_right(desk):
    for status in ("new", "open", "pending", "on_hold", "resolved"):
        await opened(desk, 2, status=status)
    ids = [one["id"] for one in (await desk.listed())["results"]]
    assert (await move(desk, ids[:7], "resolved")).json()["updated"] == 5
    for status in ("new", "open", "pending", "on_hold", "resolved"):
        page = await desk.listed(status=status)
        assert page["count"] == len(page["results"])
    assert (await desk.listed())["count"] == 10


async def test_resolving_together_takes_messages_off_the_unread_count(desk):
    ids = await opened(desk, message="Hello")
    assert await desk.unread() == 3
    await move(desk, ids, "resolved")
    assert await desk.unread() == 0


async def test_a_ticket_that_keeps_its_status_keeps_its_time(desk):
    ids = await opened(desk, 2)
    before = {one["id"]: one["updated_at"] for one in (await desk.listed())["results"]}
    await move(desk, ids[:1])
    after = {one["id"]: one["updated_at"] for one in (await desk.listed())["results"]}
    assert (after[ids[0]] > before[ids[0]], after[ids[1]] == before[ids[1]]) == (True, True)


async def test_tickets_of_others_and_deleted_ones_are_passed_over(desk, mallory):
    theirs = Desk(mallory, mallory.project)
    foreign = (await theirs.open(tags=["theirs"]))["id"]
    mine, gone = await opened(desk, 2)
    await desk.delete(2)
    ids = [foreign, gone, str(uuid4()), mine]
    assert (await move(desk, ids)).json() == {"updated": 1, "ids": [mine]}
    answer = (await tag(desk, ids, "add", "one")).json()
    assert answer["updated"] == [{"id": mine, "tags": ["one"]}]
    assert answer["skipped"] == [{"id": id, "reason": "Not found or no edit access"} for id in ids[:3]]
    there = await theirs.ticket(1)
    assert (there["status"], there["tags"]) == ("new", ["theirs"])


async def test_tags_are_added_taken_away_and_set(desk):
    ids = await opened(desk, 2)
    await desk.change(1, tags=["old"])
    answer = (await tag(desk, ids, "add", " New ", "new", "B")).json()
    assert answer == {
        "updated": [{"id": ids[0], "tags": ["b", "new", "old"]}, {"id": ids[1], "tags": ["b", "new"]}],
        "skipped": [],
    }
    await tag(desk, ids, "remove", "B", "never")
    assert await tags_of(desk) == {1: ["new", "old"], 2: ["new"]}
    await tag(desk, ids, "set", "z", "new")
    assert await tags_of(desk) == {1: ["new", "z"], 2: ["new", "z"]}
    await tag(desk, ids, "set")
    assert await tags_of(desk) == {1: [], 2: []}


async def test_each_tag_is_logged_once(desk):
    (id,) = await opened(desk, 1)
    before = (await desk.listed())["results"][0]["updated_at"]
    await tag(desk, [id], "remove", "a")
    assert (await desk.listed())["results"][0]["updated_at"] == before
    for action, names in (("add", "ab"), ("add", "ab"), ("remove", "b"), ("set", "a")):
        await tag(desk, [id], action, *names)
    assert [(one["action"], one["field"], one["before"], one["after"]) for one in await logged(desk, id)] == [
        ("created", "tag", None, "a"),
        ("created", "tag", None, "b"),
        ("deleted", "tag", "b", None),
    ]
    assert (await desk.listed())["results"][0]["updated_at"] > before


IDS = [str(uuid4())]


@pytest.mark.parametrize(
    ("path", "body", "attr"),
    [
        ("status", {"status": "open"}, "ids"),
        ("status", {"ids": [], "status": "open"}, "ids"),
        ("status", {"ids": None, "status": "open"}, "ids"),
        ("status", {"ids": "x", "status": "open"}, "ids"),
        ("status", {"ids": [*IDS, "x"], "status": "open"}, "ids__1"),
        ("status", {"ids": [5], "status": "open"}, "ids__0"),
        ("status", {"ids": [str(uuid4()) for _ in range(501)], "status": "open"}, "ids"),
        ("status", {"ids": IDS}, "status"),
        ("status", {"ids": IDS, "status": "closed"}, "status"),
        ("status", {"ids": IDS, "status": None}, "status"),
        ("tags", {"action": "add", "tags": ["a"]}, "ids"),
        ("tags", {"ids": [None], "action": "add", "tags": ["a"]}, "ids__0"),
        ("tags", {"ids": [str(uuid4()) for _ in range(501)], "action": "add", "tags": ["a"]}, "ids"),
        ("tags", {"ids": IDS, "tags": ["a"]}, "action"),
        ("tags", {"ids": IDS, "action": None, "tags": ["a"]}, "action"),
        ("tags", {"ids": IDS, "action": "drop", "tags": ["a"]}, "action"),
        ("tags", {"ids": IDS, "action": "set"}, "tags"),
        ("tags", {"ids": IDS, "action": "set", "tags": "a"}, "tags"),
        ("tags", {"ids": IDS, "action": "set", "tags": [["a"]]}, "tags__0"),
        ("tags", {"ids": IDS, "action": "add", "tags": []}, "tags"),
        ("tags", {"ids": IDS, "action": "remove", "tags": [" "]}, "tags"),
        ("tags", {"ids": IDS, "action": "add", "tags": [f"{n}" for n in range(101)]}, "tags"),
        ("tags", {"ids": IDS, "action": "add", "tags": ["fine", "x" * 256]}, "tags__1"),
        ("tags", {"ids": IDS, "action": "add", "tags": ["a\x00"]}, "tags"),
    ],
)
async def test_what_breaks_a_rule_is_refused_whole(desk, path, body, attr):
    answer = await desk.client.post(f"{desk.tickets}bulk_update_{path}/", json=body)
    error = answer.json()
    assert (answer.status_code, error["type"], error["attr"]) == (400, "validation_error", attr), error


async def test_tickets_times_tags_have_a_limit(desk):
    ids = [str(uuid4()) for _ in range(101)]
    names = [f"{n}" for n in range(100)]
    answer = await tag(desk, ids, "set", *names)
    assert (answer.status_code, "must not exceed" in answer.json()["detail"]) == (400, True)
    # What is named twice counts once.
    assert (await tag(desk, [*ids[:100], ids[0]], "add", *names[:99], "0")).status_code == 200


async def test_a_key_needs_to_write(desk, alice, cast):
    ids = await opened(desk, 1)
    reader, writer = [await cast.make_key(alice, [f"ticket:{action}"]) for action in ("read", "write")]
    for client, status in ((reader, 403), (writer, 200)):
        body = {"ids": ids, "status": "open"}
        assert (await client.post(f"{desk.tickets}bulk_update_status/", json=body)).status_code == status
        body = {"ids": ids, "action": "add", "tags": ["a"]}
        assert (await client.post(f"{desk.tickets}bulk_update_tags/", json=body)).status_code == status


async def test_open_pages_hear_of_each_ticket(desk, services):
    ids = await opened(desk, 2)
    async with services.live.subscription(f"project:{desk.project.id}") as notices:
        await move(desk, ids)
        await tag(desk, ids, "add", "a")
        heard = [notices.get_nowait() for _ in range(4)]
    assert {one.name for one in heard} == {"ticket.changed"}
    assert [one.data["number"] for one in heard[:2]] == [1, 2]


async def test_five_hundred_tickets_take_twelve_statements(desk, customer, monkeypatch):
    for _ in range(10):
        await asyncio.gather(*(customer.write("Hello") for _ in range(50)))
    ids = [one["id"] for one in (await desk.listed(limit=500))["results"]]
    n_run = []

    def counted(name):
        run = getattr(Db, name)

        async def count(self, *given, **values):
            n_run.append(name)
            return await run(self, *given, **values)

        monkeypatch.setattr(Db, name, count)

    for name in ("execute", "rows", "row", "each"):
        counted(name)
    assert (await move(desk, ids, "resolved")).json()["updated"] == 500
    assert len(n_run) <= 10  # and two that begin and end the transaction
    n_run.clear()
    assert len((await tag(desk, ids, "add", *"abcdefghij")).json()["updated"]) == 500
    assert len(n_run) <= 10
    n_run.clear()
    assert len((await tag(desk, ids, "set", "z")).json()["updated"]) == 500
    assert len(n_run) <= 10
    assert (await desk.listed(status="resolved"))["count"] == 500


async def test_many_at_once_change_the_same_tickets_without_waiting_for_each_other(desk):
    ids = await opened(desk, 20)
    statuses = ("open", "pending", "resolved", "on_hold")
    orders = [ids if n % 2 else ids[::-1] for n in range(8)]
    answers = await asyncio.gather(
        *(move(desk, order, statuses[n % 4]) for n, order in enumerate(orders)),
        *(tag(desk, order, "add", f"{n}") for n, order in enumerate(orders)),
    )
    assert {answer.status_code for answer in answers} == {200}
    for status in statuses:
        page = await desk.listed(status=status)
        assert page["count"] == len(page["results"])
    assert set(map(tuple, (await tags_of(desk)).values())) == {tuple("01234567")}
