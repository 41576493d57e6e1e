"""Connected applications on the pages of people and admins, and in the audit log."""

from datetime import timedelta
from uuid import uuid4

import pytest

from parley.accounts.audit_log.tables import audit_entry
from parley.accounts.members.actions import add_member, remove_member
from parley.accounts.oauth_server.queries.grants import MOST_SHOWN
from parley.accounts.oauth_server.tables import oauth_grant
from parley.accounts.oauth_server.tests.programs import SCOPES, calls, connect, decide, program_of
from parley.accounts.users.actions import change_user
from parley.kernel.http.authorization import MEMBER
from parley.kernel.ids import new_token
from tests.cast import PASSWORD, Cast
from tests.plain_browser import window_of

SECURITY, MEMBERS = "/settings/security", "/settings/applications"


async def actions(services, organization_id) -> list[tuple[str, str]]:
    wanted = (
        audit_entry.select()
        .where(
            audit_entry.c.organization_id == organization_id, audit_entry.c.target_type == "oauth_application"
        )
        .order_by(audit_entry.c.id)
    )
    async with services.database.transaction(write=False) as db:
        rows = (await db.execute(wanted)).all()
    return [(row.action.partition(".")[2], row.user_email) for row in rows]


async def test_a_person_sees_and_ends_what_they_have_connected(cast: Cast, bob, services):
    let_in = await connect(cast, bob)
    window = let_in.window
    assert await calls(cast, let_in.access) == 200
    await window.open(SECURITY)
    shown = window.page.one("section", aria_labelledby="applications").text
    assert "Robot" in shown and "Answer and change conversations" in shown and "used now" in shown
    await window.press("Disconnect Robot")
    assert window.page.one(role="status").text == "The application is disconnected."
    assert await calls(cast, let_in.access) == 401
    assert (await let_in.program.refresh(let_in.refresh_token)).status_code == 400
    assert await actions(services, bob.organization_id) == [
        ("connected", bob.email),
        ("disconnected", bob.email),
    ]


async def test_a_code_that_nobody_has_fetched_is_not_listed(cast: Cast, bob):
    window = await window_of(cast, bob)
    await decide(window, (await program_of(cast.client())).address())
    await window.open(SECURITY)
    assert "Robot" not in window.page.one("section", aria_labelledby="applications").text


async def test_an_admin_sees_and_ends_what_members_have_connected(cast: Cast, alice, bob, services):
    let_in = await connect(cast, bob)
    window = await window_of(cast, alice)
    await window.open(MEMBERS)
    assert bob.email in window.page.one("section", aria_labelledby="applications").text
    await window.press("Disconnect Robot of " + bob.email)
    assert await calls(cast, let_in.access) == 401
    assert (await actions(services, bob.organization_id))[-1] == ("disconnected", alice.email)


async def test_what_members_connect_elsewhere_hides_nothing_from_an_admin(cast: Cast, alice, bob, services):
    await connect(cast, bob)
    async with services.database.transaction() as db:
        mine = oauth_grant.select().where(oauth_grant.c.user_id == bob.user_id)
        row = dict((await db.execute(mine)).one()._mapping)
        row |= {
            "covered_organizations": [str(uuid4())],
            "created_at": row["created_at"] + timedelta(seconds=1),
        }
        others = [row | {"id": new_token(length=32), "code_hash": new_token()} for _ in range(MOST_SHOWN)]
        await db.execute(oauth_grant.insert(), others)
    window = await window_of(cast, alice)
    await window.open(MEMBERS)
    shown = window.page.one("section", aria_labelledby="applications").text
    assert shown.count("Disconnect Robot of " + bob.email) == 1


async def test_members_and_other_organizations_see_and_end_nothing(cast: Cast, alice, bob, mallory):
    let_in = await connect(cast, bob)
    window = await window_of(cast, alice)
    await window.open(MEMBERS)
    action = next(form["action"] for form in window.page.all("form") if MEMBERS in form.get("action"))
    for member, status in ((bob, 403), (mallory, 404)):
        theirs = await cast.sign_in(member)
        assert (await theirs.post(action)).status_code == status
        own = action.replace(MEMBERS, SECURITY + "/applications")
        if member is mallory:
            assert (await theirs.post(own)).status_code == 404
    assert (await (await cast.sign_in(bob)).get(MEMBERS)).status_code == 403
    other = await window_of(cast, mallory)
    await other.open(MEMBERS)
    assert bob.email not in other.answer.text
    assert await calls(cast, let_in.access) == 200


