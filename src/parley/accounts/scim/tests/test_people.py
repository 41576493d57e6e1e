"""People, as identity providers make, find, change and remove them."""

import pytest
from msgspec import structs
from sqlalchemy import insert, select

from parley.accounts.memberships.queries import joined_at_of
from parley.accounts.two_factor.tables import passkey
from parley.accounts.users.actions import change_user
from parley.kernel.ids import new_token, new_uuid
from parley.kernel.throttle import Limit


async def test_somebody_is_made_found_changed_and_removed(acme):
    made = await acme.make("ada", externalId="00u1")
    url = f"{acme.base}/Users/{made['id']}"
    assert made == {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": made["id"],
        "externalId": "00u1",
        "userName": f"ada@{acme.domain}",
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "displayName": "Ada Lovelace",
        "emails": [{"value": f"ada@{acme.domain}", "type": "work", "primary": True}],
        "active": True,
        "groups": [],
        "meta": {"resourceType": "User", "location": url},
    }
    assert (await acme.client.get(url)).json() == made
    replaced = await acme.client.put(url, json=acme.person("ada", name={"givenName": "Augusta"}))
    assert replaced.json()["name"] == {"givenName": "Augusta", "familyName": ""}
    assert replaced.headers["content-type"].startswith("application/scim+json")
    off = {"Operations": [{"op": "Replace", "path": "active", "value": "False"}]}
    assert (await acme.client.patch(url, json=off)).json()["active"] is False
    assert (await acme.client.get(url)).json()["active"] is False
    listed = (await acme.client.get(f"{acme.base}/Users")).json()
    assert made["id"] in [one["id"] for one in listed["Resources"]] and listed["totalResults"] == 3
    on = {"Operations": [{"op": "replace", "value": {"active": True}}]}
    assert (await acme.client.patch(url, json=on)).json()["active"] is True
    assert (await acme.client.delete(url)).status_code == 204
    for method in ("GET", "DELETE"):
        gone = await acme.client.request(method, url)
        assert (gone.status_code, gone.json()["detail"]) == (404, "User not found")
    assert (await acme.make("ada"))["id"] == made["id"]


async def test_whom_an_admin_removes_is_inactive_however_one_asks(acme, alice):
    """The list had forgotten them: an identity provider that compares lists made them anew, and was refused."""
    made = await acme.make("ada")
    asked = [{}, {"filter": f'userName eq "{made["userName"]}"'}, {"filter": "active eq false"}]

    async def seen():
        found = [(await acme.client.get(f"{acme.base}/Users", params=one)).json() for one in asked]
        one = (await acme.client.get(f"{acme.base}/Users/{made['id']}")).json()
        of_ada = [[one["active"] for one in all["Resources"] if one["id"] == made["id"]] for all in found]
        return [one["active"]], *of_ada, found[0]["totalResults"]

    assert await seen() == ([True], [True], [True], [], 3)
    members = f"/api/organizations/{alice.organization_id}/members/"
    listed = (await alice.client.get(members)).json()["results"]
    [uuid] = [one["user"]["uuid"] for one in listed if one["user"]["id"] == int(made["id"])]
    assert (await alice.client.delete(f"{members}{uuid}/")).status_code == 204
    assert await seen() == ([False], [False], [False], [False], 3)
    on = {"Operations": [{"op": "replace", "path": "active", "value": True}]}
    assert (await acme.client.patch(f"{acme.base}/Users/{made['id']}", json=on)).json()["active"] is True
    assert await seen() == ([True], [True], [True], [], 3)
    assert (await acme.client.delete(f"{acme.base}/Users/{made['id']}")).status_code == 204
    assert (await acme.client.get(f"{acme.base}/Users")).json()["totalResults"] == 2


async def test_a_thousand_operations_are_done_as_one(acme):
    people = [(await acme.make(one))["id"] for one in ("ada", "grace", "joan")]
    group = f"{acme.base}/Groups"
    url = f"{group}/{(await acme.client.post(group, json={'displayName': 'Support'})).json()['id']}"
    steps = [{"op": "add", "path": "members", "value": [{"value": one}]} for one in people]
    steps += [{"op": "remove", "path": f'members[value eq "{n + 10**6}"]'} for n in range(995)]
    steps += [{"op": "remove", "path": f'members[value eq "{people[0]}"]'}, steps[0]]
    changed = await acme.client.patch(url, json={"Operations": steps})
    assert [one["value"] for one in changed.json()["members"]] == people
    refused = await acme.client.patch(url, json={"Operations": [*steps, steps[0]]})
    assert refused.status_code == 400
    only = {"Operations": [{"op": "replace", "path": "members", "value": [{"value": people[1]}]}]}
    assert [one["value"] for one in (await acme.client.patch(url, json=only)).json()["members"]] == people[
        1:2
    ]
    gone = await acme.client.patch(url, json={"Operations": [{"op": "remove", "path": "members"}]})
    assert gone.json()["members"] == []


