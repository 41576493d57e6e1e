"""`/api/users/@me/`."""

import pytest

from tests.cast import PASSWORD

ME = "/api/users/@me/"
NEW = "another fine passphrase"


async def test_me_shows_the_caller_with_organizations_and_project(alice, project):
    me = (await alice.client.get(ME)).json()
    assert me["id"] == alice.user_id and me["uuid"] == str(alice.user_uuid) and me["email"] == alice.email
    assert {"distinct_id", "is_email_verified", "hedgehog_config", "role_at_organization"} <= set(me)
    assert me["organization"]["id"] == str(project.organization_id)
    assert me["organization"]["membership_level"] == 15
    assert [one["id"] for one in me["organizations"]] == [str(project.organization_id)]
    assert (me["team"]["id"], me["team"]["api_token"]) == (project.id, project.api_token)
    assert "password" not in str(me).replace("has_password", "")


async def test_ones_own_uuid_works_and_no_other(alice, bob):
    assert (await alice.client.get(f"/api/users/{alice.user_uuid}/")).status_code == 200
    assert (await alice.client.get(f"/api/users/{bob.user_uuid}/")).status_code == 404


async def test_nobody_is_401(anonymous):
    answer = await anonymous.get(ME)
    assert answer.status_code == 401 and "www-authenticate" in answer.headers


async def test_names_and_more_can_be_changed(alice):
    changes = {
        "first_name": " Al ",
        "last_name": "",
        "hedgehog_config": {"color": "green"},
        "role_at_organization": "founder",
        "email": "ignored@example.com",
        "is_staff": True,
    }
    me = (await alice.client.patch(ME, json=changes)).json()
    assert (me["first_name"], me["last_name"], me["email"]) == ("Al", "", alice.email)
    assert (me["hedgehog_config"], me["role_at_organization"]) == ({"color": "green"}, "founder")
    assert me["is_staff"] is False
    cleared = {"hedgehog_config": None, "role_at_organization": None}
    me = (await alice.client.patch(ME, json=cleared)).json()
    assert me["hedgehog_config"] is None and me["role_at_organization"] is None and me["first_name"] == "Al"


@pytest.mark.parametrize(
    ("changes", "attr", "code"),
    [
        ({"first_name": ""}, "first_name", "blank"),
        ({"first_name": "x" * 151}, "first_name", "max_length"),
        ({"role_at_organization": "king"}, "role_at_organization", "invalid_choice"),
        ({"hedgehog_config": [1]}, "hedgehog_config", "invalid_input"),
        ({"hedgehog_config": {"a": "x" * 17_000}}, "hedgehog_config", "max_length"),
        ({"set_current_team": "x"}, "set_current_team", "invalid_input"),
        ({"set_current_team": 2**40}, "set_current_team", "max_value"),
        ({"set_current_organization": "x"}, "set_current_organization", "invalid_input"),
    ],
)
async def test_bad_changes_are_refused_whole(alice, changes, attr, code):
    answer = await alice.client.patch(ME, json={"last_name": "Changed", **changes})
    assert answer.status_code == 400, answer.text
    assert (answer.json()["attr"], answer.json()["code"]) == (attr, code)
    assert (await alice.client.get(ME)).json()["last_name"] == "Example"


async def test_the_current_project_can_be_changed(cast, alice, project):
    async with cast.services.database.transaction() as db:
        other = await cast.make_project(db, project.organization_id)
    me = (await alice.client.patch(ME, json={"set_current_team": other.id})).json()
    assert me["team"]["id"] == other.id
    assert (await alice.client.get("/api/projects/@current/")).json()["id"] == other.id


async def test_the_current_organization_can_be_changed(alice, project):
    made = (await alice.client.post("/api/organizations/", json={"name": "Second"})).json()
    me = (await alice.client.get(ME)).json()
    assert (me["organization"]["id"], me["team"]) == (made["id"], me["team"])
    second = (await alice.client.post("/api/projects/", json={"name": "P2"})).json()
    assert second["organization"] == made["id"]
    back = {"set_current_organization": str(project.organization_id)}
    assert (await alice.client.patch(ME, json=back)).json()["team"]["id"] == project.id
    there = {"set_current_organization": made["id"], "set_current_team": second["id"]}
    assert (await alice.client.patch(ME, json=there)).json()["team"]["id"] == second["id"]


async def test_foreign_places_cannot_become_current(alice, mallory, project):
    for change in (
        {"set_current_team": mallory.project_id},
        {"set_current_organization": str(mallory.organization_id)},
        {"set_current_organization": str(alice.organization_id), "set_current_team": mallory.project_id},
    ):
        answer = await alice.client.patch(ME, json=change)
        assert (answer.status_code, answer.json()["code"]) == (400, "does_not_exist")
    assert (await alice.client.get(ME)).json()["team"]["id"] == project.id


async def test_a_new_password_ends_the_other_sessions(cast, alice):
    mine, other = await cast.sign_in(alice), await cast.sign_in(alice)
    change = {"password": NEW, "current_password": PASSWORD}
    assert (await mine.patch(ME, json=change)).status_code == 200
    assert (await mine.get(ME)).status_code == 200
    assert (await other.get(ME)).status_code == 401
    assert (await alice.client.get(ME)).status_code == 401  # keys end, too
    for password, status in ((PASSWORD, 400), (NEW, 200)):
        body = {"email": alice.email, "password": password}
        assert (await cast.client().post("/api/login", json=body)).status_code == status


@pytest.mark.parametrize(
    ("change", "attr"),
    [
        ({"password": NEW}, "current_password"),
        ({"password": NEW, "current_password": ""}, "current_password"),
        ({"password": NEW, "current_password": "wrong"}, "current_password"),
        ({"password": "short", "current_password": PASSWORD}, "password"),
        ({"password": "password123", "current_password": PASSWORD}, "password"),
        ({"password": "", "current_password": PASSWORD}, "password"),
    ],
)
async def test_a_password_changes_only_for_who_knows_it_and_to_a_good_one(cast, alice, change, attr):
    session = await cast.sign_in(alice)
    answer = await session.patch(ME, json=change)
    assert (answer.status_code, answer.json()["attr"]) == (400, attr)
    body = {"email": alice.email, "password": PASSWORD}
    assert (await cast.client().post("/api/login", json=body)).status_code == 200


async def test_guessing_the_current_password_is_limited(cast, alice):
    session = await cast.sign_in(alice)
    change = {"password": NEW, "current_password": "wrong"}
    codes = [(await session.patch(ME, json=change)).status_code for _ in range(11)]
    assert codes == [400] * 10 + [429]


async def test_a_key_cannot_change_the_password(alice):
    change = {"password": NEW, "current_password": PASSWORD}
    assert (await alice.client.patch(ME, json=change)).status_code == 403


async def test_limited_keys_see_me_and_need_a_scope_to_write(cast, alice, project):
    client = await cast.make_key(alice, ["ticket:read"], projects=[project.id])
    assert (await client.get(ME)).status_code == 200
    assert (await client.patch(ME, json={"first_name": "x"})).status_code == 403
    writer = await cast.make_key(alice, ["user:write"], projects=[project.id])
    assert (await writer.patch(ME, json={"first_name": "x"})).status_code == 200
