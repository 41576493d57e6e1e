"""Personal API keys: made in a session, limited by scopes, projects and organizations."""

from datetime import timedelta
from uuid import uuid4

import pytest

from parley.accounts.users.actions import change_user
from tests.cast import PASSWORD

KEYS, ME = "/api/personal_api_keys/", "/api/users/@me/"


@pytest.fixture
async def session(cast, alice):
    return await cast.sign_in(alice)


async def make(session, **fields):
    return await session.post(KEYS, json={"label": "mine", "scopes": ["ticket:read"], **fields})


async def test_a_new_key_shows_its_value_once(session, cast):
    answer = await make(session, label="  For the robot ", scopes=["*"])
    assert answer.status_code == 201
    made = answer.json()
    assert set(made) == {
        "id", "label", "value", "mask_value", "created_at", "last_used_at", "last_rolled_at",
        "scopes", "scoped_teams", "scoped_organizations",
    }  # fmt: skip
    value = made.pop("value")
    assert value.startswith("phx_") and len(value) == 47
    assert made["mask_value"] == f"{value[:4]}...{value[-4:]}"
    assert made["label"] == "For the robot" and made["created_at"].endswith("Z")
    assert (await session.get(f"{KEYS}{made['id']}/")).json() == made
    assert (await cast.client(Authorization=f"Bearer   {value} ").get(ME)).status_code == 200


async def test_a_list_shows_the_newest_first_and_only_ones_own(session, cast, bob, mallory):
    first, second = (await make(session, label="1")).json(), (await make(session, label="2")).json()
    page = (await session.get(KEYS)).json()
    assert page["count"] == 3  # the one that the client of the test uses is among them
    assert [one["id"] for one in page["results"]][:2] == [second["id"], first["id"]]
    for other in (bob, mallory):
        theirs = await cast.sign_in(other)
        assert (await theirs.get(KEYS)).json()["count"] == 1
        for request in (theirs.get, theirs.delete, theirs.patch):
            assert (await request(f"{KEYS}{first['id']}/")).status_code == 404
        assert (await theirs.post(f"{KEYS}{first['id']}/roll/")).status_code == 404
    assert (await session.get(f"{KEYS}{first['id']}/")).status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
async def test_keys_cannot_see_or_make_keys(alice, method):
    answer = await getattr(alice.client, method)(KEYS)
    assert answer.status_code == 403
    assert answer.json()["detail"] == "This action does not support Personal API Key access"


async def test_a_key_sees_itself_whatever_its_scopes_are(session, cast, alice, project, anonymous):
    fields = {"scopes": ["insight:read"], "scoped_teams": [project.id]}
    made = (await make(session, **fields)).json()
    client = cast.client(Authorization=f"Bearer {made.pop('value')}")
    seen = (await client.get(f"{KEYS}@current/")).json()
    assert {**seen, "last_used_at": None} == made and seen["scoped_teams"] == [project.id]
    assert (await client.get(f"{KEYS}{made['id']}/")).status_code == 403
    for method in (client.patch, client.delete):
        assert (await method(f"{KEYS}@current/")).status_code in (403, 405)
    assert (await session.get(f"{KEYS}@current/")).status_code == 404
    assert (await anonymous.get(f"{KEYS}@current/")).status_code == 401


async def test_the_anonymous_cannot_make_keys(anonymous):
    assert (await anonymous.post(KEYS, json={"label": "x", "scopes": ["*"]})).status_code == 401


