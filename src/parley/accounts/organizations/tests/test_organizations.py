"""Organizations."""

from uuid import uuid4

import pytest
from msgspec import structs

ALL, CURRENT = "/api/organizations/", "/api/organizations/@current/"


async def test_an_organization_shows_its_facts(alice, project):
    found = (await alice.client.get(CURRENT)).json()
    assert found == (await alice.client.get(f"{ALL}{project.organization_id}/")).json()
    assert (found["id"], found["membership_level"], found["member_count"]) == (
        str(project.organization_id), 15, 2,
    )  # fmt: skip
    assert found["allow_publicly_shared_resources"] is True
    assert found["is_ai_data_processing_approved"] is False
    assert [one["id"] for one in found["projects"]] == [project.id] == [one["id"] for one in found["teams"]]


async def test_members_see_their_own_level(bob):
    assert (await bob.client.get(CURRENT)).json()["membership_level"] == 1


async def test_the_list_holds_ones_own_by_name(alice, mallory):
    await alice.client.post(ALL, json={"name": "0 first"})
    page = (await alice.client.get(ALL, params={"limit": 1})).json()
    assert (page["count"], page["results"][0]["name"]) == (2, "0 first")
    assert page["next"].startswith("http://parley.test/api/organizations/?")
    ids = {one["id"] for one in (await alice.client.get(ALL)).json()["results"]}
    assert str(mallory.organization_id) not in ids


async def test_whoever_makes_an_organization_owns_it(bob):
    answer = await bob.client.post(ALL, json={"name": "  Bob & Söhne "})
    assert answer.status_code == 201
    made = answer.json()
    assert (made["name"], made["slug"], made["membership_level"]) == ("Bob & Söhne", made["slug"], 15)
    assert made["slug"].startswith("bob-sohne") and made["projects"] == []
    assert (await bob.client.get(CURRENT)).json()["id"] == made["id"]


async def test_a_user_makes_twenty_organizations_in_a_day(alice, bob, services, monkeypatch):
    """Each has a share of its own in the queues of the server."""
    monkeypatch.setattr(services, "settings", structs.replace(services.settings, rate_limits="public"))
    for n in range(20):
        assert (await bob.client.post(ALL, json={"name": f"Number {n}"})).status_code == 201
        assert (await bob.client.post(ALL, json={"name": ""})).status_code == 400  # counts nothing
    refused = await bob.client.post(ALL, json={"name": "Number 21"})
    assert refused.status_code == 429 and "within a day" in refused.json()["detail"]
    assert int(refused.headers["retry-after"]) > 0
    assert (await bob.client.get(ALL)).json()["count"] == 21
    assert (await alice.client.post(ALL, json={"name": "Of somebody else"})).status_code == 201


async def test_slugs_differ_where_names_are_the_same(alice):
    slugs = {(await alice.client.post(ALL, json={"name": "Same name"})).json()["slug"] for _ in range(3)}
    assert len(slugs) == 3
    strange = (await alice.client.post(ALL, json={"name": "日本"})).json()
    assert strange["slug"].startswith("organization")


@pytest.mark.parametrize(
    ("body", "code"),
    [({}, "required"), ({"name": " "}, "blank"), ({"name": None}, "null"), ({"name": "x" * 65}, "max_length"),
     ({"name": {}}, "invalid_input"), ({"name": "a\0b"}, "null_characters_not_allowed")],
)  # fmt: skip
async def test_an_organization_needs_a_good_name(alice, body, code):
    answer = await alice.client.post(ALL, json=body)
    assert (answer.status_code, answer.json()["code"], answer.json()["attr"]) == (400, code, "name")


async def test_admins_change_it_and_members_do_not(alice, bob):
    changes = {
        "name": "New name",
        "is_ai_data_processing_approved": True,
        "allow_publicly_shared_resources": False,
        "slug": "mine",
        "id": str(uuid4()),
    }
    before = (await alice.client.get(CURRENT)).json()
    assert (await bob.client.patch(CURRENT, json=changes)).status_code == 403
    after = (await alice.client.patch(CURRENT, json=changes)).json()
    assert (after["name"], after["slug"], after["id"]) == ("New name", before["slug"], before["id"])
    assert after["is_ai_data_processing_approved"] is True
    assert after["allow_publicly_shared_resources"] is False
    assert after["updated_at"] > before["updated_at"]


async def test_a_bad_change_changes_nothing(alice):
    answer = await alice.client.patch(CURRENT, json={"name": "x", "allow_publicly_shared_resources": "maybe"})
    assert (answer.status_code, answer.json()["attr"]) == (400, "allow_publicly_shared_resources")
    assert (await alice.client.get(CURRENT)).json()["name"] != "x"


async def test_a_stranger_is_403_and_what_does_not_exist_404(mallory, project):
    path = f"{ALL}{project.organization_id}/"
    for method in ("GET", "PATCH", "DELETE"):
        answer = await mallory.client.request(method, path, json={"name": "mine"})
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    for given in (str(uuid4()), "0", "x", "@me", str(project.organization_id)[:-1], "%00", "a" * 36):
        answer = await mallory.client.get(f"{ALL}{given}/")
        assert (answer.status_code, answer.json()["detail"]) == (404, "Organization not found.")


async def test_only_owners_delete_and_everything_goes_along(cast, alice, bob, mallory, project):
    path = f"{ALL}{project.organization_id}/"
    assert (await bob.client.delete(path)).status_code == 403
    assert (await alice.client.delete(path)).status_code == 204
    assert (await alice.client.get(path)).status_code == 404
    assert (await alice.client.get(f"/api/projects/{project.id}/")).status_code == 404
    me = (await bob.client.get("/api/users/@me/")).json()
    assert (me["organization"], me["team"], me["organizations"]) == (None, None, [])
    assert (await bob.client.get(CURRENT)).status_code == 404
    assert (await bob.client.get("/api/projects/@current/")).status_code == 404
    assert (await mallory.client.get(CURRENT)).status_code == 200
