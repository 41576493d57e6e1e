"""Files on messages: who attaches them, who sees them, and what becomes of them with their message."""

from datetime import timedelta
from uuid import uuid4

import pytest

from parley.conversations.deletion.jobs import purge_deleted
from parley.conversations.files.actions.storing import store_file
from parley.conversations.files.schemas import File, NewFile
from parley.conversations.files.tests.test_storing import picture, rows
from parley.conversations.widget.rules.rich_files import with_files
from parley.kernel.storage.errors import NoSuchObject


@pytest.fixture
def upload(services, project, alice):
    """Store a file as alice does; return it."""

    async def store(name="a.txt", content=b"hello", by=alice) -> File:
        return await store_file(
            services, project.id, NewFile(name=name, content=content, uploaded_by=by.user_id)
        )

    return store


@pytest.fixture
async def ticket(project, api):
    made = await api.post(project.tickets, json={"distinct_id": "a", "message": "Hello"})
    return made.json()


@pytest.fixture
def reply(project, api, ticket):
    async def send(path="reply/", client=api, on=ticket, **body):
        return await client.post(f"{project.tickets}{on['id']}/{path}", json=body)

    return send


async def messages_on(api, project, ticket):
    return (await api.get(f"{project.tickets}{ticket['id']}/messages/")).json()["results"]


def names(message):
    return [one["name"] for one in message["attachments"]]


async def test_a_reply_has_its_files_in_their_order(api, project, ticket, anonymous, upload, reply):
    files = [await upload("b.png", picture()), await upload("a.txt")]
    sent = await reply(message="Look", file_ids=[str(one.id) for one in files])
    assert (sent.status_code, names(sent.json())) == (201, ["b.png", "a.txt"])
    image, text = (await messages_on(api, project, ticket))[-1]["attachments"]
    assert (image["content_type"], image["size"], image["is_inline"]) == (
        "image/png",
        files[0].size_bytes,
        False,
    )
    assert (await anonymous.get(image["thumbnail_url"])).headers["content-type"] == "image/webp"
    assert (await anonymous.get(text["url"])).content == b"hello"


@pytest.mark.parametrize("path", ["reply/", "notes/"])
async def test_a_message_with_a_file_needs_no_text(upload, reply, path):
    assert (await reply(path)).json()["code"] == "required"
    assert (await reply(path, message=" ")).json()["code"] == "blank"
    sent = await reply(path, file_ids=[str((await upload()).id)])
    assert (sent.status_code, sent.json()["content"], names(sent.json())) == (201, "", ["a.txt"])


async def test_files_that_are_not_the_callers_to_attach_are_refused_with_the_message(
    api, project, ticket, bob, upload, reply
):
    mine, other = await upload(), await upload(by=bob)
    for ids in ([uuid4()], [other.id], [mine.id, other.id], [mine.id] * 2 + [uuid4()]):
        refused = await reply(message="Look", file_ids=[str(id) for id in ids])
        assert (refused.status_code, refused.json()["attr"]) == (400, "file_ids")
    many = await reply(message="Look", file_ids=[str(uuid4()) for _ in range(21)])
    assert (many.status_code, many.json()["attr"]) == (400, "file_ids")
    assert len(await messages_on(api, project, ticket)) == 1
    assert (await reply(message="Look", file_ids=[str(mine.id)])).status_code == 201
    assert (await reply(message="Another", file_ids=[str(mine.id)])).status_code == 400


async def test_a_repeated_reply_is_the_same_with_the_same_files(upload, reply):
    first, second = await upload(), await upload()
    sent = await reply(message="Look", file_ids=[str(first.id)])
    again = await reply(message="Look", file_ids=[str(first.id)])
    assert (again.status_code, again.json()["id"]) == (200, sent.json()["id"])
    other = await reply(message="Look", file_ids=[str(second.id)])
    assert (other.status_code, names(other.json())) == (201, ["a.txt"])


async def test_a_comment_carries_its_files_in_its_context_and_no_client_writes_them_there(
    api, project, ticket, upload
):
    comments = f"/api/projects/{project.id}/comments/"
    forged = {"author_type": "support", "attachments": [{"id": str(uuid4()), "name": "x"}]}
    body = {"scope": "conversations_ticket", "item_id": ticket["id"], "item_context": forged}
    plain = await api.post(comments, json={**body, "content": "Hi"})
    assert "attachments" not in plain.json()["item_context"]
    sent = await api.post(comments, json={**body, "file_ids": [str((await upload()).id)]})
    assert (sent.status_code, names(sent.json()["item_context"])) == (201, ["a.txt"])
    shown = (await api.get(f"{comments}{sent.json()['id']}/")).json()["item_context"]
    listed = (await api.get(comments)).json()["results"][0]["item_context"]
    assert shown["attachments"] == listed["attachments"] == sent.json()["item_context"]["attachments"]
    elsewhere = {"scope": "Person", "item_id": "1", "content": "x", "file_ids": [str((await upload()).id)]}
    assert (await api.post(comments, json=elsewhere)).json()["attr"] == "file_ids"


async def test_a_ticket_is_opened_with_files(api, project, upload):
    ids = [str((await upload()).id)]
    without = await api.post(project.tickets, json={"distinct_id": "a", "file_ids": ids})
    assert (without.status_code, without.json()["attr"]) == (400, "file_ids")
    made = await api.post(project.tickets, json={"distinct_id": "a", "message": "Look", "file_ids": ids})
    assert names((await messages_on(api, project, made.json()))[0]) == ["a.txt"]