@pytest.mark.parametrize(
    ("fields", "attr", "code"),
    [
        ({"label": ""}, "label", "blank"),
        ({"label": "   "}, "label", "blank"),
        ({"label": None}, "label", "null"),
        ({"label": "x" * 41}, "label", "max_length"),
        ({"label": "a\0"}, "label", "null_characters_not_allowed"),
        ({"scopes": []}, "scopes", "empty"),
        ({"scopes": None}, "scopes", "null"),
        ({"scopes": "ticket:read"}, "scopes", "invalid_input"),
        ({"scopes": ["ticket:reed"]}, "scopes", "invalid_input"),
        ({"scopes": ["ticket"]}, "scopes", "invalid_input"),
        ({"scopes": [7]}, "scopes__0", "invalid_input"),
        ({"scoped_teams": [0]}, "scoped_teams", "does_not_exist"),
        ({"scoped_teams": ["x"]}, "scoped_teams__0", "invalid_input"),
        ({"scoped_teams": [2**70]}, "scoped_teams", "does_not_exist"),
        ({"scoped_organizations": ["x"]}, "scoped_organizations__0", "invalid_input"),
        ({"scoped_organizations": [str(uuid4())]}, "scoped_organizations", "does_not_exist"),
    ],
)
async def test_a_bad_key_is_refused_at_the_field(session, fields, attr, code):
    answer = await make(session, **fields)
    assert answer.status_code == 400, answer.text
    assert (answer.json()["attr"], answer.json()["code"]) == (attr, code)
    assert (await session.get(KEYS)).json()["count"] == 1


async def test_a_key_cannot_be_limited_to_places_of_others(session, mallory):
    for attr, foreign in (
        ("scoped_teams", mallory.project_id),
        ("scoped_organizations", str(mallory.organization_id)),
    ):
        answer = await make(session, **{attr: [foreign]})
        assert (answer.status_code, answer.json()["attr"]) == (400, attr)


async def test_a_change_takes_effect_at_once(session, cast, project):
    made = (await make(session)).json()
    client = cast.client(Authorization=f"Bearer {made['value']}")
    path = f"/api/projects/{project.id}/"
    refused = await client.get(path)
    assert (refused.status_code, refused.json()["detail"]) == (
        403,
        "API key missing required scope 'project:read'",
    )
    changed = await session.patch(f"{KEYS}{made['id']}/", json={"scopes": ["project:write"], "label": "more"})
    assert (changed.status_code, changed.json()["label"]) == (200, "more")
    assert (await client.get(path)).status_code == 200


async def test_a_patch_keeps_what_it_does_not_name(session, project):
    made = (await make(session, scoped_teams=[project.id])).json()
    changed = (await session.patch(f"{KEYS}{made['id']}/", json={"label": "new"})).json()
    assert (changed["scoped_teams"], changed["scopes"]) == ([project.id], ["ticket:read"])
    cleared = (await session.patch(f"{KEYS}{made['id']}/", json={"scoped_teams": None})).json()
    assert cleared["scoped_teams"] == []


async def test_a_rolled_key_has_a_new_value_and_the_old_one_is_dead(session, cast):
    made = (await make(session)).json()
    old = cast.client(Authorization=f"Bearer {made['value']}")
    assert (await old.get(ME)).status_code == 200
    rolled = (await session.post(f"{KEYS}{made['id']}/roll/")).json()
    assert rolled["value"] != made["value"] and rolled["last_rolled_at"]
    assert (await old.get(ME)).status_code == 401
    assert (await cast.client(Authorization=f"Bearer {rolled['value']}").get(ME)).status_code == 200


async def test_a_deleted_key_is_dead(session, cast):
    made = (await make(session)).json()
    client = cast.client(Authorization=f"Bearer {made['value']}")
    assert (await client.get(ME)).status_code == 200
    assert (await session.delete(f"{KEYS}{made['id']}/")).status_code == 204
    answer = await client.get(ME)
    assert answer.status_code == 401
    assert answer.json()["detail"] == "Personal API key found in request Authorization header is invalid."


async def test_use_is_noted_at_most_once_an_hour(session, cast, clock):
    now = clock.freeze()
    made = (await make(session)).json()
    client = cast.client(Authorization=f"Bearer {made['value']}")

    async def last_used():
        await cast.services.live.publish("accounts", "changed")
        await client.get(ME)
        return (await session.get(f"{KEYS}{made['id']}/")).json()["last_used_at"]

    first = await last_used()
    assert first == now.isoformat().replace("+00:00", "Z")
    clock.advance(timedelta(minutes=59))
    assert await last_used() == first
    clock.advance(timedelta(minutes=2))
    assert await last_used() > first


