"""Roles of an organization."""

import asyncio
from uuid import uuid4

import pytest

ROLES = "/api/organizations/@current/roles/"


@pytest.fixture
async def role(alice):
    return (await alice.client.post(ROLES, json={"name": "Support"})).json()


def given(role):
    return f"{ROLES}{role['id']}/role_memberships/"


async def give(by, role, whom):
    return await by.client.post(given(role), json={"user_uuid": str(whom.user_uuid)})


async def test_a_role_is_made_listed_renamed_and_deleted(alice, role):
    assert set(role) == {"id", "name", "created_at", "created_by", "members", "is_default"}
    assert (role["name"], role["created_by"]["email"], role["members"]) == ("Support", alice.email, [])
    assert (await alice.client.get(ROLES)).json()["results"] == [role]
    renamed = await alice.client.patch(f"{ROLES}{role['id']}/", json={"name": " Sales "})
    assert renamed.json()["name"] == "Sales"
    assert (await alice.client.delete(f"{ROLES}{role['id']}/")).status_code == 204
    assert (await alice.client.get(f"{ROLES}{role['id']}/")).status_code == 404


async def test_members_are_given_a_role_and_lose_it(alice, bob, role):
    answer = await give(alice, role, bob)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["role_id"], made["user"]["email"]) == (role["id"], bob.email)
    members = (await alice.client.get("/api/organizations/@current/members/")).json()["results"]
    assert made["organization_member"] in [one["id"] for one in members]
    assert (await bob.client.get(given(role))).json()["results"] == [made]
    assert (await bob.client.get(f"{ROLES}{role['id']}/")).json()["members"] == [made]
    assert (await alice.client.delete(f"{given(role)}{made['id']}/")).status_code == 204
    assert (await alice.client.get(given(role))).json()["count"] == 0


async def test_a_role_is_given_once_and_to_members_only(alice, bob, mallory, role):
    assert (await give(alice, role, bob)).status_code == 201
    again = await give(alice, role, bob)
    assert (again.status_code, again.json()["code"]) == (400, "unique")
    stranger = await give(alice, role, mallory)
    assert (stranger.status_code, stranger.json()["attr"]) == (400, "user_uuid")
    for value in ("x", None, 5, str(uuid4())):
        answer = await alice.client.post(given(role), json={"user_uuid": value})
        assert (answer.status_code, answer.json()["attr"]) == (400, "user_uuid")


async def test_names_are_unique_in_an_organization(alice, mallory, role):
    twice = await alice.client.post(ROLES, json={"name": "Support"})
    assert (twice.status_code, twice.json()["code"], twice.json()["attr"]) == (400, "unique", "name")
    other = (await alice.client.post(ROLES, json={"name": "Other"})).json()
    renamed = await alice.client.patch(f"{ROLES}{other['id']}/", json={"name": "Support"})
    assert (renamed.status_code, renamed.json()["attr"]) == (400, "name")
    assert (await alice.client.patch(f"{ROLES}{role['id']}/", json={"name": "Support"})).status_code == 200
    assert (await mallory.client.post(ROLES, json={"name": "Support"})).status_code == 201


@pytest.mark.parametrize("name", ["", " ", None, {}, "x" * 201, []])
async def test_a_role_needs_a_good_name(alice, name):
    answer = await alice.client.post(ROLES, json={"name": name})
    assert (answer.status_code, answer.json()["attr"]) == (400, "name")


async def test_only_admins_manage_roles(alice, bob, role):
    made = (await give(alice, role, bob)).json()
    one = f"{ROLES}{role['id']}/"
    for method, path in (
        ("POST", ROLES), ("PATCH", one), ("DELETE", one), ("POST", given(role)),
        ("DELETE", f"{given(role)}{made['id']}/"),
    ):  # fmt: skip
        assert (await bob.client.request(method, path, json={"name": "x"})).status_code == 403
    assert (await bob.client.get(ROLES)).status_code == 200


async def test_roles_of_another_organization_are_not_found(alice, mallory, role, bob):
    made = (await give(alice, role, bob)).json()
    own = (await mallory.client.post(ROLES, json={"name": "Own"})).json()
    for method, path in (
        ("GET", f"{ROLES}{role['id']}/"), ("PATCH", f"{ROLES}{role['id']}/"),
        ("DELETE", f"{ROLES}{role['id']}/"), ("GET", given(role)),
        ("DELETE", f"{given(role)}{made['id']}/"), ("DELETE", f"{given(own)}{made['id']}/"),
        ("GET", f"{ROLES}x/"), ("GET", f"{ROLES}{uuid4()}/"),
    ):  # fmt: skip
        assert (await mallory.client.request(method, path, json={"name": "x"})).status_code == 404
    assert (await give(mallory, role, mallory)).status_code == 404
    theirs = f"/api/organizations/{alice.organization_id}/roles/"
    assert (await mallory.client.get(theirs)).status_code == 403
    assert (await alice.client.get(given(role))).json()["count"] == 1


async def test_a_key_that_cannot_change_rights_gives_and_takes_no_roles(cast, alice, bob):
    roles = "/api/organizations/@current/roles/"
    role = (await alice.client.post(roles, json={"name": "Support"})).json()["id"]
    people, body = f"{roles}{role}/role_memberships/", {"user_uuid": str(bob.user_uuid)}
    narrow = await cast.make_key(alice, ["organization:write", "organization_member:write", "ticket:write"])
    assert (await narrow.post(people, json=body)).status_code == 403
    able = await cast.make_key(alice, ["organization:write", "access_control:write"])
    given = await able.post(people, json=body)
    assert given.status_code == 201
    assert (await narrow.delete(f"{people}{given.json()['id']}/")).status_code == 403
    assert (await narrow.delete(f"{roles}{role}/")).status_code == 403
    assert (await narrow.post(roles, json={"name": "Other"})).status_code == 201
    assert (await able.delete(f"{roles}{role}/")).status_code == 204


async def test_of_roles_that_get_the_same_name_at_once_one_has_it(alice):
    made = [
        (await alice.client.post(ROLES, json={"name": name})).json()["id"] for name in ("One", "Two", "Three")
    ]
    answers = await asyncio.gather(
        *(alice.client.patch(f"{ROLES}{one}/", json={"name": "Same"}) for one in made)
    )
    assert sorted(one.status_code for one in answers) == [200, 400, 400]
