"""Tags as a whole: counted, renamed, merged and deleted."""

import asyncio

import pytest

from parley.conversations.tags import actions
from parley.conversations.tickets.tests.factories import Desk


@pytest.fixture
def tags(desk):
    """The path of alice's tags."""
    return f"/api/projects/{desk.project.id}/conversations/tags/"


async def counted(desk, tags, **query):
    answer = await desk.client.get(tags, params=query)
    assert answer.status_code == 200, answer.text
    return [(one["name"], one["ticket_count"], one["open_count"]) for one in answer.json()["results"]]


async def rename(desk, tags, name, to, **more):
    return await desk.client.post(f"{tags}rename/", json={"name": name, "to": to, **more})


async def delete(desk, tags, name):
    return await desk.client.post(f"{tags}delete/", json={"name": name})


async def tags_of(desk, **query):
    """Return the tags of the tickets, by number."""
    return {one["ticket_number"]: one["tags"] for one in (await desk.listed(**query))["results"]}


async def logged(desk, id):
    """Return the changes of tags that the log has of a ticket, oldest first."""
    query = {"scope": "Ticket", "item_id": id}
    answer = await desk.client.get(f"/api/projects/{desk.project.id}/activity_log/", params=query)
    return [
        (entry["user"]["email"], change["action"], change["before"] or change["after"])
        for entry in reversed(answer.json()["results"])
        for change in entry["detail"]["changes"]
        if change["field"] == "tag"
    ]


async def audited(desk):
    """Return the newest entry of the audit log."""
    answer = await desk.client.get("/api/organizations/@current/audit_log/")
    newest = answer.json()["results"][0]
    return newest["action"], newest["target"]["name"], newest["after"]


async def test_tags_are_counted_by_name(desk, tags):
    await desk.open(tags=["vip", "late"])
    await desk.open(tags=["vip"], status="resolved")
    gone = await desk.open(tags=["vip", "gone"])
    await desk.delete(gone["id"])
    assert await counted(desk, tags) == [("gone", 0, 0), ("late", 1, 1), ("vip", 2, 1)]
    assert await counted(desk, tags, search=" VI") == [("vip", 2, 1)]
    assert await counted(desk, tags, limit=1, offset=1) == [("late", 1, 1)]


async def test_a_tag_is_renamed_on_every_ticket(desk, tags, alice):
    before = [await desk.open(tags=["vip", "late"]), await desk.open(tags=["vip"])]
    answer = await rename(desk, tags, " VIP", "Important ")
    assert (answer.status_code, answer.json()) == (200, {"ticket_count": 2, "is_done": True})
    assert await tags_of(desk) == {1: ["important", "late"], 2: ["important"]}
    assert (await logged(desk, before[0]["id"]))[-2:] == [
        (alice.email, "created", "important"),
        (alice.email, "deleted", "vip"),
    ]
    after = {one["id"]: one["updated_at"] for one in (await desk.listed())["results"]}
    assert after == {one["id"]: one["updated_at"] for one in before}, "lists keep their order"
    assert await audited(desk) == ("tag.renamed", "vip", {"into": "important", "tickets": 2})


async def test_onto_another_name_it_merges_only_when_that_is_said(desk, tags):
    for names in (["vip"], ["vip", "important"], ["important"]):
        await desk.open(tags=names)
    answer = await rename(desk, tags, "vip", "important")
    assert (answer.status_code, answer.json()["code"]) == (409, "tag_exists")
    assert (await tags_of(desk))[1] == ["vip"]
    assert (await rename(desk, tags, "vip", "important", merge=True)).json()["is_done"] is True
    assert await tags_of(desk) == {key: ["important"] for key in (1, 2, 3)}
    assert await counted(desk, tags) == [("important", 3, 3)]
    assert (await audited(desk))[0] == "tag.merged"


async def test_a_deleted_tag_is_on_no_ticket_and_comes_back_with_none(desk, tags):
    await desk.open(tags=["vip", "late"])
    gone = await desk.open(tags=["vip"])
    await desk.delete(gone["id"])
    assert (await delete(desk, tags, "vip")).json() == {"ticket_count": 1, "is_done": True}
    assert (await desk.client.post(f"{desk.tickets}{gone['id']}/restore/")).status_code == 200
    assert await tags_of(desk) == {1: ["late"], 2: []}
    assert (await audited(desk))[:2] == ("tag.deleted", "vip")


async def test_what_a_merge_brought_leaves_again_under_its_new_name(desk, tags):
    await desk.open(tags=["late"])
    source = await desk.open(tags=["vip"])
    body = {"into": 1}
    assert (await desk.client.post(f"{desk.tickets}{source['id']}/merge/", json=body)).is_success
    await rename(desk, tags, "vip", "important")
    assert await tags_of(desk) == {1: ["important", "late"]}
    assert (await desk.client.post(f"{desk.tickets}{source['id']}/unmerge/")).is_success
    assert await tags_of(desk) == {1: ["late"], 2: ["important"]}


async def test_of_changes_at_the_same_moment_one_is_made(desk, tags):
    await desk.open(tags=["vip"])
    await desk.open(tags=["late"])
    changes = [rename(desk, tags, "vip", "important") for _ in range(3)]
    answers = await asyncio.gather(*changes, delete(desk, tags, "vip"))
    assert sorted(one.status_code for one in answers) == [200, 404, 404, 404]
    names = await counted(desk, tags)
    assert names in ([("important", 1, 1), ("late", 1, 1)], [("late", 1, 1)])
    log = (await desk.client.get("/api/organizations/@current/audit_log/")).json()["results"]
    assert len([entry for entry in log if entry["action"].startswith("tag.")]) == 1


