"""Files of drafts: they stay for as long as the draft has them, are their uploader's alone, and are sent once."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from parley.conversations.files.jobs import clear_uploads
from parley.conversations.files.tables import file
from parley.conversations.tickets.actions.erasure import erase_ticket_rows
from tests.cast import Cast


@pytest.fixture
async def ticket(api, project) -> str:
    """The path of a new ticket."""
    made = await api.post(project.tickets, json={"distinct_id": "ada", "message": "Hello"})
    return f"{project.tickets}{made.json()['id']}/"


@pytest.fixture
def files(project) -> str:
    return f"/api/projects/{project.id}/conversations/files/"


async def upload(client, files: str, name: str = "fern.txt") -> str:
    made = await client.post(files, files={"file": (name, b"Water it weekly.")})
    assert made.status_code == 201, made.text
    found: str = made.json()["id"]
    return found


async def clear(services) -> int:
    async with services.database.transaction() as db:
        return await clear_uploads(db, services)


async def test_a_draft_keeps_its_files_for_as_long_as_it_lives(api, ticket, files, services, clock):
    first, second = await upload(api, files, "a.txt"), await upload(api, files, "b.txt")
    kept = await api.put(ticket + "draft/", json={"message": "", "file_ids": [second, first]})
    assert kept.status_code == 200, kept.text
    assert [one["name"] for one in kept.json()["files"]] == ["a.txt", "b.txt"]
    clock.advance(timedelta(days=30))
    assert await clear(services) == 0
    shown = (await api.get(ticket + "draft/")).json()
    assert [one["id"] for one in shown["files"]] == [first, second]
    await api.put(ticket + "draft/", json={"message": "One is enough", "file_ids": [second]})
    assert await clear(services) == 0, "what was taken out a moment ago can still be put in again"
    clock.advance(timedelta(days=1))
    assert await clear(services) == 1
    assert (await api.get(f"{files}{first}/")).status_code == 404
    assert (await api.delete(ticket + "draft/")).status_code == 204
    clock.advance(timedelta(days=1))
    assert await clear(services) == 1
    assert (await api.get(f"{files}{second}/")).status_code == 404


async def test_files_go_with_the_ticket_of_their_draft(api, ticket, files, services, project, clock):
    await api.put(ticket + "draft/", json={"message": "x", "file_ids": [await upload(api, files)]})
    ticket_id = UUID((await api.get(ticket)).json()["id"])
    async with services.database.transaction() as db:
        await erase_ticket_rows(db, project.id, [ticket_id])
    clock.advance(timedelta(days=1))
    assert await clear(services) == 1


async def test_a_draft_takes_only_free_uploads_of_its_author(api, ticket, files, cast: Cast):
    mine, bobs, sent = (
        await upload(api, files),
        await upload(cast.bob.client, files),
        await upload(api, files),
    )
    assert (await api.post(ticket + "reply/", json={"message": "x", "file_ids": [sent]})).status_code == 201
    for wrong in ([mine, bobs], [sent], [str(uuid4())], [str(uuid4()) for _ in range(21)]):
        answer = await api.put(ticket + "draft/", json={"message": "x", "file_ids": wrong})
        assert (answer.status_code, answer.json()["attr"]) == (400, "file_ids")
    assert (await api.get(ticket + "draft/")).status_code == 404
    await api.put(ticket + "draft/", json={"message": "x", "file_ids": [mine]})
    theirs = await cast.bob.client.put(ticket + "draft/", json={"message": "x", "file_ids": [mine]})
    assert theirs.status_code == 400
    assert (await cast.bob.client.get(f"{files}{mine}/")).status_code == 404


async def test_a_file_of_a_draft_is_sent_once_and_is_the_draft_s_no_more(api, ticket, files, project):
    file_id = await upload(api, files)
    await api.put(ticket + "draft/", json={"message": "x", "file_ids": [file_id]})
    assert (
        await api.post(ticket + "reply/", json={"message": "x", "file_ids": [file_id]})
    ).status_code == 201
    assert (await api.get(ticket + "draft/")).json()["files"] == []
    again = await api.post(ticket + "reply/", json={"message": "y", "file_ids": [file_id]})
    assert again.status_code == 400


async def test_a_file_moves_from_one_draft_to_another_of_the_same_author(api, ticket, files, project):
    other = (await api.post(project.tickets, json={"distinct_id": "eve", "message": "Hi"})).json()["id"]
    file_id = await upload(api, files)
    for path in (ticket, f"{project.tickets}{other}/"):
        kept = await api.put(path + "draft/", json={"message": "x", "file_ids": [file_id]})
        assert [one["id"] for one in kept.json()["files"]] == [file_id]
    assert (await api.get(ticket + "draft/")).json()["files"] == []


async def test_an_upload_that_is_taken_back_is_in_no_draft(api, ticket, files):
    file_id = await upload(api, files)
    await api.put(ticket + "draft/", json={"message": "x", "file_ids": [file_id]})
    assert (await api.delete(f"{files}{file_id}/")).status_code == 204
    assert (await api.get(ticket + "draft/")).json()["files"] == []


async def test_files_go_when_the_writer_of_their_draft_has_left_the_organization(
    api, ticket, files, services, project, cast: Cast, clock
):
    mine, bobs = await upload(api, files), await upload(cast.bob.client, files)
    for client, file_id in ((api, mine), (cast.bob.client, bobs)):
        kept = await client.put(ticket + "draft/", json={"message": "x", "file_ids": [file_id]})
        assert kept.status_code == 200
    left = await cast.alice.client.delete(f"/api/organizations/@current/members/{cast.bob.user_uuid}/")
    assert left.status_code == 204, left.text
    clock.advance(timedelta(days=1))
    await clear(services)
    async with services.database.transaction(write=False) as db:
        there = select(file.c.id).where(file.c.project_id == project.id)
        assert [str(id) for id in (await db.execute(there)).scalars()] == [mine]


async def test_who_may_only_read_by_now_can_still_drop_their_draft(api, ticket, files, cast: Cast):
    bob = cast.bob.client
    await bob.put(ticket + "draft/", json={"message": "x", "file_ids": [await upload(bob, files)]})
    changed = await api.put(ticket + "access_controls/", json={"access_level": "viewer"})
    assert changed.status_code == 200, changed.text
    assert (await bob.put(ticket + "draft/", json={"message": "y"})).status_code == 403
    assert (await bob.delete(ticket + "draft/")).status_code == 204
    assert (await bob.get(ticket + "draft/")).status_code == 404
