"""Saved views through the API."""

from asyncio import gather
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from parley.accounts.memberships.tables import membership
from parley.accounts.users.tables import user_account
from parley.conversations.saved_views.queries import visible_view_filters
from parley.conversations.saved_views.rules import ViewFilters
from parley.conversations.saved_views.tables import saved_view, saved_view_favorite
from parley.kernel.http.authorization import Actor, Principal, Project

VIEWS = "/api/projects/@current/conversations/views/"


async def save(member, name="Mine", **more):
    answer = await member.client.post(VIEWS, json={"name": name, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def one(view):
    return f"{VIEWS}{view['short_id']}/"


async def names(member):
    return [view["name"] for view in (await member.client.get(VIEWS)).json()["results"]]


async def leave(cast, member):
    async with cast.services.database.transaction() as db:
        await db.execute(delete(membership).where(membership.c.user_id == member.user_id))


def actor(member):
    who = {"user_id": member.user_id, "user_uuid": member.user_uuid, "email": member.email, "name": ""}
    principal = Principal(**who, levels={}, current_project_id=None)
    project = Project(
        id=member.project_id,
        organization_id=member.organization_id,
        name="",
        timezone="UTC",
        conversations_enabled=True,
        settings={},
        api_token="",
        widget_token=None,
    )
    return Actor(principal=principal, project=project, level=member.level)


async def test_a_view_has_every_field_of_the_page(alice):
    view = await save(alice, "  Urgent  ", filters={"status": ["open"], "columns": [1, 2.5, None]})
    assert set(view) == {
        "id", "short_id", "name", "filters", "visibility", "is_favorited", "created_at", "created_by",
    }  # fmt: skip
    assert view["name"] == "Urgent"
    assert view["filters"] == {"status": ["open"], "columns": [1, 2.5, None]}
    assert (view["visibility"], view["is_favorited"]) == ("shared", False)
    assert view["short_id"].isalnum() and view["created_at"].endswith("Z")
    assert view["created_by"]["email"] == alice.email and len(view["created_by"]) == 9
    assert (await alice.client.get(one(view))).json() == view


async def test_what_only_the_server_says_is_ignored_in_a_body(alice, bob):
    mine = {"id": "x", "short_id": "mine", "created_by": bob.user_id, "created_at": "2001-01-01T00:00:00Z"}
    view = await save(alice, **mine)
    assert view["short_id"] != "mine" and view["created_by"]["id"] == alice.user_id
    answer = await alice.client.patch(one(view), json={**mine, "name": "Other"})
    assert answer.json() == {**view, "name": "Other"}


@pytest.mark.parametrize(
    ("body", "attr", "code"),
    [
        ({}, "name", "required"),
        ({"name": " "}, "name", "blank"),
        ({"name": None}, "name", "null"),
        ({"name": "x" * 401}, "name", "max_length"),
        ({"name": "x", "filters": []}, "filters", "invalid_input"),
        ({"name": "x", "filters": "open"}, "filters", "invalid_input"),
        ({"name": "x", "filters": None}, "filters", "null"),
        ({"name": "x", "filters": {"status": ["closed"]}}, "filters__status__0", "invalid_choice"),
        ({"name": "x", "filters": {"own": "x" * 10_000}}, "filters", "invalid_input"),
        ({"name": "x", "visibility": "public"}, "visibility", "invalid_choice"),
    ],
)
async def test_a_view_with_a_bad_field_is_refused(alice, body, attr, code):
    answer = await alice.client.post(VIEWS, json=body)
    assert answer.status_code == 400
    assert (answer.json()["attr"], answer.json()["code"]) == (attr, code)
    assert await names(alice) == []


async def test_too_many_filters_are_refused_in_the_words_of_the_api(alice):
    answer = await alice.client.post(VIEWS, json={"name": "x", "filters": {"own": "x" * 10_000}})
    assert answer.json()["detail"] == "Filters payload is too large."


async def test_views_are_found_by_their_short_id_only(alice, mallory):
    view = await save(alice)
    assert (await alice.client.get(f"{VIEWS}{view['id']}/")).status_code == 404
    for method in ("GET", "PATCH", "DELETE"):
        answer = await mallory.client.request(method, one(view), json={"name": "Taken"})
        assert answer.status_code == 404
    assert await names(mallory) == [] and await names(alice) == ["Mine"]


async def test_a_put_is_not_allowed(alice):
    view = await save(alice)
    answer = await alice.client.put(one(view), json={"name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


async def test_a_patch_replaces_the_filters_whole_and_leaves_the_rest(alice):
    view = await save(alice, filters={"status": ["open"], "own": 1})
    changed = (await alice.client.patch(one(view), json={"filters": {"sla": "breached"}})).json()
    assert changed == {**view, "filters": {"sla": "breached"}}
    assert (await alice.client.patch(one(view), json={})).json() == changed


async def test_nothing_of_a_patch_is_stored_unless_all_of_it_may_be(alice, bob):
    view = await save(alice)
    for body in ({"filters": {"status": ["closed"]}}, {"visibility": "private"}, {"visibility": None}):
        answer = await bob.client.patch(one(view), json={"name": "Other", "is_favorited": True, **body})
        assert answer.status_code in (400, 403)
    assert (await bob.client.get(one(view))).json() == view


async def test_a_deleted_view_is_gone_with_its_favourites(alice, bob, database):
    view = await save(alice)
    await bob.client.patch(one(view), json={"is_favorited": True})
    answer = await bob.client.delete(one(view))
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await alice.client.get(one(view))).status_code == 404
    assert (await alice.client.delete(one(view))).status_code == 404
    async with database.transaction(write=False) as db:
        mine = saved_view_favorite.c.project_id == alice.project_id
        assert (await db.execute(select(saved_view_favorite).where(mine))).first() is None


async def test_a_view_that_is_deleted_while_others_mark_it_is_just_gone(alice, bob):
    for _ in range(5):
        view = await save(alice)
        marks = (member.client.patch(one(view), json={"is_favorited": True}) for member in (alice, bob) * 2)
        answers = await gather(*marks, alice.client.delete(one(view)))
        assert {answer.status_code for answer in answers[:-1]} <= {200, 404}
        assert answers[-1].status_code == 204


async def test_favourites_come_first_then_the_newest_for_each_person(alice, bob, clock):
    clock.freeze()
    for name in ("one", "two", "three"):
        clock.advance(timedelta(seconds=1))
        view = await save(alice, name)
        if name == "one":
            first = view
    assert await names(bob) == ["three", "two", "one"]
    for _ in range(2):
        marked = await bob.client.patch(one(first), json={"is_favorited": True})
        assert marked.json() == {**first, "is_favorited": True}
    assert await names(bob) == ["one", "three", "two"]
    assert await names(alice) == ["three", "two", "one"]
    for _ in range(2):
        assert (await bob.client.patch(one(first), json={"is_favorited": False})).json() == first
    assert await names(bob) == ["three", "two", "one"]


async def test_the_list_comes_in_pages_that_can_be_followed(alice):
    for name in ("one", "two", "three"):
        await save(alice, name)
    page = (await alice.client.get(VIEWS, params={"limit": 2})).json()
    assert (page["count"], len(page["results"]), page["previous"]) == (3, 2, None)
    behind = (await alice.client.get(page["next"])).json()
    assert [view["name"] for view in page["results"] + behind["results"]] == ["three", "two", "one"]
    assert behind["next"] is None


async def test_private_views_are_there_for_their_creator_only(alice, bob):
    view = await save(bob, visibility="private")
    assert await names(bob) == ["Mine"] and await names(alice) == []
    for method in ("GET", "PATCH", "DELETE"):
        answer = await alice.client.request(method, one(view), json={"is_favorited": True})
        assert answer.status_code == 404
    assert (await alice.client.get(VIEWS)).json()["count"] == 0


async def test_only_the_creator_changes_the_visibility(alice, bob):
    view = await save(bob)
    refused = await alice.client.patch(one(view), json={"visibility": "private"})
    assert refused.status_code == 403
    assert refused.json()["detail"] == "Only the creator of a view can change its visibility."
    assert (await alice.client.patch(one(view), json={"visibility": "shared"})).status_code == 200
    assert (await bob.client.patch(one(view), json={"visibility": "private"})).status_code == 200
    assert (await alice.client.get(one(view))).status_code == 404


async def test_a_view_of_somebody_who_left_is_everybodys(cast, alice, bob):
    view = await save(bob, visibility="private")
    await leave(cast, bob)
    found = (await alice.client.get(one(view))).json()
    assert (found["visibility"], found["created_by"]) == ("shared", None)
    refused = await alice.client.patch(one(view), json={"visibility": "private"})
    assert (refused.status_code, refused.json()["attr"]) == (400, "visibility")
    assert refused.json()["detail"] == "A view whose creator no longer exists cannot be made private."
    renamed = await alice.client.patch(one(view), json={"visibility": "shared", "name": "Ours"})
    assert renamed.json()["name"] == "Ours"


async def test_a_view_outlives_the_account_of_its_creator(cast, alice, bob):
    view = await save(bob, visibility="private")
    async with cast.services.database.transaction() as db:
        await db.execute(delete(user_account).where(user_account.c.id == bob.user_id))
    assert (await alice.client.get(one(view))).json()["created_by"] is None


@pytest.mark.parametrize("thing", ["conversation", "ticket"])
async def test_both_scopes_open_the_views(cast, alice, thing):
    reader = await cast.make_key(alice, [f"{thing}:read"])
    writer = await cast.make_key(alice, [f"{thing}:write"])
    assert (await reader.post(VIEWS, json={"name": "x"})).status_code == 403
    view = (await writer.post(VIEWS, json={"name": "x"})).json()
    for client in (reader, writer):
        assert (await client.get(one(view))).status_code == 200
        assert (await client.get(VIEWS)).json()["count"] == 1
    assert (await reader.delete(one(view))).status_code == 403
    assert (await writer.delete(one(view))).status_code == 204


async def test_the_ticket_list_gets_the_filters_of_views_that_the_caller_sees(
    cast, alice, bob, mallory, database
):
    shared = await save(bob, filters={"status": ["open"], "tags": ["VIP"]})
    private = await save(bob, filters={"sla": "breached"}, visibility="private")

    async def filters(member, view):
        return await visible_view_filters(database, actor(member), view["short_id"])

    assert await filters(alice, shared) == ViewFilters(status=("open",), tags=("vip",))
    assert await filters(bob, private) == ViewFilters(sla="breached")
    assert await filters(alice, private) is None
    assert await filters(mallory, shared) is None
    assert await filters(alice, {"short_id": "nothing"}) is None
    await leave(cast, bob)
    assert await filters(alice, private) == ViewFilters(sla="breached")


async def test_a_stored_view_that_cannot_be_read_any_more_is_still_listed(alice, database):
    view = await save(alice)
    async with database.transaction() as db:
        old = '{"status": "gone", "assignee": [7], "n": 1e300}'
        await db.execute(
            saved_view.update().where(saved_view.c.short_id == view["short_id"]).values(filters=old)
        )
    found = (await alice.client.get(one(view))).json()
    assert found["filters"] == {"status": "gone", "assignee": [7], "n": 1e300}
    assert await visible_view_filters(database, actor(alice), view["short_id"]) == ViewFilters()


@pytest.mark.parametrize("level", ["none", "viewer"])
async def test_who_may_not_change_tickets_changes_no_views_of_others(alice, bob, project, level):
    shared, earlier, own = (
        await save(alice),
        await save(bob, "Earlier"),
        await save(bob, visibility="private"),
    )
    levels = f"/api/projects/{project.id}/resource_access_controls/"
    body = {"resource": "ticket", "access_level": level}
    assert (await alice.client.put(levels, json=body)).status_code == 200
    refused = [
        await bob.client.post(VIEWS, json={"name": "New"}),
        await bob.client.patch(one(own), json={"visibility": "shared"}),
    ]
    for view in (shared, earlier):
        refused += [
            await bob.client.delete(one(view)),
            await bob.client.patch(one(view), json={"name": "x"}),
            await bob.client.patch(one(view), json={"filters": {}, "is_favorited": True}),
        ]
    assert [answer.status_code for answer in refused] == [403] * 8
    assert (await alice.client.get(one(shared))).json()["name"] == "Mine"
    assert (await bob.client.patch(one(shared), json={"is_favorited": True})).status_code == 200
    assert (await bob.client.patch(one(own), json={"name": "Other"})).status_code == 200
    assert (await bob.client.delete(one(own))).status_code == 204
    assert (await alice.client.delete(one(earlier))).status_code == 204
