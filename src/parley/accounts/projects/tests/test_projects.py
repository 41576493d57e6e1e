"""Projects and their tokens."""

import asyncio
from base64 import b64decode
from datetime import timedelta
from uuid import uuid4

import pytest

from parley.accounts.projects.queries.projects import signing_secrets

ALL = "/api/projects/"


@pytest.fixture
def path(project):
    return f"{ALL}{project.id}/"


async def test_a_project_shows_its_facts(alice, project, path):
    found = (await alice.client.get(path)).json()
    assert found["id"] == found["project_id"] == project.id
    assert found["organization"] == str(project.organization_id)
    assert found["api_token"] == project.api_token
    assert found["secret_api_token"] == project.secret_api_token
    assert found["conversations_settings"]["widget_public_token"] == project.widget_token
    assert (found["timezone"], found["conversations_enabled"]) == ("UTC", True)
    assert (found["effective_membership_level"], found["user_access_level"]) == (15, "admin")
    for same in (f"/api/environments/{project.id}/", path.rstrip("/"), f"{ALL}@current"):
        assert (await alice.client.get(same)).json() == found


async def test_members_do_not_see_the_secret(alice, bob, path, project):
    found = (await bob.client.get(path)).json()
    assert (found["secret_api_token"], found["secret_api_token_backup"]) == (None, None)
    assert project.secret_api_token not in (await bob.client.get(ALL)).text
    assert project.secret_api_token in (await alice.client.get(ALL)).text


async def test_the_lists_hold_what_the_caller_can_see(cast, alice, mallory, project):
    async with cast.services.database.transaction() as db:
        second = await cast.make_project(db, project.organization_id)
    page = (await alice.client.get(ALL, params={"limit": 1})).json()
    assert (page["count"], page["results"][0]["id"]) == (2, project.id)
    rest = (await alice.client.get(page["next"])).json()
    assert [one["id"] for one in rest["results"]] == [second.id]
    inside = (await alice.client.get("/api/organizations/@current/projects/")).json()
    assert [one["id"] for one in inside["results"]] == [project.id, second.id]
    refused = await mallory.client.get(f"/api/organizations/{project.organization_id}/projects/")
    assert refused.status_code == 403


async def test_admins_make_projects(alice, bob):
    body = {"name": " Shop ", "timezone": "Europe/Berlin", "conversations_settings": {"widget_color": "#fff"}}
    for path in (ALL, "/api/organizations/@current/projects/"):
        assert (await bob.client.post(path, json=body)).status_code == 403
        answer = await alice.client.post(path, json=body)
        assert answer.status_code == 201
        made = answer.json()
        assert (made["name"], made["timezone"], made["conversations_enabled"]) == (
            "Shop",
            "Europe/Berlin",
            False,
        )
        assert made["conversations_settings"] == {"widget_color": "#fff", "widget_public_token": None}
        assert made["api_token"].startswith("phc_") and made["secret_api_token"].startswith("phs_")
        assert (await bob.client.get(f"{ALL}{made['id']}/")).status_code == 200


async def test_a_project_made_with_conversations_has_a_token(alice):
    made = (await alice.client.post(ALL, json={"name": "x", "conversations_enabled": True})).json()
    assert len(made["conversations_settings"]["widget_public_token"]) >= 32


@pytest.mark.parametrize(
    ("changes", "attr", "code"),
    [
        ({"name": ""}, "name", "blank"),
        ({"name": None}, "name", "null"),
        ({"name": "x" * 201}, "name", "max_length"),
        ({"name": []}, "name", "invalid_input"),
        ({"timezone": "Mars/Base"}, "timezone", "invalid_choice"),
        ({"timezone": "../../etc/passwd"}, "timezone", "invalid_choice"),
        ({"timezone": "localtime"}, "timezone", "invalid_choice"),
        ({"timezone": "Factory"}, "timezone", "invalid_choice"),
        ({"timezone": None}, "timezone", "null"),
        ({"conversations_enabled": "perhaps"}, "conversations_enabled", "invalid_input"),
        ({"conversations_settings": "x"}, "conversations_settings", "invalid_input"),
        ({"conversations_settings": [1]}, "conversations_settings", "invalid_input"),
        (
            {"conversations_settings": {"widget_color": "red"}},
            "conversations_settings__widget_color",
            "invalid_input",
        ),
        ({"conversations_settings": {"a": "\0"}}, "conversations_settings", "null_characters_not_allowed"),
    ],
)
async def test_a_bad_change_is_refused_whole(alice, path, changes, attr, code):
    before = (await alice.client.get(path)).json()
    answer = await alice.client.patch(path, json={"name": "New", "timezone": "Asia/Tokyo", **changes})
    assert answer.status_code == 400, answer.text
    assert (answer.json()["attr"], answer.json()["code"]) == (attr, code)
    assert (await alice.client.get(path)).json() == before


