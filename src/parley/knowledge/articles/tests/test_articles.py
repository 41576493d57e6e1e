"""Articles through the API, on both databases."""

import pytest

ARTICLES = "/api/projects/@current/conversations/articles/"


async def make(member, title="How to return", **more):
    answer = await member.client.post(ARTICLES, json={"title": title, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def titles(member, **query):
    page = (await member.client.get(ARTICLES, params=query)).json()
    assert page["count"] == len(page["results"])
    return [one["title"] for one in page["results"]]


async def test_an_article_is_written_published_found_and_deleted(alice):
    made = await make(alice, " How to  return ", content="Within **30 days**.", tags=["Orders", "orders "])
    assert made["title"] == "How to return" and made["slug"] == "how-to-return"
    assert made["state"] == "draft" and made["published_at"] is None and made["tags"] == ["orders"]
    assert made["created_by"]["email"] == alice.email
    path = f"{ARTICLES}{made['id']}/"
    changed = (
        await alice.client.patch(path, json={"state": "published", "content": "Within 60 days."})
    ).json()
    assert changed["state"] == "published" and changed["published_at"] and changed["slug"] == made["slug"]
    assert (await alice.client.get(f"{ARTICLES}how-to-return/")).json() == changed
    environment = ARTICLES.replace("/projects/", "/environments/")
    assert (await alice.client.get(f"{environment}{made['id']}/")).json() == changed
    assert (await alice.client.delete(path)).status_code == 204
    assert (await alice.client.get(path)).status_code == 404
    log = (
        await alice.client.get(f"/api/projects/@current/activity_log/?scope=Article&item_id={made['id']}")
    ).json()
    assert [entry["activity"] for entry in log["results"]] == ["deleted", "updated", "created"]
    fields = {change["field"]: change["after"] for change in log["results"][1]["detail"]["changes"]}
    assert fields == {"state": "published", "content": None}


async def test_a_list_is_narrowed_by_state_and_words(alice):
    await make(alice, "Returns", content="Send the Straße form.", tags=["orders"], state="published")
    await make(alice, "Invoices", content="Find them in your account.")
    assert await titles(alice) == ["Invoices", "Returns"]
    assert await titles(alice, state="published") == ["Returns"]
    assert await titles(alice, search="STRASSE send") == ["Returns"]
    assert await titles(alice, search="orders") == ["Returns"]
    assert await titles(alice, search='"form straße"') == []
    assert await titles(alice, search="account", state="published") == []


async def test_equal_titles_get_slugs_of_their_own_and_a_given_slug_must_be_free(alice):
    first, second = await make(alice), await make(alice)
    assert first["slug"] == "how-to-return" and second["slug"].startswith("how-to-return-")
    answer = await alice.client.post(ARTICLES, json={"title": "Other", "slug": "how-to-return"})
    assert answer.status_code == 400 and (answer.json()["code"], answer.json()["attr"]) == ("unique", "slug")
    path = f"{ARTICLES}{second['id']}/"
    assert (await alice.client.patch(path, json={"slug": "how-to-return"})).status_code == 400
    assert (await alice.client.patch(path, json={"slug": second["slug"]})).status_code == 200


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({}, "title"),
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "One", "content": "x" * 50_001}, "content"),
        ({"title": "One", "state": "gone"}, "state"),
        ({"title": "One", "slug": "No Slug"}, "slug"),
        ({"title": "One", "tags": "none"}, "tags"),
        ({"title": "One", "tags": ["x" * 256]}, "tags"),
    ],
)
async def test_what_is_no_article_is_refused_and_nothing_is_stored(alice, body, attr):
    answer = await alice.client.post(ARTICLES, json=body)
    assert answer.status_code == 400 and answer.json()["attr"].split("__")[0] == attr, answer.text
    assert await titles(alice) == []


async def test_another_organization_finds_none_of_it(alice, mallory):
    made = await make(alice)
    assert await titles(mallory) == []
    for method in ("GET", "PATCH", "DELETE"):
        for key in (made["id"], made["slug"]):
            answer = await mallory.client.request(method, f"{ARTICLES}{key}/", json={"title": "Mine"})
            assert answer.status_code == 404
    theirs = f"/api/projects/{alice.project_id}/conversations/articles/"
    assert (await mallory.client.get(theirs)).status_code in (403, 404)
    assert (await mallory.client.post(theirs, json={"title": "Mine"})).status_code in (403, 404)
    assert await titles(alice) == ["How to return"]
