"""Customer journeys by hand: made, looked at, with who is stuck where, and deleted."""

import pytest

from tests.plain_browser import PlainBrowser

JOURNEYS, INSIGHTS = "/api/projects/@current/customer_journeys/", "/api/projects/@current/insights/"
HTMX = {"HX-Request": "true"}
NODES = [{"kind": "EventsNode", "event": event} for event in ("came", "bought", "paid")]
FUNNEL = {"kind": "InsightVizNode", "source": {"kind": "FunnelsQuery", "series": NODES}}


@pytest.fixture
async def customers(api, alice, project):
    """Ada came, Bea came and bought, Cyd took all steps; Ada and Bea have written."""
    for name, events in (("ada", NODES[:1]), ("bea", NODES[:2]), ("cyd", NODES)):
        email = f"{name}@example.com"
        for n, node in enumerate(events):
            known = {"$set": {"email": email, "name": name.capitalize()}}
            sent = {
                "event": node["event"],
                "distinct_id": email,
                "properties": known,
                "offset": 60_000 * (9 - n),
            }
            answer = await api.post("/capture", json={"api_key": project.api_token, **sent})
            assert answer.status_code == 200
        if name != "cyd":
            ticket = {"email": email, "message": f"{name} asks"}
            assert (await alice.client.post(project.tickets, json=ticket)).status_code == 201


async def funnel(alice, name="Shop"):
    return (await alice.client.post(INSIGHTS, json={"name": name, "query": FUNNEL})).json()


async def journey(alice):
    made = {"insight": (await funnel(alice))["id"], "name": "To the shop"}
    return (await alice.client.post(JOURNEYS, json=made)).json()


async def test_a_journey_is_made_of_a_funnel_changed_and_deleted(window, alice):
    await window.open("/insights")
    await window.follow("Journeys")
    assert "There are no journeys yet" in window.page.text and "Make a funnel" in window.page.text
    made = await funnel(alice)
    await window.open(f"/insights/{made['short_id']}")
    await window.follow("Make a journey")
    await window.press("Create journey", name="To the shop", description="Who gets there")
    assert window.heading == "To the shop" and "Who gets there" in window.page.text
    await window.press("Save", name="Into the shop")
    assert window.heading == "Into the shop" and window.page.one(role="status").text == "Saved."
    await window.press("Delete this journey")
    assert "Its funnel is still among the insights" in window.page.text
    assert (await alice.client.get(JOURNEYS)).json()["count"] == 0


async def test_a_journey_without_a_name_is_called_like_its_funnel(window, alice):
    made = [await funnel(alice, name) for name in ("Shop", "Sign-up")]
    await window.open("/journeys")
    await window.press("Create journey", insight=str(made[1]["id"]))
    assert window.heading == "Sign-up"


async def test_who_is_stuck_at_a_step_is_one_click_from_the_conversation(window, alice, customers):
    made = await journey(alice)
    await window.open(f"/journeys/{made['id']}")
    assert "Computing" in window.page.text
    await window.follow("Compute the funnel")
    steps = window.page.one("ol").all("li")
    assert ["3 people" in steps[0].text, "1 person is stuck here" in steps[0].text] == [True, True]
    assert "1 person is stuck here" in steps[1].text and "Who took all steps" in steps[2].text
    links = [link["href"] for step in steps for link in step.all("a")]
    people = [await window.client.get(link, headers=HTMX) for link in links]
    assert [[name in part.text for name in ("ada@", "bea@", "cyd@")] for part in people] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]
    await window.open(links[1])
    await window.follow("bea asks")
    assert window.path.startswith("/inbox/")
    standing = [one["hx-get"] for one in window.page.all("div") if "standing" in one.get("hx-get")]
    part = await window.client.get(standing[0], headers=HTMX)
    assert "To the shop" in part.text and "Step 2 of 3" in part.text


async def test_an_insight_that_is_no_funnel_has_no_steps(window, alice):
    query = {"kind": "TrendsQuery", "series": NODES[:1]}
    insight = (await alice.client.post(INSIGHTS, json={"query": query})).json()
    made = (await alice.client.post(JOURNEYS, json={"insight": insight["id"], "name": "No way"})).json()
    path = f"/journeys/{made['id']}"
    await window.open(path)
    assert "no funnel" in window.page.text and not window.page.all("ol")
    part = await window.client.get(f"{path}/people?step=1", headers=HTMX)
    assert part.status_code == 200 and 'role="alert"' in part.text
    assert (await window.client.get(f"{path}/people?step=1")).status_code == 400
    for asked in ("", "?step=x", "?step=1&converted=maybe"):
        assert (await window.client.get(f"{path}/people{asked}")).status_code == 400


async def test_a_journey_of_another_project_is_not_there(window, mallory):
    made = await journey(mallory)
    path = f"/journeys/{made['id']}"
    for place in (path, f"{path}/funnel", f"{path}/people?step=1", "/journeys/x", "/journeys/standing/x"):
        assert (await window.client.get(place)).status_code == 404, place
    await window.open("/journeys")
    assert "To the shop" not in window.page.text
    token = window.page.all("input", name="csrf_token")[0]["value"]
    for do in ("save", "delete"):
        sent = {"csrf_token": token, "do": do, "name": "x"}
        assert (await window.client.post(path, data=sent)).status_code == 404
    sent = {"csrf_token": token, "insight": str(made["insight"]), "name": "x"}
    assert (await window.client.post("/journeys", data=sent)).status_code == 400


async def test_who_may_only_look_has_no_buttons_and_changes_nothing(viewer: PlainBrowser, alice):
    made = await journey(alice)
    other = await funnel(alice, "Other")
    await viewer.open("/journeys")
    assert not viewer.page.one("main").all("button")
    await viewer.follow("To the shop")
    assert not viewer.page.one("main").all("button")
    token = viewer.page.all("input", name="csrf_token")[0]["value"]
    for path, do in (
        (f"/journeys/{made['id']}", "save"),
        (f"/journeys/{made['id']}", "delete"),
        ("/journeys", "make"),
    ):
        sent = {"csrf_token": token, "do": do, "name": "x", "insight": str(other["id"])}
        assert (await viewer.client.post(path, data=sent)).status_code == 403, do