async def test_a_change_keeps_what_it_does_not_name(alice, path):
    before = (await alice.client.get(path)).json()
    changes = {"timezone": "America/New_York", "api_token": "mine", "secret_api_token": "mine", "id": 7}
    after = (await alice.client.patch(path, json=changes)).json()
    changed = {key for key in after if after[key] != before[key]}
    assert changed == {"timezone", "updated_at"}


async def test_forms_change_projects_too(alice, path):
    form = {
        "name": "Formed",
        "conversations_enabled": "false",
        "conversations_settings": '{"widget_enabled": false}',
    }
    after = (await alice.client.patch(path, data=form)).json()
    assert (after["name"], after["conversations_enabled"]) == ("Formed", False)
    assert after["conversations_settings"]["widget_enabled"] is False


async def test_settings_are_merged(alice, path, project):
    first = {"widget_greeting_text": "Hi", "widget_color": "#1d4aff", "theirs": {"kept": [1, None]}}
    await alice.client.patch(path, json={"conversations_settings": first})
    second = {"widget_color": "#000000", "widget_domains": ["a.example", None, "*.b.example", "a.example"]}
    after = (await alice.client.patch(path, json={"conversations_settings": second})).json()
    assert after["conversations_settings"] == {
        "widget_enabled": True,
        "widget_greeting_text": "Hi",
        "widget_color": "#000000",
        "theirs": {"kept": [1, None]},
        "widget_domains": ["a.example", "*.b.example"],
        "widget_public_token": project.widget_token,
    }
    reset = {"widget_greeting_text": None, "theirs": None}
    after = (await alice.client.patch(path, json={"conversations_settings": reset})).json()
    assert not {"widget_greeting_text", "theirs"} & set(after["conversations_settings"])
    unchanged = (await alice.client.patch(path, json={"conversations_settings": None})).json()
    assert unchanged["conversations_settings"] == after["conversations_settings"]


async def test_changes_at_the_same_time_do_not_lose_each_other(alice, path):
    changes = [{"conversations_settings": {f"key_{n}": n}} for n in range(8)]
    await asyncio.gather(*(alice.client.patch(path, json=change) for change in changes))
    settings = (await alice.client.get(path)).json()["conversations_settings"]
    assert {f"key_{n}" for n in range(8)} <= set(settings)


async def test_the_widget_token_cannot_be_set_by_hand(alice, path, project):
    for given in ("mine", None, "", 5):
        change = {"conversations_settings": {"widget_public_token": given}}
        after = (await alice.client.patch(path, json=change)).json()
        assert after["conversations_settings"]["widget_public_token"] == project.widget_token


async def test_switching_conversations_on_makes_a_token_and_off_keeps_it(alice):
    made = (await alice.client.post(ALL, json={"name": "x"})).json()
    path = f"{ALL}{made['id']}/"

    async def switch(is_on):
        after = (await alice.client.patch(path, json={"conversations_enabled": is_on})).json()
        return after["conversations_settings"]["widget_public_token"]

    token = await switch(True)
    assert token and await switch(False) == token and await switch(True) == token


async def test_recipients_are_members(alice, bob, mallory, path):
    good = {"notification_recipients": [bob.user_id, None, alice.user_id]}
    after = (await alice.client.patch(path, json={"conversations_settings": good})).json()
    assert after["conversations_settings"]["notification_recipients"] == [bob.user_id, alice.user_id]
    for bad in ([alice.user_id, mallory.user_id], [0, 2**60]):
        answer = await alice.client.patch(
            path, json={"conversations_settings": {"notification_recipients": bad}}
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "does_not_exist")


async def test_members_change_nothing(bob, path):
    for method, where in (
        ("PATCH", path), ("DELETE", path), ("POST", f"{path}generate_conversations_public_token/"),
        ("PATCH", f"{path}rotate_secret_token/"), ("PATCH", f"{path}delete_secret_token_backup/"),
    ):  # fmt: skip
        assert (await bob.client.request(method, where, json={"name": "x"})).status_code == 403


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_a_rotated_widget_token_replaces_the_old_one(cast, alice, path, project, method):
    access = cast.client()._transport.app.app.state.authenticator
    assert (await access.project_by_widget_token(project.widget_token)).id == project.id
    answer = await alice.client.request(method, f"{path}generate_conversations_public_token/")
    token = answer.json()["conversations_settings"]["widget_public_token"]
    assert answer.status_code == 200 and token != project.widget_token
    assert await access.project_by_widget_token(project.widget_token) is None
    assert (await access.project_by_widget_token(token)).id == project.id


