"""The dashboards that a project begins with."""

from parley.analytics.starter_dashboards.actions import STARTERS
from parley.analytics.starter_dashboards.rules.starters import COLUMNS, layouts_of
from parley.kernel.jobs import Queue

PROJECTS = "/api/projects/"


def starter_path(project="@current"):
    return f"/api/projects/{project}/dashboards/starter/"


def dashboards_path(project="@current"):
    return f"/api/projects/{project}/dashboards/"


async def restored(member):
    answer = await member.client.post(starter_path())
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_project_gets_each_starter_dashboard_once(alice):
    made = await restored(alice)
    assert {one["name"] for one in made} == {"Support", "Customers"}
    assert {one["creation_mode"] for one in made} == {"template"}
    assert await restored(alice) == made
    assert (await alice.client.get(dashboards_path())).json()["count"] == 2


async def test_tiles_show_insights_that_have_a_name_and_a_place(alice):
    support = next(one for one in await restored(alice) if one["name"] == "Support")
    tiles = (await alice.client.get(f"{dashboards_path()}{support['id']}/")).json()["tiles"]
    names = [tile["insight"]["name"] for tile in tiles]
    assert names[:3] == ["Opened and resolved", "First response", "Resolution"]
    assert all(tile["layouts"]["sm"]["w"] and tile["insight"]["description"] for tile in tiles)


async def test_one_that_was_deleted_is_made_anew_when_it_is_asked_for_and_a_renamed_one_is_left_alone(alice):
    first, second = await restored(alice)
    await alice.client.patch(f"{dashboards_path()}{first['id']}/", json={"deleted": True})
    await alice.client.patch(f"{dashboards_path()}{second['id']}/", json={"name": "Ours"})
    by_name = {one["name"]: one["id"] for one in await restored(alice)}
    assert by_name.pop("Ours") == second["id"]
    assert set(by_name) == {first["name"]} and by_name[first["name"]] != first["id"]


async def test_a_new_project_has_them_and_its_maker_made_them(alice, services):
    project = (await alice.client.post(PROJECTS, json={"name": "Shop"})).json()
    queue = Queue(services)
    await queue.drain()
    found = (await alice.client.get(dashboards_path(project["id"]))).json()["results"]
    assert {one["name"] for one in found} == {"Support", "Customers"}
    assert {one["created_by"]["email"] for one in found} == {alice.email}
    await alice.client.patch(f"{dashboards_path(project['id'])}{found[0]['id']}/", json={"deleted": True})
    await queue.drain()
    assert (await alice.client.get(dashboards_path(project["id"]))).json()["count"] == 1


async def test_strangers_make_none(alice, mallory):
    assert (await mallory.client.post(starter_path(alice.project_id))).status_code in (403, 404)
    assert (await alice.client.get(dashboards_path())).json()["count"] == 0


def test_tiles_lie_beside_each_other_and_never_on_one_another():
    for starter in STARTERS:
        places = [one["sm"] for one in layouts_of(starter.tiles)]
        cells = [
            (x, y)
            for one in places
            for x in range(one["x"], one["x"] + one["w"])
            for y in range(one["y"], one["y"] + one["h"])
        ]
        assert len(set(cells)) == len(cells) and max(x for x, _ in cells) < COLUMNS
