"""Insights by hand: listed, put together, saved, changed, deleted and brought back."""

import pytest

from tests.plain_browser import PlainBrowser

INSIGHTS = "/api/projects/@current/insights/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
async def visits(api, project):
    """Some pages that were viewed."""
    seen = {"event": "$pageview", "properties": {"$current_url": "/", "plan": "pro"}}
    batch = [{**seen, "distinct_id": f"v{n}"} for n in range(3)]
    answer = await api.post("/batch", json={"api_key": project.api_token, "batch": batch})
    assert answer.status_code == 200


async def stored(window: PlainBrowser, short_id: str):
    found = await window.client.get(INSIGHTS, params={"short_id": short_id})
    return found.json()["results"][0]


def short_id(window: PlainBrowser) -> str:
    return window.path.rsplit("/", 1)[1].split("?")[0]


async def test_an_insight_is_made_changed_deleted_and_brought_back(window, visits):
    await window.open("/inbox")
    await window.follow("Analytics")
    assert "There are no insights yet" in window.page.text
    await window.follow("New insight")
    assert "Page viewed (3)" in window.page.text
    assert "plan" in [option["value"] for option in window.page.one("datalist").all("option")]
    await window.press("Show", kind="EventsQuery", event_0="$pageview", columns="event, properties.plan")
    assert "pro" in window.page.one("table").text
    await window.press("Save the insight", name="Views", columns="event, distinct_id")
    assert window.page.one(role="status").text == "Saved." and window.heading == "Views"
    path = window.path.split("?")[0]
    await window.press("Show")
    assert window.page.one("table").texts("th", scope="row") == ["$pageview"] * 3
    await window.open(path)
    assert window.page.one("table").texts("th", scope="row") == ["$pageview"] * 3
    assert (await stored(window, short_id(window)))["query"]["source"]["select"] == ["event", "distinct_id"]
    await window.press("Favourite")
    await window.press("Copy")
    assert window.page.one(role="status").text == "This is the copy."
    await window.open("/insights?which=favorited")
    await window.follow("Views Favourite Table")
    await window.press("Delete this insight")
    assert window.page.texts("bdi").count("Views") == 1  # the copy
    await window.press("Bring it back")
    assert window.heading == "Views" and "The insight is back." in window.page.text


async def test_the_list_is_searched_narrowed_and_sorted(window, alice, bob, cast):
    for who, name in ((alice, "Zebra"), (bob, "Apple"), (alice, "Mango")):
        assert (await who.client.post(INSIGHTS, json={"name": name})).status_code == 201
    gone = (await alice.client.post(INSIGHTS, json={"name": "Gone"})).json()
    await alice.client.patch(f"{INSIGHTS}{gone['id']}/", json={"deleted": True})

    async def names(query: str) -> list[str]:
        await window.open(f"/insights?{query}")
        items = window.page.one("main").all("li")
        return [item.all("bdi")[0].text for item in items]

    assert await names("") == ["Mango", "Apple", "Zebra"]
    assert await names("order=name") == ["Apple", "Mango", "Zebra"]
    assert await names(f"created_by={bob.user_id}") == ["Apple"]
    assert await names("search=zeb") == ["Zebra"]
    assert await names("insight=FUNNELS") == [] and "No insight matches" in window.page.text
    assert await names("which=deleted") == ["Gone"]
    await window.press("Bring back")
    assert window.heading == "Gone"
    assert await names("from=x&order=no&insight=no&created_by=no&which=no") == [
        "Gone",
        "Mango",
        "Apple",
        "Zebra",
    ]


async def test_a_wrong_field_is_told_of_and_nothing_is_lost(window, visits):
    await window.open("/insights/new")
    wrong = {"period": "custom", "date_from": "tomorrow-ish", "name": "Slow"}
    await window.press("Save the insight", **wrong)
    assert window.status == 400 and window.page.one(role="alert").text
    field = window.page.one("input", id="date_from")
    assert field["value"] == "tomorrow-ish" and field["aria-invalid"] == "true"
    assert window.page.one(id=field["aria-describedby"]).text == window.page.one(role="alert").text
    assert window.page.one("input", id="name")["value"] == "Slow"
    assert (await window.client.get(INSIGHTS)).json()["count"] == 0


async def test_a_script_gets_the_answer_alone_or_the_form_where_a_field_is_wrong(window, visits):
    await window.open("/insights/new?kind=EventsQuery")
    token = window.page.all("input", name="csrf_token")[0]["value"]
    asked = {"csrf_token": token, "kind": "EventsQuery", "event_0": "$pageview", "columns": "event"}

    async def sent(path: str, **more: str):
        return await window.client.post(f"/insights/{path}", data={**asked, **more}, headers=HTMX)

    part = await sent("preview")
    assert 'id="answer"' in part.text and 'id="question"' not in part.text and "$pageview" in part.text
    assert '<datalist id="properties" hx-swap-oob="true">' in part.text and '"plan"' in part.text
    part = await sent("preview", columns="nothing")
    assert part.headers["HX-Retarget"] == "#editor" and 'id="columns-problem"' in part.text
    part = await sent("preview", had_problem="yes")
    assert part.headers["HX-Retarget"] == "#editor" and 'id="columns-problem"' not in part.text
    part = await sent("preview", drawn="LifecycleQuery")
    assert part.headers["HX-Retarget"] == "#editor" and 'id="columns"' in part.text
    part = await sent("form", do="add_condition", columns="event, uuid")
    assert 'id="key_0"' in part.text and 'hx-trigger="load"' in part.text and "<html" not in part.text


