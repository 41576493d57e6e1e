"""Insights through the API."""

from typing import Any

import pytest

INSIGHTS = "/api/projects/@current/insights/"
SOURCE: Any = {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "$pageview"}]}
QUERY: Any = {"kind": "InsightVizNode", "source": SOURCE}


async def save(member, **body):
    answer = await member.client.post(INSIGHTS, json={"name": "Visits", "query": QUERY, **body})
    assert answer.status_code == 201, answer.text
    return answer.json()


def one(insight):
    return f"{INSIGHTS}{insight['id']}/"


async def names(member, **query):
    answer = await member.client.get(INSIGHTS, params=query)
    assert answer.status_code == 200, answer.text
    return [insight["name"] for insight in answer.json()["results"]]


async def test_an_insight_has_every_field_of_the_wire_format(alice):
    made = await save(alice, description="Who came", tags=["Web", "web"])
    assert set(made) >= {
        "id", "short_id", "name", "derived_name", "description", "query", "order", "deleted", "dashboards",
        "dashboard_tiles", "last_refresh", "cache_target_age", "next_allowed_client_refresh", "result", "hasMore",
        "columns", "created_at", "created_by", "updated_at", "tags", "favorited", "last_modified_at",
        "last_modified_by", "is_sample", "effective_restriction_level", "effective_privilege_level",
        "user_access_level", "timezone", "is_cached", "query_status", "hogql", "types",
    }  # fmt: skip
    assert isinstance(made["id"], int) and len(made["short_id"]) == 8
    assert (made["name"], made["description"], made["tags"]) == ("Visits", "Who came", ["web"])
    assert made["query"] == QUERY and made["result"] is None and made["dashboards"] == []
    assert made["created_by"]["email"] == alice.email == made["last_modified_by"]["email"]
    for key in (made["id"], made["short_id"]):
        assert (await alice.client.get(f"{INSIGHTS}{key}/")).json() == made
    same = await alice.client.get(f"/api/environments/{alice.project_id}/insights/{made['id']}")
    assert same.json() == made


@pytest.mark.parametrize(
    ("body", "attr", "code"),
    [
        ({"name": "x" * 401}, "name", "max_length"),
        ({"query": "visits"}, "query", "invalid_input"),
        ({"query": []}, "query", "invalid_input"),
        ({"saved": "perhaps"}, "saved", "invalid_input"),
        ({"tags": [1]}, "tags__0", "invalid_input"),
        ({"dashboards": [1]}, "dashboards", "does_not_exist"),
        ({"dashboards": ["x"]}, "dashboards__0", "invalid_input"),
    ],
)
async def test_an_insight_with_a_bad_field_is_refused(alice, body, attr, code):
    answer = await alice.client.post(INSIGHTS, json=body)
    assert (answer.status_code, answer.json()["attr"], answer.json()["code"]) == (400, attr, code)
    made = await save(alice)
    answer = await alice.client.patch(one(made), json={"description": "new", **body})
    assert (answer.status_code, answer.json()["attr"]) == (400, attr)
    assert (await alice.client.get(one(made))).json() == made


async def test_a_patch_changes_what_it_names_and_is_logged(alice, bob):
    made = await save(alice)
    answer = await bob.client.patch(one(made), json={"name": "Views", "favorited": True})
    changed = answer.json()
    assert (changed["name"], changed["favorited"], changed["query"]) == ("Views", True, QUERY)
    assert changed["last_modified_by"]["email"] == bob.email
    assert (await bob.client.put(one(made), json={"name": "Views"})).json()["name"] == "Views"
    found = await alice.client.get(
        "/api/projects/@current/activity_log/", params={"scope": "Insight", "item_id": made["id"]}
    )
    last, first = found.json()["results"]
    assert (first["activity"], last["activity"]) == ("created", "updated")
    assert [(change["field"], change["after"]) for change in last["detail"]["changes"]] == [("name", "Views")]


async def test_deleting_is_a_patch_and_can_be_undone(alice):
    made = await save(alice)
    assert (await alice.client.delete(one(made))).status_code == 405
    assert (await alice.client.patch(one(made), json={"deleted": True})).json()["deleted"] is True
    assert (await alice.client.get(one(made))).status_code == 404
    assert (await alice.client.patch(one(made), json={"name": "x"})).status_code == 404
    assert await names(alice) == []
    assert (await alice.client.patch(one(made), json={"deleted": False})).json()["deleted"] is False
    assert await names(alice) == ["Visits"]


async def test_a_list_is_narrowed_and_ordered(alice, bob):
    made = await save(alice, name="Grüße", tags=["web"], saved=False)
    await save(bob, name="Sales", description="What was bought", favorited=True)
    assert await names(alice) == ["Sales", "Grüße"]
    assert await names(alice, order="name") == ["Grüße", "Sales"]
    for query, wanted in [
        ({"search": "GRÜSSE"}, ["Grüße"]),
        ({"search": "bought"}, ["Sales"]),
        ({"search": "web"}, ["Grüße"]),
        ({"tags": '["WEB"]'}, ["Grüße"]),
        ({"created_by": bob.user_id}, ["Sales"]),
        ({"created_by": str(alice.user_uuid)}, ["Grüße"]),
        ({"user": "true"}, ["Grüße"]),
        ({"saved": "true"}, ["Sales"]),
        ({"favorited": "true"}, ["Sales"]),
        ({"short_id": made["short_id"]}, ["Grüße"]),
        ({"insight": "FUNNELS"}, []),
        ({"date_to": "-1d"}, []),
        ({"date_from": "-1d", "limit": 1}, ["Sales"]),
        ({"date_from": "nonsense", "order": "nonsense", "saved": "perhaps"}, ["Sales", "Grüße"]),
    ]:
        assert await names(alice, **query) == wanted, query


async def test_other_organizations_find_nothing(alice, mallory):
    made = await save(alice)
    for key in (made["id"], made["short_id"], "0", "9" * 30, "nothing"):
        for method in ("GET", "PATCH", "PUT"):
            answer = await mallory.client.request(method, f"{INSIGHTS}{key}/", json={"name": "Taken"})
            assert answer.status_code == 404
    assert await names(mallory) == [] and await names(alice) == ["Visits"]


async def test_a_member_who_may_only_look_changes_nothing(alice, bob):
    made = await save(alice)
    level = {"resource": "ticket", "access_level": "viewer"}
    answer = await alice.client.put("/api/projects/@current/resource_access_controls/", json=level)
    assert answer.status_code == 200
    shown = (await bob.client.get(one(made))).json()
    assert (shown["user_access_level"], shown["effective_privilege_level"]) == ("viewer", 21)
    for answer in (
        await bob.client.patch(one(made), json={"name": "x"}),
        await bob.client.post(INSIGHTS, json={"name": "x"}),
    ):
        assert answer.status_code == 403
        assert answer.json()["detail"] == "You do not have editor access to this resource."