FILTERS = [
    ('userName eq "ADA@{domain}"', 1),
    ('userName sw "ada"', 1),
    ('userName co "{domain}"', 2),
    ('userName ew "{domain}" and active eq true', 1),
    ('emails.value eq "ada@{domain}"', 1),
    ('emails[type eq "work"].value eq "ada@{domain}"', 1),
    ('emails[type eq "work" and value co "grace"]', 1),
    ('name.givenName eq "ada"', 1),
    ('name.familyName sw "love" and not (active eq true)', 1),
    ('externalId eq "x-ada"', 1),
    ('externalId eq "X-ADA"', 0),
    ("active eq false", 1),
    ('active eq "False"', 1),
    ("externalId pr", 2),
    ('userName eq "ada@{domain}" or userName eq "grace@{domain}"', 2),
    ('userName eq "nobody"', 0),
    ('title eq "x"', 0),
    ('not (title eq "x")', 0),
    ("userName eq", 0),
    ("((", 0),
    ('userName gt "a"', 0),
]


async def test_filters_find_who_is_meant_and_nobody_where_they_cannot_be_read(acme):
    await acme.make("ada", externalId="x-ada")
    await acme.make("grace", externalId="x-grace", active=False)
    for text, expected in FILTERS:
        wanted = text.format(domain=acme.domain)
        found = await acme.client.get(f"{acme.base}/Users", params={"filter": wanted})
        assert found.status_code == 200, wanted
        assert (found.json()["totalResults"], len(found.json()["Resources"])) == (expected, expected), wanted


async def test_pages_have_everybody_once(acme):
    for name in ("ada", "grace", "joan"):
        await acme.make(name, active=name != "grace")
    seen = []
    for start in (1, 3, 5):
        page = await acme.client.get(f"{acme.base}/Users", params={"startIndex": start, "count": 2})
        assert (page.json()["totalResults"], page.json()["startIndex"]) == (5, start)
        seen += [int(one["id"]) for one in page.json()["Resources"]]
    assert len(set(seen)) == 5 and seen == sorted(seen)
    none = (await acme.client.get(f"{acme.base}/Users", params={"count": 0})).json()
    assert (none["totalResults"], none["Resources"]) == (5, [])


REFUSED = [
    ({"userName": "ada", "emails": []}, 400, "Invalid user data"),
    ({"emails": [{"value": "ada@elsewhere.test"}]}, 400, "The address"),
    ({"emails": [{"value": "no address"}]}, 400, "Invalid user data"),
    ({"active": "maybe"}, 400, "active"),
    ({"name": "Ada"}, 400, "An object"),
    ({"userName": "x" * 300}, 400, "userName"),
]


@pytest.mark.parametrize(("fields", "status", "detail"), REFUSED)
async def test_bad_people_are_refused_with_a_sentence(acme, fields, status, detail):
    answer = await acme.client.post(f"{acme.base}/Users", json=acme.person("ada", **fields))
    assert (answer.status_code, answer.json()["status"]) == (status, str(status))
    assert answer.json()["detail"].startswith(detail)


async def test_who_is_there_already_is_a_conflict(acme):
    made = await acme.make("ada")
    again = await acme.client.post(f"{acme.base}/Users", json=acme.person("ada"))
    assert (again.status_code, again.json()["detail"]) == (409, "User already exists")
    assert again.json()["scimType"] == "uniqueness"
    same_name = acme.person("grace", userName=made["userName"].upper())
    assert (await acme.client.post(f"{acme.base}/Users", json=same_name)).status_code == 409


async def test_owners_stay_whatever_the_provider_says(acme, alice):
    url = f"{acme.base}/Users/{alice.user_id}"
    off = {"Operations": [{"op": "replace", "path": "active", "value": False}]}
    assert (await acme.client.patch(url, json=off)).status_code == 403
    assert (await acme.client.delete(url)).status_code == 403
    assert (await acme.client.get(url)).json()["active"] is True


