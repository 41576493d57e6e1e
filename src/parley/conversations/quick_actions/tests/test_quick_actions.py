"""Quick actions through the API."""

from asyncio import gather
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete

from parley.accounts.users.tables import user_account

QUICK_ACTIONS = "/api/projects/@current/conversations/quick_actions/"


async def make(member, name="Refund", **more):
    answer = await member.client.post(QUICK_ACTIONS, json={"name": name, "content": "We pay back.", **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def one(made):
    return f"{QUICK_ACTIONS}{made['short_id']}/"


async def names(member):
    return [made["name"] for made in (await member.client.get(QUICK_ACTIONS)).json()["results"]]


async def role_of(member):
    roles = f"/api/organizations/{member.organization_id}/roles/"
    return (await member.client.post(roles, json={"name": "Sales"})).json()["id"]


async def test_a_quick_action_has_what_it_was_given(alice, bob):
    given: dict[str, Any] = {
        "description": "Money back",
        "content": "We pay back.",
        "rich_content": {"type": "doc", "content": []},
        "actions": {
            "status": "resolved",
            "priority": "low",
            "tags": ["Refund ", "refund", "a"],
            "assignee": {"type": "user", "id": bob.user_id},
        },
        "visibility": "personal",
    }
    made = await make(alice, " Refund ", **given)
    assert made["name"] == "Refund"
    assert made["actions"] == {**given["actions"], "tags": ["a", "refund"]}
    assert {name: made[name] for name in given if name != "actions"} == {
        name: given[name] for name in given if name != "actions"
    }
    assert made["created_by"]["email"] == alice.email and made["created_at"] == made["updated_at"]
    assert (await alice.client.get(one(made))).json() == made


async def test_actions_that_set_nothing_are_left_out(alice):
    nothing = {"status": None, "priority": None, "tags": [" "], "assignee": None}
    assert (await make(alice, actions=nothing))["actions"] == {}


@pytest.mark.parametrize(
    ("body", "attr", "code"),
    [
        ({"name": None}, "name", "null"),
        ({"name": " "}, "name", "blank"),
        ({"name": "x" * 201}, "name", "max_length"),
        ({"description": "x" * 401}, "description", "max_length"),
        ({"content": "x" * 50_001}, "content", "max_length"),
        ({"content": " "}, "content", "invalid_input"),
        ({"content": "", "actions": {"tags": []}}, "content", "invalid_input"),
        ({"rich_content": {"text": "x" * 100_000}}, "rich_content", "max_length"),
        ({"rich_content": []}, "rich_content", "invalid_input"),
        ({"actions": []}, "actions", "invalid_input"),
        ({"actions": None}, "actions", "null"),
        ({"actions": {"tags": ["x" * 200 for _ in range(60)]}}, "actions", "max_length"),
        ({"actions": {"tags": ["x"] * 101}}, "actions__tags", "max_length"),
        ({"actions": {"tags": ["x" * 256]}}, "actions__tags__0", "max_length"),
        ({"actions": {"status": "closed"}}, "actions__status", "invalid_choice"),
        ({"actions": {"priority": 1}}, "actions__priority", "invalid_input"),
        ({"actions": {"assignee": "me"}}, "actions__assignee", "invalid_input"),
        ({"actions": {"assignee": {"type": "user", "id": 2**31 - 1}}}, "actions__assignee", "invalid_input"),
        (
            {"actions": {"assignee": {"type": "role", "id": str(uuid4())}}},
            "actions__assignee",
            "invalid_input",
        ),
        ({"actions": {"explode": True}}, "actions__explode", "invalid_input"),
        ({"visibility": "shared"}, "visibility", "invalid_choice"),
    ],
)
async def test_a_bad_quick_action_is_refused_and_changes_none(alice, body, attr, code):
    answer = await alice.client.post(QUICK_ACTIONS, json={"name": "x", "content": "y", **body})
    assert (answer.status_code, answer.json()["attr"], answer.json()["code"]) == (400, attr, code)
    made = await make(alice)
    answer = await alice.client.patch(one(made), json={"description": "new", "actions": {}, **body})
    assert (answer.status_code, answer.json()["attr"], answer.json()["code"]) == (400, attr, code)
    assert (await alice.client.get(one(made))).json() == made


async def test_actions_alone_are_enough(alice):
    made = await make(alice, content="", actions={"status": "resolved"})
    refused = await alice.client.patch(one(made), json={"actions": {}})
    assert refused.json()["detail"] == "A quick action needs content or at least one action."
    changed = await alice.client.patch(one(made), json={"actions": {}, "content": "Hello"})
    assert (changed.json()["actions"], changed.json()["content"]) == ({}, "Hello")


async def test_two_changes_at_once_never_leave_a_quick_action_that_does_nothing(alice):
    made = await make(alice, actions={"status": "resolved"})
    changes: tuple[dict[str, Any], ...] = ({"content": ""}, {"actions": {}}) * 3
    answers = await gather(*(alice.client.patch(one(made), json=change) for change in changes))
    left = (await alice.client.get(one(made))).json()
    assert bool(left["content"]) != bool(left["actions"])
    assert {answer.status_code for answer in answers} == {200, 400}


async def test_nobody_of_another_organization_can_be_named(alice, mallory):
    for assignee in (
        {"type": "user", "id": mallory.user_id},
        {"type": "role", "id": await role_of(mallory)},
    ):
        body = {"name": "x", "actions": {"assignee": assignee}}
        answer = await alice.client.post(QUICK_ACTIONS, json=body)
        assert (answer.status_code, answer.json()["attr"]) == (400, "actions__assignee")
    own = {"type": "role", "id": await role_of(alice)}
    assert (await make(alice, actions={"assignee": own}))["actions"]["assignee"] == own


async def test_a_patch_changes_what_it_names(alice, clock):
    made = await make(alice, actions={"status": "resolved", "tags": ["a"]})
    changed = await alice.client.patch(
        one(made), json={"actions": {"priority": "high"}, "rich_content": None}
    )
    assert changed.json()["actions"] == {"priority": "high"}
    assert {**changed.json(), "updated_at": 0, "actions": 0} == {**made, "updated_at": 0, "actions": 0}
    assert (await alice.client.put(one(made), json={"name": "x"})).status_code == 405


async def test_personal_ones_are_there_for_their_creator_only(alice, bob):
    made = await make(bob, visibility="personal")
    await make(bob, "Team")
    assert await names(bob) == ["Refund", "Team"] and await names(alice) == ["Team"]
    for method in ("GET", "PATCH", "DELETE"):
        assert (await alice.client.request(method, one(made), json={"name": "x"})).status_code == 404
    assert (await alice.client.get(QUICK_ACTIONS)).json()["count"] == 1


async def test_only_the_creator_makes_one_personal(alice, bob):
    made = await make(bob)
    refused = await alice.client.patch(one(made), json={"visibility": "personal", "name": "x"})
    assert refused.status_code == 403
    assert (
        await alice.client.patch(one(made), json={"visibility": "team", "name": "Ours"})
    ).status_code == 200
    assert (await bob.client.patch(one(made), json={"visibility": "personal"})).status_code == 200
    assert await names(alice) == [] and await names(bob) == ["Ours"]


async def test_those_of_the_team_outlive_the_account_of_their_creator(cast, alice, bob):
    made = await make(bob)
    async with cast.services.database.transaction() as db:
        await db.execute(delete(user_account).where(user_account.c.id == bob.user_id))
    assert (await alice.client.get(one(made))).json()["created_by"] is None


async def test_other_projects_find_nothing(alice, mallory):
    made = await make(alice)
    for path in (one(made), f"{QUICK_ACTIONS}{made['id']}/"):
        for method in ("GET", "PATCH", "DELETE"):
            assert (await mallory.client.request(method, path, json={"name": "x"})).status_code == 404
    assert await names(mallory) == []
    assert (await alice.client.get(f"{QUICK_ACTIONS}{made['id']}/")).status_code == 404


async def test_a_deleted_one_is_gone(alice, bob):
    made = await make(alice)
    assert (await bob.client.delete(one(made))).status_code == 204
    assert (await bob.client.delete(one(made))).status_code == 404
    assert await names(alice) == []


async def test_they_are_listed_by_name_in_pages(alice):
    for name in ("b", "c", "a"):
        await make(alice, name)
    page = (await alice.client.get(QUICK_ACTIONS, params={"limit": 2})).json()
    behind = (await alice.client.get(page["next"])).json()
    assert [made["name"] for made in page["results"] + behind["results"]] == ["a", "b", "c"]
    assert page["count"] == 3


async def test_the_scope_of_tickets_is_needed(cast, alice):
    reader = await cast.make_key(alice, ["ticket:read"])
    other = await cast.make_key(alice, ["conversation:write"])
    assert (await reader.get(QUICK_ACTIONS)).status_code == 200
    assert (await reader.post(QUICK_ACTIONS, json={"name": "x", "content": "y"})).status_code == 403
    assert (await other.get(QUICK_ACTIONS)).status_code == 403


@pytest.mark.parametrize("level", ["none", "viewer"])
async def test_who_may_not_change_tickets_changes_no_quick_actions_of_the_team(alice, bob, project, level):
    shared, earlier, own = (
        await make(alice),
        await make(bob, "Earlier"),
        await make(bob, visibility="personal"),
    )
    levels = f"/api/projects/{project.id}/resource_access_controls/"
    body = {"resource": "ticket", "access_level": level}
    assert (await alice.client.put(levels, json=body)).status_code == 200
    refused = [
        await bob.client.post(QUICK_ACTIONS, json={"name": "New", "content": "x"}),
        await bob.client.patch(one(own), json={"visibility": "team"}),
    ]
    for made in (shared, earlier):
        refused += [
            await bob.client.delete(one(made)),
            await bob.client.patch(one(made), json={"content": "x"}),
        ]
    assert [answer.status_code for answer in refused] == [403] * 6
    assert (await alice.client.get(one(shared))).json()["content"] == "We pay back."
    assert (await bob.client.patch(one(own), json={"content": "Other"})).status_code == 200
    assert (await bob.client.delete(one(own))).status_code == 204
    assert (await alice.client.delete(one(earlier))).status_code == 204
