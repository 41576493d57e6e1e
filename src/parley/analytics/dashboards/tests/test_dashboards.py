"""Dashboards through the API."""

import pytest

from parley.analytics.insights.tests.test_insights import INSIGHTS, QUERY

DASHBOARDS = "/api/projects/@current/dashboards/"


async def save(member, **body):
    answer = await member.client.post(DASHBOARDS, json={"name": "Support", **body})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def save_insight(member, **body):
    answer = await member.client.post(INSIGHTS, json={"name": "Visits", "query": QUERY, **body})
    assert answer.status_code == 201, answer.text
    return answer.json()


def one(dashboard):
    return f"{DASHBOARDS}{dashboard['id']}/"


async def change(member, dashboard, **body):
    answer = await member.client.patch(one(dashboard), json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def names(member, **query):
    return [found["name"] for found in (await member.client.get(DASHBOARDS, params=query)).json()["results"]]


async def test_a_dashboard_has_every_field_of_the_wire_format(alice):
    made = await save(alice, description="All", tags=["Web"])
    assert set(made) >= {
        "id", "name", "description", "pinned", "created_at", "created_by", "is_shared", "deleted", "creation_mode",
        "filters", "variables", "tags", "tiles", "restriction_level", "effective_restriction_level",
        "effective_privilege_level", "user_access_level", "last_refresh", "team_id",
    }  # fmt: skip
    assert (made["tiles"], made["filters"], made["tags"], made["is_shared"]) == ([], {}, ["web"], False)
    assert (await alice.client.get(one(made))).json() == made
    assert (
        await alice.client.get(f"/api/environments/{alice.project_id}/dashboards/{made['id']}")
    ).json() == made


async def test_tiles_show_insights_and_texts_in_their_order(alice):
    insight, made = await save_insight(alice), await save(alice)
    layouts = {"sm": {"x": 0, "y": 0, "w": 6, "h": 5}}
    text = {"text": {"body": "# Hello"}, "order": 0}
    shown = await change(
        alice, made, tiles=[{"insight": insight["id"], "layouts": layouts, "order": 1}, text]
    )
    first, second = shown["tiles"]
    assert (first["text"], first["insight"]) == ({"body": "# Hello"}, None)
    assert (second["insight"]["id"], second["layouts"], second["text"]) == (insight["id"], layouts, None)
    assert second["insight"]["dashboards"] == [made["id"]]
    body = [
        {"id": first["id"], "text": {"body": "Bye"}, "order": 5, "color": "red"},
        {**second, "deleted": True},
    ]
    shown = await change(alice, made, tiles=body)
    assert [(tile["text"], tile["color"]) for tile in shown["tiles"]] == [({"body": "Bye"}, "red")]
    shown = await change(alice, made, tiles=[{"insight": {"id": insight["id"]}}])
    assert [tile["id"] for tile in shown["tiles"]] == [second["id"], first["id"]]
    assert shown["tiles"][0]["layouts"] == layouts


async def test_an_insight_says_which_dashboards_show_it(alice):
    first, second = await save(alice), await save(alice)
    insight = await save_insight(alice, dashboards=[first["id"]])
    assert insight["dashboards"] == [first["id"]]
    path = f"{INSIGHTS}{insight['id']}/"
    moved = (await alice.client.patch(path, json={"dashboards": [second["id"]]})).json()
    assert moved["dashboards"] == [second["id"]]
    assert [(tile["dashboard_id"], tile["deleted"]) for tile in moved["dashboard_tiles"]] == sorted(
        [(first["id"], True), (second["id"], False)]
    )
    assert (await alice.client.get(one(first))).json()["tiles"] == []
    back = (await alice.client.patch(path, json={"dashboards": [first["id"], second["id"]]})).json()
    assert sorted(back["dashboards"]) == sorted([first["id"], second["id"]])
    await change(alice, first, deleted=True)
    assert (await alice.client.get(path)).json()["dashboards"] == [second["id"]]
    await alice.client.patch(path, json={"deleted": True})
    assert (await alice.client.get(one(second))).json()["tiles"] == []


@pytest.mark.parametrize(
    ("body", "attr", "code"),
    [
        ({"name": "x" * 401}, "name", "max_length"),
        ({"filters": []}, "filters", "invalid_input"),
        ({"restriction_level": 1}, "restriction_level", "invalid_choice"),
        ({"tiles": [{}]}, "tiles__0__insight", "invalid_input"),
        ({"tiles": [{"insight": 1}]}, "tiles__0__insight", "does_not_exist"),
        ({"tiles": [{"insight": 2**40}]}, "tiles__0__insight", "invalid_input"),
        ({"tiles": [{"id": 1}]}, "tiles__0__id", "does_not_exist"),
        ({"tiles": [{"text": {"body": ""}}]}, "tiles__0__text__body", "blank"),
        (
            {"tiles": [{"text": {"body": "x"}, "layouts": {"sm": "x" * 3000}}]},
            "tiles__0__layouts",
            "max_length",
        ),
        ({"tiles": [{"text": {"body": "x"}}] * 101}, "tiles", "max_length"),
    ],
)
async def test_a_dashboard_with_a_bad_field_is_refused(alice, body, attr, code):
    made = await save(alice)
    for answer in (
        await alice.client.post(DASHBOARDS, json=body),
        await alice.client.patch(one(made), json={"description": "new", **body}),
    ):
        assert (answer.status_code, answer.json()["attr"], answer.json()["code"]) == (400, attr, code)
    assert (await alice.client.get(one(made))).json() == made and await names(alice) == ["Support"]


async def test_a_copy_has_the_same_insights_or_copies_of_them(alice):
    insight, made = await save_insight(alice), await save(alice, pinned=True, filters={"date_from": "-3d"})
    await change(alice, made, tiles=[{"insight": insight["id"]}, {"text": {"body": "Hello"}}])
    copy = await save(alice, name=None, use_dashboard=made["id"])
    assert (copy["name"], copy["creation_mode"], copy["filters"]) == (
        "Support (Copy)", "duplicate", {"date_from": "-3d"},
    )  # fmt: skip
    assert [tile["insight"] and tile["insight"]["id"] for tile in copy["tiles"]] == [insight["id"], None]
    whole = await save(alice, name="Other", use_dashboard=made["id"], duplicate_tiles=True)
    copied = whole["tiles"][0]["insight"]
    assert copied["id"] != insight["id"] and copied["query"] == insight["query"]
    answer = await alice.client.post(DASHBOARDS, json={"use_dashboard": 1})
    assert (answer.status_code, answer.json()["attr"]) == (400, "use_dashboard")


async def test_deleting_is_a_patch_and_can_be_undone(alice):
    insight, other = await save_insight(alice), await save_insight(alice)
    made, another = await save(alice), await save(alice, name="Another")
    await change(alice, made, tiles=[{"insight": insight["id"]}, {"insight": other["id"]}])
    await change(alice, another, tiles=[{"insight": other["id"]}])
    assert (await alice.client.delete(one(made))).status_code == 405
    await change(alice, made, deleted=True, delete_insights=True)
    assert (await alice.client.get(one(made))).status_code == 404
    assert await names(alice) == ["Another"]
    assert (await alice.client.get(f"{INSIGHTS}{insight['id']}/")).status_code == 404
    assert (await alice.client.get(f"{INSIGHTS}{other['id']}/")).status_code == 200
    shown = await change(alice, made, deleted=False)
    assert [tile["insight"]["id"] for tile in shown["tiles"]] == [other["id"]]
    log = {"scope": "Dashboard", "item_id": made["id"]}
    found = (await alice.client.get("/api/projects/@current/activity_log/", params=log)).json()["results"]
    assert [entry["activity"] for entry in found] == ["restored", "deleted", "updated", "created"]


async def test_a_list_is_narrowed(alice, bob):
    await save(alice, name="Sales", tags=["web"])
    await save(bob, name="Visits", pinned=True, description="Who came")
    await save(alice, name="Newest")
    assert await names(alice) == ["Visits", "Newest", "Sales"]
    for query, wanted in [
        ({"search": "CAME"}, ["Visits"]),
        ({"pinned": "true"}, ["Visits"]),
        ({"created_by": bob.user_id}, ["Visits"]),
        ({"tags": "web"}, ["Sales"]),
        ({"limit": 1, "offset": 1}, ["Newest"]),
    ]:
        assert await names(alice, **query) == wanted


async def test_other_organizations_find_nothing(alice, mallory):
    insight, made, theirs = await save_insight(alice), await save(alice), await save(mallory)
    for key in (made["id"], "0", "9" * 30, "nothing"):
        for method in ("GET", "PATCH", "PUT"):
            answer = await mallory.client.request(method, f"{DASHBOARDS}{key}/", json={"name": "Taken"})
            assert answer.status_code == 404
    for body in ({"tiles": [{"insight": insight["id"]}]}, {"use_dashboard": made["id"]}):
        assert (await mallory.client.post(DASHBOARDS, json=body)).status_code == 400
    mine = await save_insight(mallory)
    answer = await mallory.client.patch(f"{INSIGHTS}{mine['id']}/", json={"dashboards": [made["id"]]})
    assert (answer.status_code, answer.json()["attr"]) == (400, "dashboards")
    assert await names(mallory) == [theirs["name"]]