async def test_many_tickets_change_in_the_background_batch_by_batch(desk, tags, monkeypatch, queue):
    monkeypatch.setattr(actions, "BATCH", 2)
    opened = [await desk.open(tags=["vip"]) for _ in range(5)]
    answer = await rename(desk, tags, "vip", "important")
    assert answer.json() == {"ticket_count": 5, "is_done": False}
    assert sorted((await tags_of(desk)).values()) == [["important"]] * 2 + [["vip"]] * 3
    busy = await delete(desk, tags, "important")
    assert (busy.status_code, busy.json()["code"]) == (409, "tags_busy")
    await queue.drain()
    assert await tags_of(desk) == {key: ["important"] for key in range(1, 6)}
    assert {len(await logged(desk, one["id"])) for one in opened} == {2}
    assert (await delete(desk, tags, "important")).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "vip", "to": " "}, 400, "blank"),
        ({"name": "vip", "to": "VIP "}, 400, "invalid_input"),
        ({"name": "vip", "to": "x" * 256}, 400, "max_length"),
        ({"name": "vip"}, 400, "required"),
        ({"name": "unknown", "to": "other"}, 404, "not_found"),
    ],
)
async def test_a_rename_that_cannot_be_is_refused(desk, tags, body, status, code):
    await desk.open(tags=["vip"])
    answer = await desk.client.post(f"{tags}rename/", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await tags_of(desk) == {1: ["vip"]}


async def test_other_projects_and_members_change_nothing(desk, tags, mallory, bob):
    await desk.open(tags=["vip"])
    theirs = Desk(mallory, mallory.project)
    await theirs.open(tags=["vip"])
    assert (await mallory.client.get(tags)).status_code == 403
    assert (await mallory.client.post(f"{tags}delete/", json={"name": "vip"})).status_code == 403
    assert (await bob.client.post(f"{tags}rename/", json={"name": "vip", "to": "x"})).status_code == 403
    assert (await bob.client.post(f"{tags}delete/", json={"name": "vip"})).status_code == 403
    await rename(desk, tags, "vip", "important")
    assert (await tags_of(desk), await tags_of(theirs)) == ({1: ["important"]}, {1: ["vip"]})


async def test_a_tag_of_hidden_tickets_alone_is_not_named(desk, tags, bob):
    shown, hidden = await desk.open(tags=["vip"]), await desk.open(tags=["vip", "secret"])
    path = f"{desk.tickets}{hidden['id']}/access_controls/"
    assert (await desk.client.put(path, json={"access_level": "none"})).status_code == 200
    assert await counted(Desk(bob, desk.project), tags) == [("vip", 1, 1)]
    assert shown["tags"] == ["vip"]


async def test_views_and_quick_actions_follow_a_new_name(desk, tags, bob, mallory):
    await desk.open(tags=["vip"])
    root = f"/api/projects/{desk.project.id}/conversations/"
    filters = {"tags": ["VIP ", "late"], "tagsExclude": ["vip"], "more": {"tags": ["vip"]}, "search": "vip"}
    mine = await bob.client.post(f"{root}views/", json={"name": "Mine", "filters": filters})
    other = await desk.client.post(f"{root}views/", json={"name": "Late", "filters": {"tags": ["late"]}})
    new = {"name": "Thanks", "content": "Thanks", "actions": {"tags": ["vip", "zeal"], "status": "open"}}
    action = await desk.client.post(f"{root}quick_actions/", json=new)
    foreign = f"/api/projects/{mallory.project_id}/conversations/views/"
    theirs = await mallory.client.post(foreign, json={"name": "Theirs", "filters": {"tags": ["vip"]}})
    made = [mine, other, action, theirs]
    assert [one.status_code for one in made] == [201] * 4, [one.text for one in made]
    for _ in range(2):
        assert (await rename(desk, tags, "vip", "important")).status_code in (200, 404)
    found = (await bob.client.get(f"{root}views/{mine.json()['short_id']}/")).json()["filters"]
    assert found == {**filters, "tags": ["important", "late"], "tagsExclude": ["important"]}
    kept = await desk.client.get(f"{root}views/{other.json()['short_id']}/")
    assert kept.json()["filters"] == {"tags": ["late"]}
    sets = (await desk.client.get(f"{root}quick_actions/{action.json()['short_id']}/")).json()["actions"]
    assert (sets["tags"], sets["status"]) == (["important", "zeal"], "open")
    untouched = await mallory.client.get(f"{foreign}{theirs.json()['short_id']}/")
    assert untouched.json()["filters"] == {"tags": ["vip"]}


@pytest.mark.parametrize("level", ["none", "viewer", "editor"])
async def test_a_manager_changes_no_tag_on_a_ticket_that_they_do_not_manage(desk, tags, bob, level):
    of_all = f"/api/projects/{desk.project.id}/resource_access_controls/"
    everybody = {"resource": "ticket", "access_level": "manager"}
    assert (await desk.client.put(of_all, json=everybody)).status_code == 200
    await desk.open(tags=["vip"])
    guarded = await desk.open(tags=["vip", "secret"])
    path = f"{desk.tickets}{guarded['id']}/access_controls/"
    assert (await desk.client.put(path, json={"access_level": level})).status_code == 200
    theirs = Desk(bob, desk.project)
    refused = [await rename(theirs, tags, "vip", "secret"), await delete(theirs, tags, "vip")]
    assert [one.status_code for one in refused] == [403, 403]
    assert await tags_of(desk) == {1: ["vip"], 2: ["secret", "vip"]}
    assert (await desk.client.put(path, json={"access_level": "manager"})).status_code == 200
    assert (await rename(theirs, tags, "vip", "important")).status_code == 200
    assert await tags_of(desk) == {1: ["important"], 2: ["important", "secret"]}
