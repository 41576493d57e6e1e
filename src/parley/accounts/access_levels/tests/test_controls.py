"""Setting levels, through the API."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from parley.accounts.access_levels.queries.rights import rights_of
from parley.accounts.access_levels.tables import access_control
from parley.accounts.authentication.authenticator import CachingAuthenticator
from parley.accounts.authentication.queries import principal_by_key_hash
from parley.conversations.deletion.actions import purge_some
from parley.conversations.tickets.tests.factories import Desk
from parley.kernel.ids import token_hash

FOREIGN = "01990000-0000-7000-8000-00000000000f"


async def shown(client, url):
    answer = await client.get(url)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_without_rows_members_are_editors(keeper, desk, bob):
    assert await shown(bob.client, keeper.of_all) == {"access_level": "editor", "access_controls": []}
    assert await shown(bob.client, f"{keeper.of_all}?resource=ticket") == await shown(
        bob.client, keeper.of_all
    )
    ticket = await desk.open()
    url = f"{keeper.tickets}{ticket['ticket_number']}/access_controls/"
    assert await shown(bob.client, url) == {"access_level": "editor", "access_controls": []}


async def test_a_level_is_set_changed_and_taken_back(keeper, bob):
    who = await keeper.member(bob)
    first = await keeper.everywhere("viewer", **who)
    (row,) = first["access_controls"]
    assert first["access_level"] == "editor"  # bob's own row is not everybody's
    assert (row["access_level"], row["organization_member"], row["role"]) == (
        "viewer",
        who["organization_member"],
        None,
    )
    assert datetime.fromisoformat(row["created_at"]).tzinfo and row["created_at"].endswith("Z")
    again = await keeper.everywhere("manager", **who)
    assert again["access_controls"] == [{**row, "access_level": "manager"}]
    assert await shown(bob.client, keeper.of_all) == again
    for _ in range(2):
        assert await keeper.everywhere(None, **who) == {"access_level": "editor", "access_controls": []}


async def test_each_holder_has_a_row_of_their_own(keeper, desk, bob, alice):
    role = await keeper.role("Support", bob)
    await keeper.everywhere("viewer")
    await keeper.everywhere("editor", **role)
    answer = await keeper.everywhere("none", **await keeper.member(bob))
    assert answer["access_level"] == "viewer"
    assert [row["access_level"] for row in answer["access_controls"]] == ["viewer", "editor", "none"]
    assert [row["role"] for row in answer["access_controls"]] == [None, role["role"], None]
    ticket = await desk.open()
    answer = await keeper.on(ticket, "manager", **role)
    assert answer["access_level"] == "viewer" and len(answer["access_controls"]) == 1
    assert (await keeper.on(ticket, "none"))["access_level"] == "none"
    assert (await keeper.everywhere(None))["access_level"] == "editor"
    assert (await keeper.on(ticket, None))["access_level"] == "editor"


@pytest.mark.parametrize(
    ("body", "code", "attr"),
    [
        ({"resource": "ticket"}, "required", "access_level"),
        ({"access_level": "viewer"}, "required", "resource"),
        ({"resource": "dashboard", "access_level": "viewer"}, "invalid_choice", "resource"),
        ({"resource": "ticket", "access_level": "king"}, "invalid_choice", "access_level"),
        ({"resource": "ticket", "access_level": 3}, "invalid_input", "access_level"),
        (
            {"resource": "ticket", "access_level": "viewer", "role": FOREIGN, "organization_member": FOREIGN},
            "invalid_input",
            None,
        ),
        ({"resource": "ticket", "access_level": "viewer", "role": FOREIGN}, "does_not_exist", "role"),
        (
            {"resource": "ticket", "access_level": "viewer", "organization_member": FOREIGN},
            "does_not_exist",
            "organization_member",
        ),
        ({"resource": "ticket", "access_level": "viewer", "role": "x"}, "invalid_input", "role"),
    ],
    ids=str,
)
async def test_what_makes_no_sense_is_refused(keeper, api, body, code, attr):
    answer = await api.put(keeper.of_all, json=body)
    assert answer.status_code == 400, answer.text
    assert (answer.json()["code"], answer.json()["attr"]) == (code, attr)
    assert (await shown(api, keeper.of_all))["access_controls"] == []


async def test_there_are_levels_on_tickets_only(keeper, api):
    answer = await api.get(f"{keeper.of_all}?resource=dashboard")
    assert (answer.status_code, answer.json()["code"], answer.json()["attr"]) == (
        400,
        "invalid_choice",
        "resource",
    )


async def test_members_and_roles_of_others_cannot_be_named(keeper, api, mallory, cast, project):
    theirs = f"/api/organizations/{mallory.organization_id}"
    role = (await mallory.client.post(f"{theirs}/roles/", json={"name": "Thieves"})).json()["id"]
    member = (await mallory.client.get(f"{theirs}/members/@me/")).json()["id"]
    for field, id in (("role", role), ("organization_member", member)):
        body = {"resource": "ticket", "access_level": "manager", field: id}
        answer = await api.put(keeper.of_all, json=body)
        assert (answer.status_code, answer.json()["attr"]) == (400, field)


async def test_others_see_and_set_nothing(keeper, desk, mallory):
    ticket = await desk.open()
    await keeper.on(ticket, "viewer")
    for url in (keeper.of_all, f"{keeper.tickets}{ticket['id']}/access_controls/"):
        assert (await mallory.client.get(url)).status_code == 403
        assert (await mallory.client.put(url, json={"access_level": None})).status_code == 403
    url = f"{mallory.project.tickets}{ticket['id']}/access_controls/"
    assert (await mallory.client.get(url)).status_code == 404
    assert (await mallory.client.put(url, json={"access_level": "none"})).status_code == 404
    assert len((await keeper.on(ticket, "viewer"))["access_controls"]) == 1


async def test_only_managers_set_levels(keeper, desk, bob):
    ticket, body = await desk.open(), {"access_level": "viewer"}
    url = f"{keeper.tickets}{ticket['id']}/access_controls/"
    refused = await bob.client.put(keeper.of_all, json={"resource": "ticket", **body})
    assert (refused.status_code, refused.json()["detail"]) == (
        403,
        "You do not have manager access to this resource.",
    )
    refused = await bob.client.put(url, json=body)
    assert (refused.status_code, refused.json()["detail"]) == (
        403,
        "You do not have manager access to this resource.",
    )
    who = await keeper.member(bob)
    await keeper.on(ticket, "manager", **who)
    assert (await bob.client.put(url, json=body)).status_code == 200
    assert (await bob.client.put(keeper.of_all, json={"resource": "ticket", **body})).status_code == 403
    await keeper.everywhere("manager", **who)
    assert (await bob.client.put(keeper.of_all, json={"resource": "ticket", **body})).status_code == 200


async def test_the_project_knows_whether_there_are_levels(keeper, desk, app, project):
    access: CachingAuthenticator = app.app.state.authenticator

    async def has_levels():
        found = await access.project(project.id)
        return found is not None and found.has_access_controls

    ticket = await desk.open()
    assert not await has_levels()
    await keeper.on(ticket, "viewer")
    assert await has_levels()
    await keeper.everywhere("viewer")
    await keeper.on(ticket, None)
    assert await has_levels()
    await keeper.everywhere(None)
    assert not await has_levels()


async def test_who_remembers_rights_hears_of_a_change_by_a_notice(keeper, services, bob, project):
    other = CachingAuthenticator(services, rights_of)
    use = await principal_by_key_hash(services.database, token_hash(bob.key))
    assert use is not None
    for level in ("viewer", "none", "manager"):
        await keeper.everywhere(level)
        rights = (await other.actor(use.principal, str(project.id))).rights
        assert rights is not None and rights.level == level


async def test_levels_follow_roles_and_memberships_at_once(keeper, bobs, bob, alice):
    ticket = await Desk(alice, bobs.project).open()
    await keeper.everywhere("none")
    assert (await bob.client.get(bobs.tickets)).status_code == 403
    role = await keeper.role("Support")
    await keeper.everywhere("viewer", **role)
    assert (await bob.client.get(bobs.tickets)).status_code == 403
    given = await keeper.give(role["role"], bob)
    assert await bobs.numbers() == [ticket["ticket_number"]]
    assert (await alice.client.delete(given)).status_code == 204
    assert (await bob.client.get(bobs.tickets)).status_code == 403
    await keeper.give(role["role"], bob)
    assert await bobs.numbers() == [ticket["ticket_number"]]
    assert (await alice.client.delete(f"{keeper.organization}/roles/{role['role']}/")).status_code == 204
    assert (await bob.client.get(bobs.tickets)).status_code == 403
    member = f"{keeper.organization}/members/{bob.user_uuid}/"
    assert (await alice.client.patch(member, json={"level": 8})).status_code == 200
    assert (await bobs.ticket(ticket["id"]))["user_access_level"] == "manager"


async def test_a_row_goes_with_its_role_and_with_its_membership(keeper, bob, alice, database, project):
    role = await keeper.role("Support", bob)
    await keeper.everywhere("none", **role)
    await keeper.everywhere("viewer", **await keeper.member(bob))
    assert (await alice.client.delete(f"{keeper.organization}/roles/{role['role']}/")).status_code == 204
    assert [row["role"] for row in (await shown(alice.client, keeper.of_all))["access_controls"]] == [None]
    await alice.client.delete(f"{keeper.organization}/members/{bob.user_uuid}/")
    assert (await shown(alice.client, keeper.of_all))["access_controls"] == []


async def test_where_the_last_row_went_with_its_role_nothing_is_restricted(keeper, desk, bobs, alice):
    ticket = await desk.open()
    role = await keeper.role("Support")
    await keeper.everywhere("manager", **role)
    assert (await bobs.client.delete(f"{bobs.tickets}{ticket['id']}/")).status_code == 403
    assert (await alice.client.delete(f"{keeper.organization}/roles/{role['role']}/")).status_code == 204
    await bobs.delete(ticket["id"])


async def test_the_same_level_set_by_many_at_once_is_one_row(keeper, desk, bob):
    ticket, who = await desk.open(), await keeper.member(bob)
    levels = ("viewer", "editor", "manager") * 3
    await asyncio.gather(*(keeper.everywhere(level, **who) for level in levels))
    await asyncio.gather(*(keeper.on(ticket, level) for level in levels))
    url = f"{keeper.tickets}{ticket['id']}/access_controls/"
    for of in (keeper.of_all, url):
        assert len((await shown(keeper.client, of))["access_controls"]) == 1


async def test_levels_on_a_ticket_are_purged_with_it(keeper, desk, services, database, clock, queue, project):
    ticket = await desk.open()
    await keeper.on(ticket, "viewer")
    await keeper.everywhere("viewer")
    await desk.delete(ticket["id"])
    async with database.transaction() as db:
        assert await purge_some(db, services, project.id, clock.now() + timedelta(days=15)) == 1
        mine = access_control.c.project_id == project.id
        assert (await db.execute(select(func.count()).where(mine))).scalar_one() == 1


async def test_an_empty_text_takes_no_level_back(keeper, desk):
    ticket = await desk.open()
    await keeper.everywhere("viewer")
    await keeper.on(ticket, "viewer")
    for url, body in (
        (keeper.of_all, {"resource": "ticket", "access_level": ""}),
        (f"{keeper.tickets}{ticket['id']}/access_controls/", {"access_level": ""}),
    ):
        refused = await desk.client.put(url, json=body)
        assert (refused.status_code, refused.json()["attr"]) == (400, "access_level")
        assert len((await desk.client.get(url)).json()["access_controls"]) == 1
