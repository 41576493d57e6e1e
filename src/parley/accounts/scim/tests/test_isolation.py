"""A token reaches its own organization and nothing else, on every route, by every id, and only while it is good."""

import pytest
from sqlalchemy import update

from parley.accounts.domains.queries import domain_by_id
from parley.accounts.domains.tables import organization_domain
from parley.accounts.scim.access import take_turn
from parley.accounts.scim.routes import handlers
from parley.accounts.scim_messages.errors import ScimTokenRefused

ROUTES = sorted(
    (path, str(getattr(method, "value", method)))
    for handler in handlers
    for path in handler.paths
    for method in handler.http_methods
    if path.startswith("/scim/v2/")
)
OPERATION = {"Operations": [{"op": "replace", "path": "active", "value": False}]}


def filled(path, domain_id, user_id="1", group_id="x"):
    names = {"domain_id": domain_id, "user_id": user_id, "group_id": group_id, "id": "User", "rest": "Bulk"}
    for name, value in names.items():
        for kind in ("str", "path"):
            path = path.replace(f"{{{name}:{kind}}}", str(value))
    return path


async def switch(services, provider, **values):
    async with services.database.transaction() as db:
        mine = organization_domain.c.id == provider.domain_id
        await db.execute(update(organization_domain).where(mine).values(**values))


def test_there_are_routes():
    assert len(ROUTES) > 30


async def test_no_route_answers_without_the_token_of_this_very_domain(acme, other, cast, services):
    clients = {
        "none": (cast.client(), 401, "No bearer token provided"),
        "basic": (cast.client(authorization="Basic eDp5"), 401, "No bearer token provided"),
        "empty": (cast.client(authorization="Bearer "), 401, "No bearer token provided"),
        "wrong": (cast.client(authorization="Bearer x"), 403, "Authentication failed"),
        "key": (cast.alice.client, 403, "Authentication failed"),
        "foreign": (other.client, 403, "Authentication failed"),
    }
    for path, method in ROUTES:
        for name, (client, status, detail) in clients.items():
            answer = await client.request(method, filled(path, acme.domain_id), json=OPERATION)
            assert answer.status_code == status, (path, method, name, answer.text)
            error = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": str(status)}
            assert answer.json() == {**error, "detail": detail}


@pytest.mark.parametrize(
    "values",
    [{"verified_at": None}, {"scim_enabled": False}, {"scim_token_hash": None}, {"scim_token_hash": ""}],
)
async def test_a_token_works_only_while_the_domain_is_verified_and_scim_is_on(acme, services, values):
    assert (await acme.client.get(f"{acme.base}/Users")).status_code == 200
    await switch(services, acme, **values)
    for path, method in ROUTES:
        answer = await acme.client.request(method, filled(path, acme.domain_id), json=OPERATION)
        assert (answer.status_code, answer.json()["detail"]) == (403, "Authentication failed"), (path, method)


async def test_unknown_domains_are_refused_like_wrong_tokens(acme, cast):
    for domain_id in ("x", "00000000-0000-0000-0000-000000000000", acme.domain_id.hex[::-1]):
        answer = await acme.client.get(f"/scim/v2/{domain_id}/Users")
        assert (answer.status_code, answer.json()["detail"]) == (403, "Authentication failed")


async def test_people_and_groups_of_others_do_not_exist_by_any_id(acme, other, mallory):
    theirs = await other.make("eve", externalId="shared")
    group = (await other.client.post(f"{other.base}/Groups", json={"displayName": "Staff"})).json()
    for path, method in ROUTES:
        if "_id:str}" not in path.removeprefix("/scim/v2/{domain_id:str}"):
            continue
        for user_id in (theirs["id"], str(mallory.user_id), "-1", "9" * 40, "shared"):
            url = filled(path, acme.domain_id, user_id, group["id"])
            for body in (OPERATION, acme.person("eve", displayName="Taken")):
                answer = await acme.client.request(method, url, json=body)
                assert answer.status_code == 404, (path, method, user_id, answer.text)
    assert (await other.client.get(f"{other.base}/Users/{theirs['id']}")).json() == theirs
    assert (await other.client.get(f"{other.base}/Groups/{group['id']}")).json()["displayName"] == "Staff"


async def test_nothing_of_others_is_found_listed_or_taken(acme, other, mallory):
    theirs = await other.make("eve", externalId="shared")
    mine = await acme.make("ada", externalId=theirs["id"])
    assert mine["id"] != theirs["id"]
    for wanted in (
        f'userName eq "{theirs["userName"]}"',
        f'emails.value eq "{theirs["userName"]}"',
        f'userName eq "{mallory.email}"',
        'externalId eq "shared"',
        f'id eq "{theirs["id"]}"',
        f'id eq "{theirs["id"]}" or userName eq "{theirs["userName"]}"',
        f'not (id eq "{mine["id"]}") and emails co "{other.domain}"',
    ):
        found = await acme.client.get(f"{acme.base}/Users", params={"filter": wanted})
        assert found.json()["totalResults"] == 0, wanted
    listed = (await acme.client.get(f"{acme.base}/Users")).json()["Resources"]
    assert not {theirs["id"], str(mallory.user_id)} & {one["id"] for one in listed}
    for body in (other.person("eve"), acme.person("x", emails=[{"value": mallory.email}])):
        assert (await acme.client.post(f"{acme.base}/Users", json=body)).status_code == 400
    for value in (theirs["userName"], mallory.email):
        url = f"{acme.base}/Users/{mine['id']}"
        change = {"Operations": [{"op": "replace", "path": "emails", "value": [{"value": value}]}]}
        assert (await acme.client.patch(url, json=change)).status_code == 400
        assert (
            await acme.client.put(url, json=acme.person("ada", emails=[{"value": value}]))
        ).status_code == 400


async def test_members_of_others_never_get_a_role(acme, other, mallory):
    theirs, mine = await other.make("eve"), await acme.make("ada")
    members = [
        {"value": theirs["id"]},
        {"value": str(mallory.user_id)},
        {"value": mine["id"]},
        {"value": "x"},
    ]
    made = await acme.client.post(f"{acme.base}/Groups", json={"displayName": "Staff", "members": members})
    assert [one["value"] for one in made.json()["members"]] == [mine["id"]]
    url = made.json()["meta"]["location"]
    for change in (
        {"op": "add", "path": "members", "value": members},
        {"op": "replace", "value": {"members": members}},
    ):
        changed = await acme.client.patch(url, json={"Operations": [change]})
        assert [one["value"] for one in changed.json()["members"]] == [mine["id"]]
    assert (await other.client.get(f"{other.base}/Groups")).json()["totalResults"] == 0
    same = await other.client.post(f"{other.base}/Groups", json={"displayName": "Staff"})
    assert same.json()["id"] != made.json()["id"]


async def test_a_change_that_waits_for_its_turn_is_refused_once_the_token_has_ended(acme, services):
    async with services.database.transaction() as db:
        domain = await domain_by_id(db, acme.domain_id)
    assert domain is not None
    await switch(services, acme, scim_token_hash="another")
    async with services.database.transaction() as db:
        with pytest.raises(ScimTokenRefused):
            await take_turn(db, domain)
