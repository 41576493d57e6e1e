"""What is done to members, keys, settings and accounts leaves an entry, whichever way it is done."""

import pytest
from sqlalchemy import select

from parley.accounts.audit_log.rules import MASK
from parley.accounts.audit_log.tables import audit_entry
from parley.accounts.password_reset.actions import start_reset
from parley.accounts.sign_in.failed_attempts import LISTED, record_failure
from tests.cast import PASSWORD


@pytest.fixture
def entries(database):
    async def found(organization_id):
        mine = audit_entry.c.organization_id == organization_id
        ordered = select(audit_entry).where(mine).order_by(audit_entry.c.created_at, audit_entry.c.id)
        async with database.transaction(write=False) as db:
            return (await db.execute(ordered)).all()

    return found


async def test_changes_of_an_organization_are_logged(alice, bob, api, entries):
    path = f"/api/organizations/{alice.organization_id}"
    await api.patch(f"{path}/members/{bob.user_uuid}/", json={"level": 8})
    await api.patch(f"{path}/members/{bob.user_uuid}/", json={"level": 8})
    role = (await api.post(f"{path}/roles/", json={"name": "Billing"})).json()["id"]
    await api.patch(f"{path}/roles/{role}/", json={"name": "Money"})
    given = await api.post(f"{path}/roles/{role}/role_memberships/", json={"user_uuid": str(bob.user_uuid)})
    await api.delete(f"{path}/roles/{role}/role_memberships/{given.json()['id']}/")
    await api.delete(f"{path}/roles/{role}/")
    invite = await api.post(f"{path}/invites/", json={"target_email": "new@example.com", "level": 1})
    await api.delete(f"{path}/invites/{invite.json()['id']}/")
    await api.patch(f"{path}/", json={"allow_publicly_shared_resources": False})
    await api.delete(f"{path}/members/{bob.user_uuid}/")
    made = await entries(alice.organization_id)
    bobs = ("Bob Example", {"level": "member"}, {"level": "admin"})
    assert [(one.action, one.target_name, one.before, one.after) for one in made] == [
        ("member.level_changed", *bobs),
        ("role.made", "Billing", None, None),
        ("role.changed", "Money", {"name": "Billing"}, {"name": "Money"}),
        ("role.given", "Bob Example", None, {"role": "Money"}),
        ("role.taken", "Bob Example", {"role": "Money"}, None),
        ("role.deleted", "Money", None, None),
        ("invitation.made", "new@example.com", None, {"level": "member"}),
        ("invitation.deleted", "new@example.com", None, None),
        (
            "organization.changed",
            made[8].target_name,
            {"allow_publicly_shared_resources": True},
            {"allow_publicly_shared_resources": False},
        ),
        ("member.removed", "Bob Example", None, None),
    ]
    assert {(one.user_email, one.key_label) for one in made} == {(alice.email, "test")}


async def test_changes_of_a_project_are_logged_without_its_secrets(alice, api, project, entries):
    path = f"/api/projects/{project.id}"
    settings = {"widget_greeting_text": "Hello", "widget_enabled": True}
    await api.patch(f"{path}/", json={"name": "Badgers", "conversations_settings": settings})
    await api.post(f"{path}/rotate_secret_token/", json={})
    await api.put(f"{path}/resource_access_controls/", json={"resource": "ticket", "access_level": "viewer"})
    made = await entries(alice.organization_id)
    actions = ["project.changed", "project.secret_token_rotated", "access_level.changed"]
    assert [one.action for one in made] == actions
    assert made[2].after == {"level": "viewer", "of": "everybody"}
    assert made[0].after == {"name": "Badgers", "widget_greeting_text": "Hello"}
    assert (made[0].in_project_id, made[0].target_type) == (project.id, "project")
    assert MASK not in str(made[0].after) and project.secret_api_token not in str(made)


