"""Rows of events as answers."""

from typing import Any

from parley.accounts.projects.queries.projects import project_by_id
from parley.analytics.insights.actions.running import run_insight
from parley.analytics.insights.tests.test_insights import INSIGHTS, one, save

QUERIES = "/api/projects/@current/query/"
ROWS: Any = {"kind": "EventsQuery", "select": ["event", "distinct_id"]}
TABLE: Any = {"kind": "DataTableNode", "source": ROWS}


def table(**fields):
    return {**TABLE, "source": {**ROWS, **fields}}


async def rows(member, **fields):
    answer = await member.client.post(QUERIES, json={"query": table(**fields), "refresh": "force_blocking"})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


async def capture(cast, project, *names, **properties):
    for name in names:
        event = {"event": name, "distinct_id": "ada", "properties": properties}
        answer = await cast.anonymous.post("/capture", json={"api_key": project.api_token, **event})
        assert answer.status_code == 200


async def open_ticket(member):
    answer = await member.client.post(
        member.project.tickets, json={"email": "ada@example.com", "message": "Hi"}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_table_has_the_columns_that_were_asked_for(cast, alice, project):
    await capture(cast, project, "a", "b", plan="free", **{"$set": {"name": "Ada"}})
    asked = table(select=["*", "properties.plan", "person.properties.name", "person", "timestamp"], event="b")
    answer = (await alice.client.post(QUERIES, json={"query": asked})).json()
    [[whole, plan, name, person, at]] = answer["results"]
    assert answer["columns"] == asked["source"]["select"] and answer["hasMore"] is False
    assert answer["types"] == ["Tuple", "String", "String", "Tuple", "DateTime"]
    assert (whole["event"], whole["distinct_id"], plan, name, person["name"]) == (
        "b",
        "ada",
        "free",
        "Ada",
        "Ada",
    )
    assert at == whole["timestamp"]
    assert await rows(alice, limit=1) == [["b", "ada"]]
    assert await rows(alice, orderBy=["timestamp"]) == [["a", "ada"], ["b", "ada"]]
    assert await rows(alice, offset=1) == [["a", "ada"]] and await rows(alice, before="-1d") == []


async def test_events_of_tickets_are_for_those_who_see_the_ticket(cast, alice, bob, project, services):
    await capture(cast, project, "seen")
    ticket = await open_ticket(alice)
    is_of_ticket = ["$conversation_" in name for name, _ in await rows(bob)]
    assert any(is_of_ticket) and not all(is_of_ticket)
    blind = await cast.make_key(bob, ["query:read", "insight:read"])
    answer = await blind.post(QUERIES, json={"query": TABLE})
    assert [name for name, _ in answer.json()["results"]] == ["seen"]
    hidden = {"access_level": "none", "organization_member": await membership_of(bob)}
    url = f"{project.tickets}{ticket['id']}/access_controls/"
    assert (await alice.client.put(url, json=hidden)).status_code == 200
    assert [name for name, _ in await rows(bob)] == ["seen"] != [name for name, _ in await rows(alice)]
    found = await project_by_id(services.database, alice.project_id)
    assert found is not None
    shared = await run_insight(services, found, table(select=["event", "person"]))
    assert shared.rows == [["seen", {"distinct_id": "ada"}]]


async def test_persons_in_rows_take_their_own_scope(cast, alice, project):
    await capture(cast, project, "seen", **{"$set": {"email": "ada@example.com"}})
    asked = {"query": table(select=["person", "person.properties.email"]), "refresh": "force_blocking"}
    full = (await alice.client.post(QUERIES, json=asked)).json()["results"]
    assert full[0][1] == full[0][0]["properties"]["email"] == "ada@example.com"
    narrow = await cast.make_key(alice, ["query:read", "ticket:read"])
    for refresh in ("blocking", "force_blocking"):
        answer = await narrow.post(QUERIES, json={**asked, "refresh": refresh})
        assert answer.json()["results"] == [[{"distinct_id": "ada"}, None]]
    assert (await alice.client.post(QUERIES, json={**asked, "refresh": "blocking"})).json()["results"] == full


async def membership_of(member):
    path = f"/api/organizations/{member.organization_id}/members/@me/"
    return (await member.client.get(path)).json()["id"]


async def test_what_is_kept_for_one_is_not_shown_to_another(cast, alice, bob, mallory, project):
    await capture(cast, project, "seen")
    made = await save(alice, query=TABLE)
    assert made["derived_name"] == "Events: all"
    shown = (await alice.client.get(one(made), params={"refresh": "blocking"})).json()
    assert shown["result"] == [["seen", "ada"]] and shown["columns"] == ["event", "distinct_id"]
    assert (await bob.client.get(one(made))).json()["result"] is None
    assert (await bob.client.get(one(made), params={"refresh": "async"})).json()["result"] == shown["result"]
    assert await rows(mallory) == []


async def test_a_table_that_can_not_be_shown_is_refused_with_its_place(alice):
    for source in (table(select=["count()"]), {"kind": "DataTableNode", "source": {"kind": "HogQLQuery"}}):
        answer = await alice.client.post(INSIGHTS, json={"query": source})
        assert answer.status_code == 400 and answer.json()["attr"].startswith("query__source__")