async def test_the_customer_sees_files_of_answers_and_none_of_notes(api, anonymous, project, upload, reply):
    session = str(uuid4())
    widget = {"X-Conversations-Token": project.widget_token}
    told = {"widget_session_id": session, "distinct_id": "v", "message": "Help"}
    path = "/api/conversations/v1/widget/message"
    made = (await anonymous.post(path, json=told, headers=widget)).json()
    on = {"id": made["ticket_id"]}
    image, text = await upload("a.png", picture()), await upload("b.txt")
    await reply(on=on, message="Two\nlines", file_ids=[str(image.id), str(text.id)])
    await reply("notes/", on=on, message="secret", file_ids=[str((await upload("secret.txt")).id)])
    thread = f"/api/conversations/v1/widget/messages/{made['ticket_id']}?widget_session_id={session}"
    answer = await anonymous.get(thread, headers=widget)
    question, shown = answer.json()["messages"]
    assert question["attachments"] == [] and question["rich_content"] is None
    assert names(shown) == ["a.png", "b.txt"] and "secret" not in answer.text
    first, second, drawn, linked = shown["rich_content"]["content"]
    assert [one["content"][0]["text"] for one in (first, second)] == ["Two", "lines"]
    assert (await anonymous.get(drawn["attrs"]["src"])).headers["content-type"] == "image/png"
    assert linked["content"][0]["text"] == "b.txt (5 bytes)"
    assert (await anonymous.get(linked["content"][0]["marks"][0]["attrs"]["href"])).content == b"hello"


def test_rich_text_without_files_stays_as_it_is():
    assert with_files(None, "Hello", []) is None


async def test_files_move_with_their_messages(api, project, ticket, upload, reply):
    other = (await api.post(project.tickets, json={"distinct_id": "b", "message": "There"})).json()
    sent = (await reply(on=other, message="Look", file_ids=[str((await upload()).id)])).json()
    path = f"/api/projects/{project.id}/conversations/files/{sent['attachments'][0]['id']}/"
    merged = await api.post(f"{project.tickets}{other['id']}/merge/", json={"into": ticket["id"]})
    assert merged.status_code == 200
    assert ["a.txt"] in [names(one) for one in await messages_on(api, project, ticket)]
    assert (await api.get(path)).status_code == 200
    assert (await api.post(f"{project.tickets}{other['id']}/unmerge/")).status_code == 200
    assert ["a.txt"] in [names(one) for one in await messages_on(api, project, other)]
    split = await api.post(f"{project.tickets}{other['id']}/split/", json={"message_ids": [sent["id"]]})
    assert split.status_code == 201
    assert ["a.txt"] not in [names(one) for one in await messages_on(api, project, other)]
    assert (await api.get(path)).status_code == 200


async def test_a_removed_message_takes_its_files_along(api, project, anonymous, upload, reply):
    sent = (await reply("notes/", message="Look", file_ids=[str((await upload()).id)])).json()
    [file] = sent["attachments"]
    assert (await anonymous.get(file["url"])).status_code == 200
    [ticket] = (await api.get(project.tickets)).json()["results"]
    assert (await api.delete(f"{project.tickets}{ticket['id']}/notes/{sent['id']}/")).status_code == 204
    assert (await anonymous.get(file["url"])).status_code == 404
    path = f"/api/projects/{project.id}/conversations/files/{file['id']}/"
    assert (await api.get(path)).status_code == 404


async def test_a_purged_ticket_takes_its_objects_along(
    services, queue, clock, api, project, ticket, upload, reply
):
    file = await upload("a.png", picture())
    await reply(message="Look", file_ids=[str(file.id)])
    await api.delete(f"{project.tickets}{ticket['id']}/")
    clock.advance(timedelta(days=15))
    async with services.database.transaction() as db:
        await purge_deleted(db, services)
    await queue.drain()
    assert await rows(services, project) == (0, 0)
    for key in (file.key, file.thumbnail_key):
        with pytest.raises(NoSuchObject):
            await services.storage.read(key, 1)


async def test_an_erased_person_takes_their_files_along(services, queue, api, project, ticket, upload, reply):
    file = await upload()
    await reply(message="Look", file_ids=[str(file.id)])
    erased = await api.delete(f"/api/projects/{project.id}/personal_data/?distinct_id=a")
    assert erased.status_code == 200
    await queue.drain()
    assert await rows(services, project) == (0, 0)
    with pytest.raises(NoSuchObject):
        await services.storage.read(file.key, 1)


async def test_a_deleted_project_takes_its_objects_along(services, queue, api, project, upload):
    file = await upload("a.png", picture())
    assert (await api.delete(f"/api/projects/{project.id}/")).status_code in (200, 204)
    await queue.drain()
    for key in (file.key, file.thumbnail_key):
        with pytest.raises(NoSuchObject):
            await services.storage.read(key, 1)


async def test_an_export_has_the_files_of_a_person(api, anonymous, project, upload, reply):
    await reply(message="Look", file_ids=[str((await upload()).id)])
    exported = (await api.get(f"/api/projects/{project.id}/personal_data/?distinct_id=a")).json()
    [file] = exported["tickets"][0]["messages"][-1]["item_context"]["attachments"]
    assert (await anonymous.get(file["url"])).content == b"hello"