async def test_a_default_that_is_stored_for_the_first_time_is_no_change(cast, alice, api, project, entries):
    path = f"/api/projects/{project.id}/"
    same = {"reopen_on_reply": True, "widget_require_email": False, "widget_domains": []}
    await api.patch(path, json={"conversations_settings": {**same, "widget_restore_enabled": False}})
    await api.patch(path, json={"conversations_settings": same, "session_recording_opt_in": False})
    await api.patch(path, json={"session_recording_retention_period": "90d"})
    assert [(one.before, one.after) for one in await entries(alice.organization_id)] == [
        ({"widget_restore_enabled": True}, {"widget_restore_enabled": False}),
        ({"session_recording_retention_period": "30d"}, {"session_recording_retention_period": "90d"}),
    ]


async def test_what_people_do_to_their_account_is_logged(cast, alice, entries):
    window = await cast.sign_in(alice)
    key = (
        await window.post("/api/personal_api_keys/", json={"label": "CI", "scopes": ["ticket:read"]})
    ).json()
    await window.patch(f"/api/personal_api_keys/{key['id']}/", json={"label": "Build"})
    await window.post(f"/api/personal_api_keys/{key['id']}/roll/", json={})
    await window.delete(f"/api/personal_api_keys/{key['id']}/")
    await window.post("/api/logout/", json={})
    made = await entries(alice.organization_id)
    assert [(one.action, one.target_name, one.after) for one in made] == [
        ("api_key.made", "CI", {"scopes": ["ticket:read"]}),
        ("api_key.changed", "Build", {"label": "Build"}),
        ("api_key.rolled", "Build", None),
        ("api_key.deleted", "Build", None),
        ("session.ended", "Alice Example", None),
    ]
    assert key["value"] not in str(made)


async def test_nobody_fills_the_log_with_wrong_passwords(cast, services, alice, queue, entries):
    window = cast.client(**{"User-Agent": "x" * 5000})
    wrong = {"email": alice.email, "password": "wrong"}
    await window.post("/api/login/", json={"email": "nobody@example.com", "password": "wrong"})
    assert (await window.post("/api/login/", json=wrong)).status_code == 400
    await window.post("/api/login/", json={"email": alice.email, "password": PASSWORD})
    await queue.drain()
    made = await entries(alice.organization_id)
    assert sorted(one.action for one in made) == ["sign_in.failed", "sign_in.succeeded"]
    failed = next(one for one in made if one.action == "sign_in.failed")
    assert (failed.user_id, failed.target_name, failed.address) == (None, "Alice Example", "127.0.0.1")
    assert len(failed.user_agent) == 300
    for _ in range(LISTED.most + 3):
        await record_failure(services, alice.email, address="192.0.2.1", user_agent="")
    made = [one for one in await entries(alice.organization_id) if one.action == "sign_in.failed"]
    assert len(made) == LISTED.most and made[-1].after is not None


async def test_links_in_mails_leave_entries(cast, services, database, alice, anonymous, entries):
    path = f"/api/organizations/{alice.organization_id}/invites/"
    email = f"jonas-{alice.user_id}@example.com"
    window = await cast.sign_in(alice)
    made = (await window.post(path, json={"target_email": email, "level": 1})).json()
    token = made["invite_link"].rpartition("/")[2]
    body = {"first_name": "Jonas", "password": PASSWORD}
    assert (await anonymous.post(f"/api/signup/{token}/", json=body)).status_code == 201
    async with database.transaction() as db:
        token = await start_reset(db, services.clock, alice.user_id)
    body = {"token": token, "password": f"{PASSWORD} for ever"}
    assert (await anonymous.post(f"/api/reset/{alice.user_uuid}/", json=body)).status_code == 200
    found = [(one.action, one.user_email) for one in await entries(alice.organization_id)]
    assert found == [
        ("invitation.made", alice.email),
        ("invitation.accepted", email),
        ("member.joined", email),
        ("api_key.deleted", alice.email),
        ("password.reset", alice.email),
    ]
