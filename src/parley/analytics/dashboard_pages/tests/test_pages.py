"""Dashboards by hand: made, filled, arranged, looked at for another time, copied, deleted and brought back."""

import pytest

from tests.plain_browser import PlainBrowser

DASHBOARDS, INSIGHTS = "/api/projects/@current/dashboards/", "/api/projects/@current/insights/"
SEEN = {"kind": "EventsQuery", "select": ["event"], "event": "seen"}
TABLE = {"kind": "DataTableNode", "source": SEEN}
HTMX = {"HX-Request": "true"}


@pytest.fixture
async def seen(alice, api, project):
    """An event and an insight that shows it."""
    event = {"event": "seen", "distinct_id": "v"}
    assert (await api.post("/capture", json={"api_key": project.api_token, **event})).status_code == 200
    return (await alice.client.post(INSIGHTS, json={"name": "Seen", "query": TABLE})).json()


async def dashboard(alice, **body):
    made = await alice.client.post(DASHBOARDS, json={"name": "Web", **body})
    assert made.status_code == 201, made.text
    return made.json()


async def tiles(window: PlainBrowser, id: int):
    return (await window.client.get(f"{DASHBOARDS}{id}/")).json()["tiles"]


async def test_a_dashboard_is_made_filled_copied_deleted_and_brought_back(window, seen):
    await window.open("/insights")
    await window.follow("Dashboards")
    assert "There are no dashboards yet" in window.page.text
    await window.press("Create dashboard", name="Web")
    assert window.heading == "Web" and "Nothing is on this dashboard yet" in window.page.text
    id = int(window.path.rsplit("/", 1)[1])
    await window.press("Add the insight", insight=str(seen["id"]))
    await window.press("Add the text", body="**Look** at <b>this</b>")
    assert "<strong>Look</strong> at &lt;b&gt;this" in window.answer.text
    await window.press("Save", name="Site", description="What people see")
    assert window.heading == "Site"
    await window.press("Pin to the top")
    await window.press("Copy the dashboard", with_insights="yes")
    assert window.heading == "Site (Copy)" and "This is the copy." in window.page.text
    await window.press("Delete this dashboard", with_insights="yes")
    assert "Site (Copy)" not in window.page.text
    await window.press("Bring it back")
    await window.open("/dashboards?which=pinned")
    await window.follow("Site")
    assert len(await tiles(window, id)) == 2


async def test_tiles_are_moved_widened_written_anew_and_taken_off(window, alice, seen):
    made = await dashboard(alice, tiles=[{"insight": seen["id"]}, {"text": {"body": "Notes"}}])
    shown, text = (one["id"] for one in made["tiles"])
    await window.open(f"/dashboards/{made['id']}")

    async def press(button: str, **fields: str) -> list[int]:
        await window.press(button, **fields)
        return [int(one["id"][5:]) for one in window.page.all("section") if one.get("id").startswith("tile-")]

    assert await press("Later") == [text, shown]
    assert await press("Set", width="12") == [text, shown]
    assert [one["layouts"]["sm"]["w"] for one in await tiles(window, made["id"])] == [12, 6]
    await window.press("Save the text", body="Other notes")
    assert "Other notes" in window.page.one("section", id=f"tile-{text}").text
    assert await press("Take it off") == [shown]


async def test_kept_answers_are_there_at_once_and_others_when_a_script_asks(window, alice, seen):
    other = {"kind": "DataTableNode", "source": {**SEEN, "select": ["uuid"]}}
    more = (await alice.client.post(INSIGHTS, json={"name": "More", "query": other})).json()
    made = await dashboard(alice, tiles=[{"insight": seen["id"]}, {"insight": more["id"]}])
    path = f"/dashboards/{made['id']}"
    await window.open(path)
    due = [one["hx-get"] for one in window.page.all("div") if one.get("hx-get")]
    assert len(due) == 2 and "Computing" in window.page.text
    part = await window.client.get(due[0], headers=HTMX)
    assert "<html" not in part.text and ">seen<" in part.text and "hx-get" not in part.text
    await window.open(path)
    assert [one["hx-get"] for one in window.page.all("div") if one.get("hx-get")] == due[1:]
    await window.open(due[1])
    assert window.heading == "More" and window.page.all("table")
    assert (await window.client.get(f"{path}/tiles/1", headers=HTMX)).status_code == 404


