"""Members of an organization, and the rules on levels."""

from uuid import uuid4

import pytest

MEMBERS = "/api/organizations/@current/members/"


@pytest.fixture
async def admin(cast, project):
    """An admin of alice's organization."""
    async with cast.services.database.transaction() as db:
        return await cast.make_member(db, project, level=8, name="adam")


async def set_level(by, whom, level):
    return await by.client.patch(f"{MEMBERS}{whom.user_uuid}/", json={"level": level})


async def level_of(by, whom):
    return (await by.client.get(f"{MEMBERS}{whom.user_uuid}/")).json()["level"]


async def test_members_are_listed_with_level_and_user(alice, bob):
    page = (await bob.client.get(MEMBERS)).json()
    assert page["count"] == 2
    found = {one["user"]["email"]: one["level"] for one in page["results"]}
    assert found == {alice.email: 15, bob.email: 1}
    assert set(page["results"][0]["user"]) == {
        "id", "uuid", "distinct_id", "first_name", "last_name", "email", "is_email_verified",
        "hedgehog_config", "role_at_organization",
    }  # fmt: skip


async def test_pages_of_members_fit_together(alice, bob):
    first = (await alice.client.get(MEMBERS, params={"limit": 1})).json()
    second = (await alice.client.get(first["next"])).json()
    assert first["previous"] is None and second["next"] is None
    emails = {one["user"]["email"] for one in (*first["results"], *second["results"])}
    assert emails == {alice.email, bob.email}


async def test_a_level_can_be_raised_and_lowered(alice, bob):
    assert (await set_level(alice, bob, 8)).json()["level"] == 8
    assert (await bob.client.patch("/api/organizations/@current/", json={"name": "Bob's"})).status_code == 200
    assert (await set_level(alice, bob, 1)).json()["level"] == 1
    assert (await bob.client.patch("/api/organizations/@current/", json={"name": "Bob's"})).status_code == 403


async def test_nobody_raises_anybody_above_themself(alice, admin, bob):
    assert (await set_level(admin, bob, 15)).status_code == 403
    assert (await set_level(admin, admin, 15)).status_code == 403
    assert (await set_level(admin, bob, 8)).status_code == 200
    assert (await level_of(alice, bob), await level_of(alice, admin)) == (8, 8)


async def test_nobody_changes_those_above_themself(alice, admin):
    assert (await set_level(admin, alice, 1)).status_code == 403
    assert (await admin.client.delete(f"{MEMBERS}{alice.user_uuid}/")).status_code == 403
    assert await level_of(alice, alice) == 15


async def test_members_change_nobody(alice, bob, admin):
    for whom in (alice, admin, bob):
        assert (await set_level(bob, whom, 8)).status_code == 403
    assert (await bob.client.delete(f"{MEMBERS}{admin.user_uuid}/")).status_code == 403


@pytest.mark.parametrize(("level", "code"), [(0, "invalid_choice"), (7, "invalid_choice"), (99, "invalid_choice"),
    ("x", "invalid_input"), (None, "null"), (2**80, "invalid_choice")])  # fmt: skip
async def test_a_level_is_one_of_three(alice, bob, level, code):
    answer = await set_level(alice, bob, level)
    assert (answer.status_code, answer.json()["attr"], answer.json()["code"]) == (400, "level", code)
    assert await level_of(alice, bob) == 1


async def test_the_last_owner_stays(alice, bob):
    for answer in (await set_level(alice, alice, 8), await alice.client.delete(f"{MEMBERS}@me/")):
        assert (answer.status_code, answer.json()["code"]) == (400, "last_owner")
    assert await level_of(alice, alice) == 15
    await set_level(alice, bob, 15)
    assert (await alice.client.delete(f"{MEMBERS}@me/")).status_code == 204
    assert (await alice.client.get(f"/api/organizations/{alice.organization_id}/")).status_code == 403


async def test_everybody_may_leave(bob, alice, project):
    assert (await bob.client.delete(f"{MEMBERS}{bob.user_uuid}/")).status_code == 204
    assert (await bob.client.get(f"/api/projects/{project.id}/")).status_code == 403
    assert (await bob.client.get("/api/users/@me/")).json()["team"] is None
    assert (await alice.client.get(MEMBERS)).json()["count"] == 1


async def test_somebody_removed_loses_access_at_once_and_their_roles(alice, bob, project):
    roles = "/api/organizations/@current/roles/"
    role = (await alice.client.post(roles, json={"name": "Support"})).json()
    body = {"user_uuid": str(bob.user_uuid)}
    await alice.client.post(f"{roles}{role['id']}/role_memberships/", json=body)
    assert (await bob.client.get(f"/api/projects/{project.id}/")).status_code == 200
    assert (await alice.client.delete(f"{MEMBERS}{bob.user_uuid}/")).status_code == 204
    assert (await bob.client.get(f"/api/projects/{project.id}/")).status_code == 403
    assert (await alice.client.get(f"{roles}{role['id']}/")).json()["members"] == []


async def test_a_stranger_is_no_member(alice, mallory):
    for given in (mallory.user_uuid, uuid4(), "x", "@you"):
        for request in (alice.client.get, alice.client.delete):
            assert (await request(f"{MEMBERS}{given}/")).status_code == 404
    assert (await set_level(alice, mallory, 1)).status_code == 404


async def test_reading_and_writing_take_their_scopes(cast, alice, bob):
    reader = await cast.make_key(alice, ["organization_member:read"])
    assert (await reader.get(MEMBERS)).status_code == 200
    assert (await reader.patch(f"{MEMBERS}{bob.user_uuid}/", json={"level": 8})).status_code == 403
    other = await cast.make_key(alice, ["organization:write"])
    assert (await other.get(MEMBERS)).status_code == 403