async def test_the_old_secret_stays_until_its_backup_is_deleted(alice, path, project, services):
    from parley.accounts.projects.queries.projects import secret_tokens

    rotated = (await alice.client.patch(f"{path}rotate_secret_token/")).json()
    new, old = rotated["secret_api_token"], rotated["secret_api_token_backup"]
    assert new.startswith("phs_") and old == project.secret_api_token != new
    assert await secret_tokens(services.database, services.vault, project.id) == [new, old]
    after = (await alice.client.post(f"{path}delete_secret_token_backup/")).json()
    assert (after["secret_api_token"], after["secret_api_token_backup"]) == (new, None)


async def test_the_secret_is_not_readable_in_the_database(database, project):
    from sqlalchemy import select

    from parley.accounts.projects.tables import project as table

    async with database.transaction(write=False) as db:
        row = (await db.execute(select(table).where(table.c.id == project.id))).one()
    assert project.secret_api_token not in str(row)


async def test_a_deleted_project_is_gone_with_its_tokens(cast, alice, bob, path, project):
    assert (await alice.client.delete(path)).status_code == 204
    assert (await alice.client.get(path)).status_code == 404
    access = cast.client()._transport.app.app.state.authenticator
    assert await access.project_by_api_token(project.api_token) is None
    assert (await bob.client.get("/api/users/@me/")).json()["team"] is None


async def test_a_foreign_project_is_403_and_a_missing_one_404(mallory, path):
    for method in ("GET", "PATCH", "DELETE"):
        answer = await mallory.client.request(method, path, json={"name": "mine"})
        assert (answer.status_code, answer.json()["detail"]) == (403, "You don't have access to the project.")
    for action in (
        "generate_conversations_public_token",
        "rotate_secret_token",
        "delete_secret_token_backup",
    ):
        assert (await mallory.client.post(f"{path}{action}/")).status_code == 403
    for given in (999_999_999, 10**12, "x", "-1", "1e3", "１", uuid4(), "%00"):
        answer = await mallory.client.get(f"{ALL}{given}/")
        assert (answer.status_code, answer.json()["detail"]) == (404, "Project not found.")


async def test_the_secret_of_webhooks_is_shown_to_admins_and_can_be_replaced(alice, bob, path):
    first = (await alice.client.get(path)).json()["webhook_signing_secret"]
    assert first.startswith("whsec_")
    assert (await bob.client.get(path)).json()["webhook_signing_secret"] is None
    assert (await bob.client.post(f"{path}rotate_webhook_signing_secret/")).status_code == 403
    rotated = await alice.client.post(f"{path}rotate_webhook_signing_secret/")
    assert rotated.status_code == 200
    second = rotated.json()["webhook_signing_secret"]
    assert second.startswith("whsec_") and second != first
    assert (await alice.client.get(path)).json()["webhook_signing_secret"] == second


async def test_the_secret_before_signs_along_for_a_day(alice, clock, services, project, path):
    async def secrets():
        async with services.database.transaction(write=False) as db:
            return await signing_secrets(db, services.vault, project.id, clock.now())

    [first] = await secrets()
    await alice.client.post(f"{path}rotate_webhook_signing_secret/")
    second, still = await secrets()
    assert (still, second != first) == (first, True)
    clock.advance(timedelta(hours=24, seconds=1))
    assert await secrets() == [second]


async def test_a_new_project_can_sign_at_once(alice, services):
    made = (await alice.client.post(ALL, json={"name": "Second"})).json()
    key = b64decode(made["webhook_signing_secret"].removeprefix("whsec_"))
    assert len(key) == 32


SECRETS = ("secret_api_token", "secret_api_token_backup", "webhook_signing_secret")


@pytest.mark.parametrize(
    ("scopes", "sees"),
    [
        (["project:read"], False),
        (["project:read", "webhook:write", "ticket:write", "organization:write"], False),
        (["project:write"], True),
        (["*"], True),
    ],
)
async def test_only_keys_that_could_replace_the_secrets_see_them(cast, alice, project, scopes, sees):
    first = (await alice.client.post(f"/api/projects/{project.id}/rotate_secret_token/")).json()
    client = await cast.make_key(alice, scopes)
    for path in (
        f"/api/projects/{project.id}/", f"/api/environments/{project.id}/", "/api/projects/@current/",
        "/api/projects/", "/api/organizations/@current/projects/",
    ):  # fmt: skip
        answer = (await client.get(path)).json()
        shown = answer["results"][0] if "results" in answer else answer
        assert [shown[name] for name in SECRETS] == [first[name] if sees else None for name in SECRETS]


async def test_no_key_of_a_member_sees_the_secrets(cast, bob, project):
    for client in (bob.client, await cast.make_key(bob, ["project:write"]), await cast.sign_in(bob)):
        found = (await client.get(f"/api/projects/{project.id}/")).json()
        assert [found[name] for name in SECRETS] == [None] * 3