async def test_a_key_limited_to_a_project_enters_no_other(cast, alice, project):
    async with cast.services.database.transaction() as db:
        other = await cast.make_project(db, project.organization_id)
    client = await cast.make_key(alice, ["*"], projects=[project.id])
    assert (await client.get(f"/api/projects/{project.id}/")).status_code == 200
    refused = await client.get(f"/api/projects/{other.id}/")
    assert refused.status_code == 403
    assert (
        refused.json()["detail"] == f"API key does not have access to the requested project: ID {other.id}."
    )
    elsewhere = await client.get("/api/organizations/")
    assert elsewhere.status_code == 403
    assert "only supported on project-based endpoints" in elsewhere.json()["detail"]
    assert (await client.get(ME)).status_code == 200


async def test_a_key_limited_to_an_organization_enters_no_other(cast, alice, mallory, project):
    session = await cast.sign_in(alice)
    second = (await session.post("/api/organizations/", json={"name": "Second"})).json()
    client = await cast.make_key(alice, ["*"], organizations=[project.organization_id])
    assert (await client.get(f"/api/organizations/{project.organization_id}/")).status_code == 200
    refused = await client.get(f"/api/organizations/{second['id']}/")
    assert refused.status_code == 403
    assert refused.json()["detail"] == (
        f"API key does not have access to the requested organization: ID {second['id']}."
    )
    seen = (await client.get("/api/organizations/")).json()
    assert [one["id"] for one in seen["results"]] == [str(project.organization_id)]
    assert (await client.post("/api/organizations/", json={"name": "Third"})).status_code == 403
    assert (await client.post("/api/projects/", json={"name": "P"})).status_code == 403  # in the second


async def test_an_organization_can_forbid_keys_to_its_members(cast, alice, bob, project):
    session = await cast.sign_in(alice)
    await session.patch("/api/organizations/@current/", json={"members_can_use_personal_api_keys": False})
    refused = await bob.client.get(f"/api/projects/{project.id}/")
    assert refused.status_code == 403
    assert "does not allow using personal API keys" in refused.json()["detail"]
    assert (await bob.client.get("/api/organizations/@current/")).status_code == 403
    assert (await bob.client.get("/api/organizations/")).json()["results"] == []
    assert (await bob.client.get("/api/projects/")).json()["results"] == []
    assert (await alice.client.get("/api/projects/")).json()["count"] == 1
    assert (await alice.client.get(f"/api/projects/{project.id}/")).status_code == 200
    assert (await (await cast.sign_in(bob)).get(f"/api/projects/{project.id}/")).status_code == 200


async def test_nobody_gets_in_for_a_user_who_is_not_active(cast, alice, bob, database):
    session = await cast.sign_in(bob)
    async with database.transaction() as db:
        await change_user(db, cast.services, bob.user_id, {"is_active": False})
    for client in (bob.client, session):
        assert (await client.get(ME)).status_code == 401
    body = {"email": bob.email, "password": PASSWORD}
    assert (await cast.client().post("/api/login", json=body)).json()["code"] == "invalid_credentials"
    assert (await alice.client.get(ME)).status_code == 200


async def test_scopes_are_checked_before_the_body(cast, alice, project):
    client = await cast.make_key(alice, ["ticket:write"])
    for method, path in (
        ("PATCH", f"/api/projects/{project.id}/"),
        ("POST", "/api/projects/"),
        ("POST", "/api/organizations/"),
        ("PATCH", "/api/organizations/@current/"),
        ("POST", "/api/organizations/@current/roles/"),
        ("POST", "/api/organizations/@current/invites/"),
        ("PATCH", ME),
    ):
        answer = await client.request(
            method, path, content=b"{not json", headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 403, (method, path, answer.text)
        assert answer.json()["detail"].startswith("API key missing required scope '")


async def test_read_scopes_do_not_write_and_write_scopes_read(cast, alice, project):
    reader, writer = (
        await cast.make_key(alice, ["project:read"]),
        await cast.make_key(alice, ["project:write"]),
    )
    path = f"/api/projects/{project.id}/"
    assert (await reader.patch(path, json={"name": "x"})).status_code == 403
    assert (await writer.get(path)).status_code == 200
    assert (await writer.patch(path, json={"name": "x"})).status_code == 200
