"""How a stream is asked for: from which place, by whom, in which words."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select

from parley.conversations.change_feed.tables import change, change_head
from parley.conversations.stream.tests.listener import (
    caught_up,
    heard_since,
    place_of,
    present_place,
)


def url_of(project):
    return f"/api/projects/{project.id}/conversations/stream"


async def test_the_answer_is_a_stream_that_nobody_keeps(api, project):
    answer = await api.get(url_of(project), params={"follow": "false"})
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-accel-buffering"] == "no"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.text.startswith(": listening\nretry: 1000\n\nid: ")


async def test_without_an_id_it_begins_now(desk, api, project):
    await desk.open()
    listener = await caught_up(api, project.id, None)
    assert await listener.rest() == []
    assert listener.retry_ms == 1000
    await desk.open()
    assert [event.about for event in await heard_since(api, project.id, listener.last_id)] == [
        ("ticket.opened", 2)
    ]


async def test_a_known_id_goes_on_behind_it(desk, api, project):
    place = await present_place(api, project.id)
    for _ in range(3):
        await desk.open()
    events = await heard_since(api, project.id, place)
    assert [event.about[1] for event in events] == [1, 2, 3]
    assert [event.about[1] for event in await heard_since(api, project.id, events[1].id)] == [3]
    assert await heard_since(api, project.id, events[2].id) == []


async def test_the_id_may_come_in_the_query(desk, api, project):
    place = await present_place(api, project.id)
    await desk.open()
    answer = await api.get(url_of(project), params={"follow": "false", "last_event_id": place})
    assert "event: ticket.opened" in answer.text


async def test_the_header_wins_over_the_query(desk, api, project):
    place = await present_place(api, project.id)
    await desk.open()
    query = {"follow": "false", "last_event_id": str(place_of(place) + 1)}
    answer = await api.get(url_of(project), params=query, headers={"Last-Event-ID": place})
    assert "event: ticket.opened" in answer.text


@pytest.mark.parametrize(
    "strange", ["latest", "-1", "1.5", "9" * 18, "9" * 40, "' OR 1=1", "0x10", "1 2", "null", "%00"]
)
async def test_an_unknown_id_asks_for_a_new_reading(desk, api, project, strange):
    await desk.open()
    listener = await caught_up(api, project.id, strange)
    [event] = await listener.rest()
    assert event.name == event.data["type"] == "resync"
    assert set(event.data) == {"type", "timestamp"}
    await desk.open()
    assert [one.about for one in await heard_since(api, project.id, event.id)] == [("ticket.opened", 2)]


async def test_bytes_that_are_no_text_are_an_unknown_id(api, project):
    for strange in (b"\xb2", b"\xff\xfe", b"\xe2\x82\xac"):
        headers = {"Last-Event-ID": strange}
        answer = await api.get(url_of(project), params={"follow": "false"}, headers=headers)
        assert (answer.status_code, "event: resync" in answer.text) == (200, True)


async def test_an_id_that_is_forgotten_asks_for_a_new_reading(desk, api, project, clock, queue):
    place = await present_place(api, project.id)
    await desk.open()
    [known] = await heard_since(api, project.id, place)
    await desk.open()
    clock.advance(timedelta(hours=49))
    await queue.run_job("changes.forget_old")
    await desk.open()
    [event] = await heard_since(api, project.id, known.id)
    assert event.name == "resync"
    await desk.open()
    assert [one.about for one in await heard_since(api, project.id, event.id)] == [("ticket.opened", 4)]


async def test_who_has_heard_everything_goes_on_after_two_quiet_days(desk, api, project, clock, queue):
    place = await present_place(api, project.id)
    await desk.open()
    [known] = await heard_since(api, project.id, place)
    clock.advance(timedelta(hours=72))
    await queue.run_job("changes.forget_old")
    assert await heard_since(api, project.id, known.id) == []
    await desk.open()
    assert [one.about for one in await heard_since(api, project.id, known.id)] == [("ticket.opened", 2)]


async def test_an_id_of_another_project_means_nothing_here(desk, mallory, api, project):
    for _ in range(3):
        await desk.open()
    place = await present_place(api, project.id)
    await mallory.client.post(mallory.project.tickets, json={"distinct_id": "visitor"})
    [event] = await heard_since(mallory.client, mallory.project_id, place)
    assert event.name == "resync"


async def test_others_may_not_listen(cast, alice, mallory, anonymous, project):
    assert (await mallory.client.get(url_of(project))).status_code == 403
    assert (await mallory.client.get("/api/projects/999999/conversations/stream")).status_code == 404
    assert (await anonymous.get(url_of(project))).status_code == 401
    other = await cast.make_key(alice, ["person:read"])
    assert (await other.get(url_of(project))).status_code == 403
    reading = await cast.make_key(alice, ["ticket:read"])
    assert (await reading.get(url_of(project), params={"follow": "false"})).status_code == 200


async def test_a_session_may_listen(cast, alice, project, desk):
    session = await cast.sign_in(alice)
    place = await present_place(session, project.id)
    await desk.open()
    assert len(await heard_since(session, project.id, place)) == 1


@pytest.mark.parametrize("wanted", ["", "no", "0", "False", "true "])
async def test_follow_is_true_or_false(api, project, wanted):
    answer = await api.get(url_of(project), params={"follow": wanted})
    assert (answer.status_code, answer.json()["attr"]) == (400, "follow")


async def test_any_accept_header_will_do(api, project):
    for accept in ("application/json", "text/event-stream", "*/*", "image/png"):
        answer = await api.get(url_of(project), params={"follow": "false"}, headers={"Accept": accept})
        assert (answer.status_code, "id: " in answer.text) == (200, True)


async def test_a_head_request_ends(api, project):
    answer = await api.head(url_of(project))
    assert (answer.status_code, answer.content) == (200, b"")


async def test_a_browser_may_send_the_last_event_id_from_elsewhere(anonymous, project):
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"}
    answer = await anonymous.options(
        url_of(project), headers=asked | {"Access-Control-Request-Headers": "authorization, last-event-id"}
    )
    allowed = answer.headers["access-control-allow-headers"]
    assert answer.status_code == 204
    assert "last-event-id" in allowed and "authorization" in allowed


async def restored(services, project_id, backup):
    """Put the changes of a project back to what they were, as the restoring of a backup does."""
    async with services.database.transaction() as db:
        await db.execute(delete(change).where(change.c.project_id == project_id))
        await db.execute(delete(change_head).where(change_head.c.project_id == project_id))
        for table, rows in backup.items():
            if rows:
                await db.execute(insert(table), rows)


async def backup_of(services, project_id):
    async with services.database.transaction(write=False) as db:
        return {
            table: [
                dict(row)
                for row in (
                    await db.execute(select(table).where(table.c.project_id == project_id))
                ).mappings()
            ]
            for table in (change_head, change)
        }


async def test_a_restored_backup_is_told_also_once_it_has_grown_past_the_reader(desk, api, project, services):
    await desk.open()
    before = await present_place(api, project.id)
    backup = await backup_of(services, project.id)
    for _ in range(2):
        await desk.open()
    after = [event.id for event in await heard_since(api, project.id, before)]
    await restored(services, project.id, backup)
    # Ahead of all there is.
    assert [event.name for event in await heard_since(api, project.id, after[-1])] == ["resync"]
    for _ in range(5):
        await desk.open()
    for lost in after:
        [event] = await heard_since(api, project.id, lost)
        assert event.name == "resync"
        assert await heard_since(api, project.id, event.id) == []
    # What was read before the backup holds on.
    assert [event.name for event in await heard_since(api, project.id, before)] == ["ticket.opened"] * 5


async def test_a_reader_of_a_quiet_project_is_known_after_its_changes_are_forgotten(
    desk, api, project, services, clock, queue
):
    await desk.open()
    known = await present_place(api, project.id)
    clock.advance(timedelta(hours=49))
    await queue.run_job("changes.forget_old")
    assert await present_place(api, project.id) == known
    assert await heard_since(api, project.id, known) == []
    other = f"{place_of(known)}-{'0' * 8}"
    assert [event.name for event in await heard_since(api, project.id, other)] == ["resync"]


async def test_an_id_of_an_earlier_version_goes_on(desk, api, project):
    place = place_of(await present_place(api, project.id))
    await desk.open()
    assert [event.about for event in await heard_since(api, project.id, str(place))] == [("ticket.opened", 1)]
