"""A bulk change can be undone: what nobody has changed since is as it was before, to the last tag."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

from parley.conversations.bulk_changes.jobs import forget_old
from parley.conversations.bulk_changes.tables import bulk_change
from parley.inbox.inbox_page.tests.test_pages import rows_of
from parley.inbox.ticket_actions.tests.test_bulk import notice, opened
from tests.plain_browser import window_of

FIELDS = ("status", "priority", "assignee", "tags", "snoozed_until")
LATER = "2030-01-31T09:00:00Z"


async def states(desk, *numbers):
    found = [await desk.ticket(number) for number in numbers]
    return [{name: one[name] for name in FIELDS} for one in found]


def ticked(window):
    return {one["value"] for one in window.page.all("input", name="ids") if "checked" in one.attributes}


def can_undo(window):
    return any(told.all("button") for told in window.page.all("div", id="told"))


@pytest.fixture
async def three(desk, cast):
    """Three conversations that differ in everything that a bulk change can change."""
    ids = await opened(desk)
    bob = {"type": "user", "id": cast.bob.user_id}
    await desk.change(1, status="open", priority="high", assignee=bob, tags=["vip", "a"])
    await desk.change(2, status="resolved", tags=["a"])
    await desk.change(3, snoozed_until=LATER)
    return ids


@pytest.mark.parametrize(
    ("button", "chosen", "said"),
    [
        ("Apply status", {"status": "resolved"}, "2 conversations resolved."),
        ("Apply priority", {"priority": "low"}, "3 conversations given the priority “Low”."),
        ("Apply priority", {"priority": ""}, "1 conversation left without a priority."),
        ("Assign", {"assignee": "me"}, "3 conversations assigned to you."),
        ("Assign", {"assignee": ""}, "1 conversation unassigned."),
        ("Snooze", {"snooze": "week"}, "3 conversations snoozed until "),
        ("Snooze", {"snooze": ""}, "1 conversation woken up."),
        ("Tag them", {"tag": "VIP"}, "2 conversations tagged “vip”."),
        ("Untag", {"tag": "a"}, "2 conversations untagged “a”."),
    ],
)
async def test_undo_puts_back_exactly_what_was_before(window, desk, three, button, chosen, said):
    before = await states(desk, 1, 2, 3)
    await window.open("/inbox?status=all&snoozed=all")
    await window.press(button, ids=three, **chosen)
    assert notice(window).startswith(said) and await states(desk, 1, 2, 3) != before
    await window.press("Undo")
    assert notice(window).startswith("Undone: ") and notice(window).endswith("as before.")
    assert await states(desk, 1, 2, 3) == before
    assert not can_undo(window) and "status=all" in window.path


async def test_several_changes_are_undone_one_after_the_other(window, desk):
    ids = await opened(desk)
    before = await states(desk, 1, 2, 3)
    await window.open("/inbox?status=all")
    await window.press("Assign", ids=ids, assignee="me")
    await window.press("Tag them", ids=ids, tag="vip")
    tagged = await states(desk, 1, 2, 3)
    await window.press("Apply status", ids=ids, status="resolved")
    await window.press("Undo")
    assert await states(desk, 1, 2, 3) == tagged
    for left in ("tagged “vip”", "assigned to you"):
        assert f"Before: 3 conversations {left}." in window.page.one(id="told").text
        await window.press("Undo")
    assert await states(desk, 1, 2, 3) == before and not can_undo(window)


async def test_rows_that_are_still_in_the_list_stay_ticked(window, desk):
    ids = await opened(desk)
    await window.open("/inbox")
    await window.press("Tag them", ids=ids[:2], tag="vip", rows="120")
    assert ticked(window) == set(ids[:2]) and "rows=120" in window.path
    await window.press("Apply status", ids=sorted(ticked(window)), status="resolved")
    assert rows_of(window) == ["3"] and ticked(window) == set()
    await window.press("Undo")
    assert sorted(rows_of(window)) == ["1", "2", "3"]
    assert ticked(window) == set(ids[:2])
    await window.open("/inbox")
    assert ticked(window) == set() and notice(window) == ""


async def test_what_somebody_changed_meanwhile_stays_and_is_named(window, desk):
    ids = await opened(desk, 4)
    await window.open("/inbox?status=all")
    await window.press("Apply status", ids=ids, status="resolved")
    await desk.change(2, status="pending")
    await desk.change(3, priority="high")
    await desk.delete(4)
    await window.press("Undo")
    said = "Undone: 1 conversation as before. #2, #3 and #4 were changed meanwhile, and not put back."
    assert notice(window) == said
    assert [one["status"] for one in await states(desk, 1, 2, 3)] == ["new", "pending", "resolved"]


async def test_what_a_customer_writes_meanwhile_does_not_keep_it_from_being_put_back(window, desk, customer):
    await customer.write("Hello?")
    id = (await desk.ticket(1))["id"]
    await window.open("/inbox")
    await window.press("Assign", ids=[id], assignee="me")
    await customer.write("Are you there?")
    await window.press("Undo")
    assert (await desk.ticket(1))["assignee"] is None


async def test_pressed_twice_it_does_nothing_twice(window, desk):
    ids = await opened(desk, 2)
    await window.open("/inbox?status=all")
    await window.press("Apply status", ids=ids, status="resolved")
    page, answer = window.page, window.answer
    await window.press("Undo")
    said = notice(window)
    await desk.change(1, status="resolved")
    window.page, window.answer = page, answer
    await window.press("Undo")
    assert notice(window) == said == "Undone: 2 conversations as before."
    assert [one["status"] for one in await states(desk, 1, 2)] == ["resolved", "new"]


async def test_two_presses_at_once_put_it_back_once(window, desk, api):
    ids = await opened(desk, 3)
    await window.open("/inbox?status=all")
    await window.press("Apply status", ids=ids, status="resolved")
    form = window.page.one("div", id="told").one("form")
    data = {one["name"]: one["value"] for one in form.all("input")}
    both = [window.client.post(form["action"], data=data) for _ in range(2)]
    assert [one.status_code for one in await asyncio.gather(*both)] == [303, 303]
    assert {one["status"] for one in await states(desk, 1, 2, 3)} == {"new"}
    events = (
        await api.get(f"/api/projects/{desk.project.id}/activity_log/?scope=Ticket&item_id={ids[0]}")
    ).json()
    assert len(events["results"]) == 3, events


async def test_a_form_that_is_sent_twice_can_still_be_undone(window, desk):
    ids = await opened(desk, 2)
    await window.open("/inbox?status=all")
    await window.press("Apply status", ids=ids, status="resolved")
    await window.press("Apply status", ids=ids, status="resolved")
    assert notice(window) == "2 conversations resolved."
    await window.press("Undo")
    assert {one["status"] for one in await states(desk, 1, 2)} == {"new"}
    await window.press("Apply status", ids=ids, status="new")
    assert "Nothing has changed" in notice(window) and not can_undo(window)


async def test_it_is_offered_for_ten_minutes_and_forgotten_after_an_hour(window, desk, clock, services):
    clock.freeze()
    ids = await opened(desk, 1)
    await window.open("/inbox?status=all")
    await window.press("Apply status", ids=ids, status="resolved")
    clock.advance(timedelta(minutes=11))
    await window.press("Undo")
    assert "can't be undone any more" in notice(window)
    assert (await desk.ticket(1))["status"] == "resolved"
    kept = select(bulk_change.c.id).where(bulk_change.c.project_id == desk.project.id)
    async with services.database.transaction() as db:
        await forget_old(db, services)
        assert (await db.execute(kept)).all()
    clock.advance(timedelta(hours=1))
    async with services.database.transaction() as db:
        assert await forget_old(db, services) and await forget_old(db, services) == 0
        assert not (await db.execute(kept)).all()


async def test_nobody_undoes_what_somebody_else_did(window, desk, cast):
    ids = await opened(desk, 1)
    await window.open("/inbox?status=all")
    await window.press("Apply status", ids=ids, status="resolved")
    done = window.path.rpartition("done=")[2]
    for member in (cast.bob, cast.mallory):
        other = await window_of(cast, member)
        await other.open(f"/inbox?done={done}")
        assert notice(other) == ""
        token = {"X-CSRFToken": other.page.all("input", name="csrf_token")[0]["value"]}
        answer = await other.client.post(f"/inbox/bulk/{done}/undo", headers=token)
        assert answer.status_code == 404 and "somebody else did it" in answer.text
    assert (await desk.ticket(1))["status"] == "resolved"


@pytest.mark.parametrize("id", ["1", "0199c0de-0000-7000-8000-000000000000"])
async def test_what_is_no_bulk_change_is_not_found(window, id):
    await window.open(f"/inbox?done={id}")
    token = {"X-CSRFToken": window.page.all("input", name="csrf_token")[0]["value"]}
    answer = await window.client.post(f"/inbox/bulk/{id}/undo", headers=token)
    assert answer.status_code == 404


async def test_a_conversation_does_not_go_back_to_somebody_who_has_left(window, desk, cast, api):
    ids = await opened(desk, 2)
    await desk.change(1, assignee={"type": "user", "id": cast.bob.user_id})
    await window.open("/inbox?status=all")
    await window.press("Assign", ids=ids, assignee="me")
    members = f"/api/organizations/{cast.alice.organization_id}/members/"
    gone = await api.delete(f"{members}{cast.bob.user_uuid}/")
    assert gone.status_code == 204, gone.text
    await window.press("Undo")
    assert notice(window) == "Undone: 1 conversation as before. #1 was changed meanwhile, and not put back."
    assert [one["assignee"] and one["assignee"]["id"] for one in await states(desk, 1, 2)] == [
        cast.alice.user_id,
        None,
    ]


async def test_what_is_kept_of_a_bulk_change_is_small_however_many_tags_there_are(window, desk, database):
    ids = await opened(desk)
    for number in (1, 2, 3):
        await desk.change(number, tags=[f"{one:03}" + "é" * 252 for one in range(100)])
    await window.open("/inbox")
    await window.press("Apply status", ids=ids, status="resolved")
    async with database.transaction(write=False) as db:
        found = select(bulk_change.c.changed).where(bulk_change.c.project_id == desk.project.id)
        [changed] = (await db.execute(found)).scalars()
    assert 0 < len(msgspec.json.encode(changed)) < 1000 * len(ids)