async def test_an_account_of_a_foreign_address_keeps_its_name_and_address(acme, bob):
    url = f"{acme.base}/Users/{bob.user_id}"
    for path, value in (("name.givenName", "Robert"), ("emails", [{"value": f"bob@{acme.domain}"}])):
        change = {"Operations": [{"op": "replace", "path": path, "value": value}]}
        assert (await acme.client.patch(url, json=change)).status_code == 400, path
    off = {"Operations": [{"op": "replace", "path": "active", "value": False}]}
    assert (await acme.client.patch(url, json=off)).json()["active"] is False
    me = await bob.client.get("/api/organizations/@current/")
    assert me.status_code in (403, 404)


HOSTILE = [
    b"",
    b"[",
    b"[]",
    b"null",
    b"1",
    b'{"a":' * 500,
    b"\xff\xfe",
    b'{"userName": "\\u0000@x.test"}',
    b"{" * 80_000,
]


async def test_hostile_bodies_and_queries_get_a_sentence(acme):
    made = await acme.make("ada")
    for body in HOSTILE:
        for method, path in (
            ("POST", "Users"),
            ("PUT", f"Users/{made['id']}"),
            ("PATCH", f"Users/{made['id']}"),
        ):
            answer = await acme.client.request(
                method, f"{acme.base}/{path}", content=body, headers={"content-type": "application/scim+json"}
            )
            assert answer.status_code in (400, 413) and answer.json()["detail"], (
                method,
                body[:20],
                answer.text,
            )
            assert answer.json()["status"] == str(answer.status_code)
    large = await acme.client.post(f"{acme.base}/Users", content=b" " * 1_100_000)
    form = await acme.client.post(f"{acme.base}/Users", data={"userName": "x"})
    assert (large.status_code, form.status_code) == (413, 415)
    for query in (
        "filter=userName%20eq%20%22%5Cu0000%22", "filter=%00", "count=%00&startIndex=\u00b2",
        "filter=id%20eq%20%22%5Cud800%22",
        "attributes=%00,,x.y.z&excludedAttributes=id", "startIndex=999999999&count=200", "filter=" + "a" * 20_000,
    ):  # fmt: skip
        answer = await acme.client.get(f"{acme.base}/Users?{query}")
        assert answer.status_code == 200, (query[:50], answer.text)
    assert (await acme.client.get(f"{acme.base}/Users/{made['id']}")).json() == made


async def test_a_provider_that_asks_too_often_waits(acme, services, monkeypatch):
    monkeypatch.setattr("parley.accounts.scim.access.PER_DOMAIN", Limit("scim-test", 2, 60))
    monkeypatch.setattr(services, "settings", structs.replace(services.settings, rate_limits="on"))
    answers = [await acme.client.get(f"{acme.base}/Users") for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert "retry-after" in answers[2].headers and answers[2].json()["status"] == "429"


async def test_an_account_made_in_somebody_elses_name_is_given_to_the_owner_of_the_address(
    acme, cast, mallory, services
):
    """What it has in other organizations is not: these have let in somebody else."""
    async with services.database.transaction() as db:
        squatted = {"email": f"ada@{acme.domain}", "is_email_verified": False}
        await change_user(db, services, mallory.user_id, squatted)
        row = {"id": new_uuid(), "user_id": mallory.user_id, "credential_id": new_token(), "public_key": "x"}
        more = {"sign_count": 0, "transports": [], "name": "", "is_backed_up": False}
        await db.execute(insert(passkey).values(**row, **more, created_at=services.clock.now()))
    assert (await mallory.client.get("/api/organizations/")).status_code == 200
    async with services.database.transaction() as db:
        await cast.make_member(db, mallory.project, level=15, name="eve")
    made = await acme.make("ada")
    assert made["id"] == str(mallory.user_id)
    async with services.database.transaction(write=False) as db:
        assert [*await joined_at_of(db, mallory.user_id)] == [cast.project.organization_id]
    assert (await mallory.client.get("/api/organizations/")).status_code == 401
    async with services.database.transaction(write=False) as db:
        kept = select(passkey.c.id).where(passkey.c.user_id == mallory.user_id)
        assert (await db.execute(kept)).all() == []
