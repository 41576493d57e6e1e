"""The pages on which articles are written."""

import pytest

from tests.cast import Cast
from tests.plain_browser import window_of

ARTICLES = "/api/projects/@current/conversations/articles/"


async def test_an_article_is_drafted_published_found_and_deleted(cast: Cast):
    window = await window_of(cast, cast.bob)
    await window.open("/settings/articles")
    await window.follow("Write an article")
    await window.press(
        "Save draft", title="Returns", content="Within **30 days** <script>alert(1)</script>", tags="a, b"
    )
    assert window.page.one(role="status").text == "Saved as a draft. Only your team sees it."
    shown = window.page.one("section", aria_labelledby="preview")
    assert shown.one("strong").text == "30 days" and not shown.all("script")
    await window.press("Publish")
    [stored] = (await cast.bob.client.get(ARTICLES)).json()["results"]
    assert stored["state"] == "published" and stored["tags"] == ["a", "b"]
    await window.open("/settings/articles?search=days+returns")
    assert window.page.one("section", aria_labelledby="articles").all("a", class_="link")[0].text == "Returns"
    await window.follow("Returns")
    await window.press("Delete this article")
    assert (await cast.bob.client.get(ARTICLES)).json()["count"] == 0


async def test_a_form_without_a_title_comes_back_with_its_text(cast: Cast):
    window = await window_of(cast, cast.bob)
    await window.open("/settings/articles/new")
    await window.press("Publish", title=" ", content="Kept")
    assert window.status == 422
    assert window.page.one("textarea", id="content").text == "Kept"
    assert window.page.one(id="title-help").text == "Give the article a title."


@pytest.mark.parametrize("level", ["none", "viewer"])
async def test_who_may_not_change_tickets_reads_articles_only(cast: Cast, level: str):
    made = (await cast.alice.client.post(ARTICLES, json={"title": "Returns", "content": "Text"})).json()
    levels = f"/api/projects/{cast.project.id}/resource_access_controls/"
    body = {"resource": "ticket", "access_level": level}
    assert (await cast.alice.client.put(levels, json=body)).status_code == 200
    refused = [
        await cast.bob.client.post(ARTICLES, json={"title": "Mine"}),
        await cast.bob.client.patch(f"{ARTICLES}{made['id']}/", json={"title": "Mine"}),
        await cast.bob.client.delete(f"{ARTICLES}{made['id']}/"),
    ]
    assert [answer.status_code for answer in refused] == [403, 403, 403]
    window = await window_of(cast, cast.bob)
    await window.open(f"/settings/articles/{made['id']}")
    assert window.page.one("section", aria_labelledby="preview").text == "Returns Text"
    assert not window.page.all("textarea")


async def test_another_organization_opens_no_page_of_it(cast: Cast):
    made = (await cast.alice.client.post(ARTICLES, json={"title": "Returns"})).json()
    window = await window_of(cast, cast.mallory)
    await window.open(f"/settings/articles/{made['id']}")
    assert window.status == 404
