"""What the search field of the inbox finds while somebody types."""

import pytest

from parley.inbox.search_suggestions.pages import TYPED
from tests.limited import client_at, limited_app
from tests.plain_browser import Element, PlainBrowser, read_html, window_of

GROUPS = ("Conversations", "Persons", "Articles")


async def found(window: PlainBrowser, search: str) -> dict[str, list[Element]]:
    """Return what is found of each kind."""
    answer = await window.client.get("/inbox/search", params={"search": search})
    assert answer.status_code == 200, answer.text
    page = read_html(answer.text)
    groups = {name: page.all("div", role="group", aria_label=name) for name in GROUPS}
    return {name: group[0].all("a", role="option") for name, group in groups.items() if group}


def marks_of(option: Element) -> list[str]:
    return option.texts("mark")


async def tell(anonymous, project, distinct_id: str, **properties: str) -> None:
    event = {"event": "x", "distinct_id": distinct_id, "properties": {"$set": properties}}
    answer = await anonymous.post("/e/", json={**event, "token": project.api_token})
    assert answer.status_code == 200, answer.text


async def write_article(api, project, **fields: str) -> None:
    answer = await api.post(f"/api/projects/{project.id}/conversations/articles/", json=fields)
    assert answer.status_code == 201, answer.text


async def test_conversations_persons_and_articles_are_found_by_words_in_any_order(
    window, desk, api, anonymous, project
):
    await tell(anonymous, project, "fiona", name="Fern Green", email="fern@x.test")
    await desk.open(distinct_id="fiona", subject="A plant", message="My green Fern is brown.")
    ticket = await desk.open(message="Something else", anonymous_traits={"name": "Ada"})
    await desk.say(ticket, "Sent the green fern to Ada", is_private=True)
    await desk.say(ticket, "Anything else?")
    await desk.open(message="green moss")
    await write_article(api, project, title="Ferns", content="Keep a **green** fern wet.", state="published")
    options = await found(window, "fern green")
    tickets = {option["href"]: option for option in options["Conversations"]}
    assert set(tickets) == {"/inbox/1?search=fern+green", "/inbox/2?search=fern+green"}
    assert marks_of(tickets["/inbox/1?search=fern+green"]) == ["Fern", "Green", "green", "Fern"]
    note = tickets["/inbox/2?search=fern+green"]
    assert "Note: Sent the green fern to Ada" in note.text and "#2" in note.text
    (person,) = options["Persons"]
    assert person["href"] == "/inbox?customer=fiona" and "@x.test" in person.text
    (article,) = options["Articles"]
    assert marks_of(article) == ["Fern", "green", "fern"] and article["href"].startswith(
        "/settings/articles/"
    )
    await window.open(person["href"])
    assert [row["data-number"] for row in window.page.all("a", class_="row")] == ["1"]


async def test_an_article_is_shown_without_the_signs_of_markdown(window, api, project):
    content = "## Where invoices are\n\nAll are under **Billing**:\n\n- [open](https://x.test/) or `paid`"
    await write_article(api, project, title="Bills", content=content, state="published")
    for search in ("invoices", "billing"):
        (article,) = (await found(window, search))["Articles"]
        words = article.one("span", class_="suggestion-text").text
        assert "invoices are All are under Billing" in " ".join(words.split())
        assert not set("#*`[").intersection(words)


async def test_a_number_finds_its_conversation(window, desk):
    await desk.open(message="One")
    await desk.open(message="Two", status="resolved")
    (option,) = (await found(window, "#2"))["Conversations"]
    assert "Two" in option.text and "Resolved" in option.text


async def test_what_customers_wrote_is_only_text(window, desk, anonymous, project):
    hostile = 'fern"><script>alert(1)</script><img src=x onerror=alert(1)>'
    await tell(anonymous, project, "eve", name=hostile)
    await desk.open(distinct_id="eve", subject=hostile, message=hostile, anonymous_traits={"name": hostile})
    answer = await window.client.get("/inbox/search", params={"search": "<script>alert(1)</script> fern"})
    page = read_html(answer.text)
    assert not page.all("script") and not page.all("img")
    assert "<script>alert(1)</script>" in page.texts("mark")


@pytest.mark.parametrize(
    "search", ["", " ", "f", "x" * 300, "\0fern", '""', "%", "%%", "fern' OR 1=1 --", "#99999999999"]
)
async def test_what_finds_nothing_is_no_error(window, desk, search):
    await desk.open(message="fern")
    options = await found(window, search)
    assert "Persons" not in options and "Articles" not in options


async def test_nothing_of_others_is_found(window, desk, cast, api, project, anonymous):
    hidden = await desk.open(distinct_id="fiona", message="A fern that is hidden")
    await desk.open(message="A fern for everybody")
    await tell(anonymous, project, "fiona", name="Fern")
    await write_article(api, project, title="Fern", content="Water")
    url = f"{desk.tickets}{hidden['id']}/access_controls/"
    assert (await desk.client.put(url, json={"access_level": "none"})).status_code == 200
    bobs = await found(await window_of(cast, cast.bob), "fern")
    assert ["everybody" in one.text for one in bobs["Conversations"]] == [True]
    assert await found(await window_of(cast, cast.mallory), "fern") == {}
    url = f"/api/projects/{cast.project.id}/resource_access_controls/"
    answer = await cast.alice.client.put(url, json={"resource": "ticket", "access_level": "none"})
    assert answer.status_code == 200, answer.text
    nobodys = await window_of(cast, cast.bob)
    assert (await nobodys.client.get("/inbox/search?search=fern")).status_code == 404


async def test_only_so_many_are_shown_and_the_list_has_the_others(window, desk, anonymous, project):
    for n in range(8):
        await desk.open(message=f"fern {n}")
    for n in range(6):
        await tell(anonymous, project, f"p{n}", name=f"Fern {n}")
    answer = await window.client.get("/inbox/search?search=fern")
    page = read_html(answer.text)
    groups = [len(group.all("a", role="option")) for group in page.all("div", role="group")]
    assert groups == [6, 4]
    assert page.one("a", id="suggested-all")["href"] == "/inbox?search=fern"
    names = page.one("div", role="group", aria_label="Persons").texts("bdi")
    assert names == [f"Fern {n}" for n in range(4)]


async def test_the_field_searches_without_script(window, desk):
    await desk.open(message="fern", status="resolved")
    await window.open("/inbox")
    field = window.page.one("input", id="search")
    assert (
        field["hx-get"] == "/inbox/search"
        and window.page.one("div", id="suggestions").get("hidden", "no") == ""
    )
    await window.press("Search", search="fern")
    assert [row["data-number"] for row in window.page.all("a", class_="row")] == ["1"]


async def test_whoever_asks_too_often_is_told_to_wait(settings, app, cast):
    window = await window_of(cast, cast.alice)
    async with limited_app(settings, "on") as limited, client_at(limited, "192.0.2.9") as client:
        client.cookies = window.client.cookies
        answers = [await client.get("/inbox/search?search=x") for _ in range(TYPED.most + 1)]
        people = [await client.get("/compose/recipients?recipient_email=x") for _ in range(2)]
    assert [one.status_code for one in answers] == [200] * TYPED.most + [429]
    assert [one.status_code for one in people] == [200, 200]
