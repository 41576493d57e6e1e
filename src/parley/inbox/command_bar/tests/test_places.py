"""The pages that the command bar leads to."""

import re
from pathlib import Path

from parley.web import static_files
from tests.plain_browser import PlainBrowser, read_html, window_of


async def offered(window: PlainBrowser, group: str) -> dict[str, str]:
    """Return the address of each page of a group, by its name."""
    answer = await window.client.get("/places")
    assert answer.status_code == 200, answer.text
    parts = read_html(answer.text).all(data_group=group)
    return {link.text: str(link["href"]) for part in parts for link in part.all("a")}


async def test_sections_views_and_the_tabs_of_the_pages_are_offered(window, api, project):
    views = f"/api/projects/{project.id}/conversations/views/"
    made = await api.post(views, json={"name": "<b>Ferns</b>", "filters": {"status": ["open"]}})
    assert made.status_code == 201, made.text
    assert (await offered(window, "Inbox"))["Mine"] == "/inbox?who=mine"
    assert await offered(window, "Saved views") == {"<b>Ferns</b>": f"/inbox?view={made.json()['short_id']}"}
    for group, start in {"Settings": "/settings", "Analytics": "/insights"}.items():
        nav = read_html((await window.client.get(start)).text).all("nav", aria_label=group)[0]
        assert set((await offered(window, group)).values()) == {str(link["href"]) for link in nav.all("a")}


async def test_every_page_that_is_offered_opens(window):
    for group in ("Inbox", "Analytics", "Settings"):
        for name, path in (await offered(window, group)).items():
            answer = await window.client.get(path)
            assert answer.status_code == 200, f"{name}: {answer.status_code}"


async def test_nothing_is_offered_that_the_caller_may_not_see(window, cast, api, project):
    views = f"/api/projects/{project.id}/conversations/views/"
    made = await api.post(views, json={"name": "Mine alone", "filters": {}, "visibility": "private"})
    assert made.status_code == 201, made.text
    assert await offered(window, "Saved views") != {}
    for other in (cast.bob, cast.mallory):
        assert await offered(await window_of(cast, other), "Saved views") == {}
    url = f"/api/projects/{project.id}/resource_access_controls/"
    answer = await cast.alice.client.put(url, json={"resource": "ticket", "access_level": "none"})
    assert answer.status_code == 200, answer.text
    bobs = await window_of(cast, cast.bob)
    assert await offered(bobs, "Inbox") == {}
    assert "Audit log" not in await offered(bobs, "Settings")


def test_the_page_of_the_inbox_names_every_key():
    table = (Path(static_files.HERE) / "assets" / "shortcuts.js").read_text()
    rows = re.findall(r'\{ group: .*words: "([^"]+)"', table)
    keys = Path("docs/inbox.md").read_text().split("## Keys")[1].split("\n## ")[0]
    assert len(rows) > 20
    assert [words for words in rows if words not in keys] == []


async def test_whoever_is_not_signed_in_is_led_to_sign_in(anonymous):
    answer = await anonymous.get("/places")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=/places")