@pytest.mark.parametrize(
    "kind", ["TrendsQuery", "FunnelsQuery", "RetentionQuery", "LifecycleQuery", "StickinessQuery"]
)
async def test_every_kind_has_its_form(window, visits, kind):
    await window.open(f"/insights/new?kind={kind}")
    assert window.page.one("select", id="kind").one("option", selected="")["value"] == kind
    more = {"event_1": "bought"} if kind == "FunnelsQuery" else {}
    await window.press("Save the insight", name=kind, **more)
    assert window.heading == kind
    made = await stored(window, short_id(window))
    assert made["query"]["source"]["kind"] == kind
    await window.press("Save")
    assert (await stored(window, short_id(window)))["query"] == made["query"]


async def test_an_insight_beyond_the_form_keeps_its_query(window, alice):
    breakdowns = [{"property": "a"}, {"property": "b"}]
    source = {
        "kind": "TrendsQuery",
        "series": [{"kind": "EventsNode", "event": "a"}],
        "breakdownFilter": {"breakdowns": breakdowns},
    }
    query = {"kind": "InsightVizNode", "source": source}
    made = (await alice.client.post(INSIGHTS, json={"name": "Made by a program", "query": query})).json()
    await window.open(f"/insights/{made['short_id']}")
    assert "asks more than the form can show" in window.page.text
    await window.press("Save", name="Renamed", kind="LifecycleQuery", event_0="b")
    kept = await stored(window, made["short_id"])
    assert (kept["name"], kept["query"]) == ("Renamed", query)


async def test_an_insight_is_put_onto_a_dashboard(window, alice):
    made = (await alice.client.post(INSIGHTS, json={"name": "Visits"})).json()
    dashboard = (await alice.client.post("/api/projects/@current/dashboards/", json={"name": "Web"})).json()
    await window.open(f"/insights/{made['short_id']}")
    await window.press("Put it there", dashboard_id=str(dashboard["id"]))
    assert (await stored(window, made["short_id"]))["dashboards"] == [dashboard["id"]]


async def test_an_insight_that_is_made_for_a_dashboard_is_on_it_once_it_is_saved(
    window, alice, mallory, visits
):
    dashboards = "/api/projects/@current/dashboards/"
    dashboard = (await alice.client.post(dashboards, json={"name": "Web"})).json()
    foreign = (await mallory.client.post(dashboards, json={"name": "Theirs"})).json()
    await window.open(f"/dashboards/{dashboard['id']}")
    await window.follow("Make a new insight")
    kept = window.page.one("input", name="dashboard_id")
    assert (kept["value"], kept["form"]) == (str(dashboard["id"]), "question")
    await window.press("Show", dashboard_id=kept["value"])
    assert window.page.one("input", name="dashboard_id")["value"] == str(dashboard["id"])
    await window.press("Save the insight", name="Views", dashboard_id=kept["value"])
    assert "It is on the dashboard now." in window.page.one(role="status").text
    assert (await stored(window, short_id(window)))["dashboards"] == [dashboard["id"]]
    await window.follow("Web")
    assert "Views" in window.page.one("main").text
    await window.open(f"/insights/new?dashboard={foreign['id']}")
    assert "Theirs" not in window.page.text and not window.page.all("input", name="dashboard_id")
    before = (await window.client.get(INSIGHTS)).json()["count"]
    await window.press("Save the insight", name="Stolen", dashboard_id=str(foreign["id"]))
    assert window.status == 404 and (await window.client.get(INSIGHTS)).json()["count"] == before


async def test_names_of_visitors_are_text(window, api, project):
    event = {"event": "<b>x</b>", "distinct_id": "v", "properties": {"</datalist><script>": 1}}
    await api.post("/capture", json={"api_key": project.api_token, **event})
    await window.open("/insights/new?kind=EventsQuery")
    assert "<b>x</b>" not in window.answer.text and "</datalist><script>" not in window.answer.text
    assert "<b>x</b>" in window.page.one("select", id="event_0").text


async def test_an_insight_of_another_project_is_not_there(window, mallory):
    made = (await mallory.client.post(INSIGHTS, json={"name": "Theirs"})).json()
    await window.open(f"/insights/{made['short_id']}")
    assert window.status == 404
    await window.open("/insights")
    assert "Theirs" not in window.page.text
    token = window.page.all("input", name="csrf_token")[0]["value"]
    for do in ("delete", "copy", "place", "save", "favourite"):
        sent = {"csrf_token": token, "do": do}
        assert (await window.client.post(f"/insights/{made['short_id']}", data=sent)).status_code == 404
    sent = {"csrf_token": token, "key": made["short_id"], "event_0": "a"}
    for path in ("form", "preview"):
        assert (await window.client.post(f"/insights/{path}", data=sent)).status_code == 404


async def test_who_may_only_look_has_no_buttons_and_changes_nothing(viewer, alice):
    made = (await alice.client.post(INSIGHTS, json={"name": "Visits"})).json()
    await viewer.open("/insights")
    assert "New insight" not in viewer.page.text
    await viewer.follow("Visits")
    names = {button.name for button in viewer.page.one("main").all("button")}
    assert not names & {"Save", "Copy", "Favourite", "Put it there", "Delete this insight"}
    token = viewer.page.all("input", name="csrf_token")[0]["value"]
    for path, do in (
        ("new", "save"),
        *((made["short_id"], do) for do in ("save", "delete", "copy", "favourite")),
    ):
        answer = await viewer.client.post(
            f"/insights/{path}", data={"csrf_token": token, "do": do, "event_0": "a"}
        )
        assert answer.status_code == 403, do