async def test_another_time_is_looked_at_and_kept_for_everybody(window, alice, seen):
    made = await dashboard(alice, tiles=[{"insight": seen["id"]}])
    path = f"/dashboards/{made['id']}"
    await window.open(path)
    await window.press("Apply", date_from="-90d")
    tile = next(one["hx-get"] for one in window.page.all("div") if one.get("hx-get"))
    assert tile.endswith("?date_from=-90d")
    assert (await window.client.get(f"{DASHBOARDS}{made['id']}/")).json()["filters"] == {}
    await window.press("Keep it for everybody")
    assert window.page.one(role="status").text == "Saved."
    assert (await window.client.get(f"{DASHBOARDS}{made['id']}/")).json()["filters"] == {"date_from": "-90d"}
    await window.open(f"{path}?date_from=never-ever")
    assert window.status == 200 and window.page.one(role="alert").text
    answer = await window.client.get(tile.split("?")[0] + "?date_from=never", headers=HTMX)
    assert answer.status_code == 400


async def test_a_dashboard_of_another_project_is_not_there(window, mallory):
    made = await dashboard(mallory, tiles=[{"text": {"body": "Theirs"}}])
    path = f"/dashboards/{made['id']}"
    for place in (path, f"{path}/tiles/{made['tiles'][0]['id']}"):
        await window.open(place)
        assert window.status == 404
    await window.open("/dashboards")
    assert "Web" not in window.page.text
    token = window.page.all("input", name="csrf_token")[0]["value"]
    for do in ("save", "delete", "restore", "duplicate", "add_text", "up:1", "nothing"):
        sent = {"csrf_token": token, "do": do, "body": "x"}
        assert (await window.client.post(path, data=sent)).status_code == 404


async def test_who_may_only_look_has_no_buttons_and_changes_nothing(viewer, alice):
    made = await dashboard(alice, tiles=[{"text": {"body": "Notes"}}])
    await viewer.open("/dashboards")
    assert {button.name for button in viewer.page.one("main").all("button")} == {"Apply"}
    await viewer.follow("Web")
    assert {button.name for button in viewer.page.one("main").all("button")} == {"Apply"}
    await viewer.open(f"/dashboards/{made['id']}?date_from=-30d")
    assert "Keep it for everybody" not in viewer.page.text
    token = viewer.page.all("input", name="csrf_token")[0]["value"]
    tile = made["tiles"][0]["id"]
    for do in (
        "save",
        "pin",
        "delete",
        "duplicate",
        "keep_dates",
        "add_text",
        f"remove:{tile}",
        f"width:{tile}",
    ):
        sent = {"csrf_token": token, "do": do, "body": "x", "width": "12"}
        assert (await viewer.client.post(f"/dashboards/{made['id']}", data=sent)).status_code == 403, do
    for do in ("make", "starters"):
        sent = {"csrf_token": token, "do": do, "name": "x"}
        assert (await viewer.client.post("/dashboards", data=sent)).status_code == 403


async def test_what_no_form_sends_is_refused_or_changes_nothing(window, alice):
    made = await dashboard(alice)
    await window.open("/dashboards")
    token = window.page.all("input", name="csrf_token")[0]["value"]
    path = f"/dashboards/{made['id']}"
    bad = (
        {"do": "add_insight", "insight": "x"},
        {"do": "add_text"},
        {"do": "remove:7"},
        {"do": "save", "name": "x" * 401},
    )
    for fields in (*bad, {"do": "keep_dates", "date_from": "x"}):
        answer = await window.client.post(path, data={"csrf_token": token, **fields})
        assert answer.status_code == 400, fields
    for fields in ({"do": ""}, {"do": "up:x"}, {"do": "width:5", "width": "7"}):
        answer = await window.client.post(path, data={"csrf_token": token, **fields})
        assert answer.status_code == 303, fields
    await window.press("Add the starter dashboards")
    assert [name for name in ("Support", "Customers") if name not in window.page.text] == []