async def test_a_second_use_is_in_the_audit_log_by_nobody(cast: Cast, bob, services):
    let_in = await connect(cast, bob)
    await let_in.program.exchange(let_in.code)
    assert (await actions(services, bob.organization_id))[-1] == ("reuse_detected", "")


async def test_who_leaves_takes_the_application_along_and_it_does_not_come_back(cast: Cast, bob, services):
    let_in = await connect(cast, bob)
    async with services.database.transaction() as db:
        await remove_member(db, services, organization_id=bob.organization_id, user_id=bob.user_id)
    assert await calls(cast, let_in.access) == 401
    assert (await let_in.program.refresh(let_in.refresh_token)).json()["error"] == "invalid_grant"
    async with services.database.transaction() as db:
        await add_member(db, services, organization_id=bob.organization_id, user_id=bob.user_id, level=MEMBER)
    assert await calls(cast, let_in.access) == 401
    assert (await let_in.program.refresh(let_in.refresh_token)).json()["error"] == "invalid_grant"


async def test_a_closed_account_speaks_through_nobody(cast: Cast, bob, services):
    let_in = await connect(cast, bob)
    async with services.database.transaction() as db:
        await change_user(db, services, bob.user_id, {"is_active": False})
    assert await calls(cast, let_in.access) == 401
    assert (await let_in.program.refresh(let_in.refresh_token)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(("keeps", "status"), [(False, 401), (True, 200)])
async def test_a_new_password_ends_applications_as_it_ends_keys(cast: Cast, bob, keeps, status):
    let_in = await connect(cast, bob)
    session = await cast.sign_in(bob)
    body = {"current_password": PASSWORD, "password": "another one 47", "keep_personal_api_keys": keeps}
    answer = await session.patch("/api/users/@me/", json=body)
    assert answer.status_code == 200, answer.text
    assert await calls(cast, let_in.access) == status


async def test_signing_out_ends_no_application(cast: Cast, bob):
    let_in = await connect(cast, bob)
    await let_in.window.client.post("/api/logout/", headers={"X-CSRFToken": "x"})
    await (await cast.sign_in(bob)).post("/api/logout/")
    assert await calls(cast, let_in.access) == 200


async def test_projects_that_are_ticked_are_all_it_reaches(cast: Cast, alice, services):
    async with services.database.transaction() as db:
        other = await cast.make_project(db, alice.organization_id)
    let_in = await connect(cast, alice, None, SCOPES, **{f"project:{other.id}": "on"})
    assert await calls(cast, let_in.access, other.tickets) == 200
    assert await calls(cast, let_in.access, alice.project.tickets) == 403
    assert await calls(cast, let_in.access, "/api/projects/@current/conversations/tickets/") in (200, 403)
    assert let_in.tokens["scoped_teams"] == [other.id]


async def test_an_organization_that_forbids_keys_forbids_applications(cast: Cast, alice, bob):
    let_in = await connect(cast, bob)
    owner = await cast.sign_in(alice)
    answer = await owner.patch(
        "/api/organizations/@current/", json={"members_can_use_personal_api_keys": False}
    )
    assert answer.status_code == 200
    assert await calls(cast, let_in.access) == 403


async def test_sensitive_scopes_ask_once_more_who_somebody_is(cast: Cast, alice, clock):
    program, window = await program_of(cast.client()), await window_of(cast, alice)
    address = program.address(scope="organization_member:write")
    await window.open(address)
    assert window.status == 200 and "sensitive" in window.page.text
    form = window.page.one("form", method="post")
    token = form.one("input", name="csrf_token")["value"]
    clock.advance(timedelta(hours=3))
    sent = {"csrf_token": token, "decision": "allow", "scope:organization_member:write": "on"}
    answer = await window.client.post(form["action"], data=sent)
    assert answer.status_code == 303 and answer.headers["location"].startswith(
        "/login/confirm?next=/oauth/authorize"
    )
    answer = await window.client.get(address)
    assert answer.status_code == 303 and answer.headers["location"].startswith(
        "/login/confirm?next=/oauth/authorize"
    )
    assert (await decide(window, program.address(scope=SCOPES))).status_code == 303


async def test_access_by_an_application_is_no_more_than_its_user_has(cast: Cast, bob):
    let_in = await connect(cast, bob, scope="organization_member:write organization_member:read")
    client = cast.client(Authorization=f"Bearer {let_in.access}")
    path = f"/api/organizations/{bob.organization_id}/invites/"
    answer = await client.post(path, json={"target_email": "x@example.com", "level": 15})
    assert answer.status_code in (400, 403)
