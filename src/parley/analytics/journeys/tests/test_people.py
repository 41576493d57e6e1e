"""Who is at a step of a journey, with their tickets."""

from datetime import UTC, datetime, timedelta

import pytest

from parley.accounts.access_levels.tests.conftest import Keeper
from parley.accounts.authentication.queries import principal_by_key_hash
from parley.analytics.event_source.tests.events_world import PlainEvent, World
from parley.analytics.journeys import kept_people
from parley.analytics.journeys.people import standing
from parley.conversations.tickets.tests.factories import Desk
from parley.kernel.ids import new_uuid, token_hash

JOURNEYS = "/api/projects/@current/customer_journeys/"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
STEPS = ("visit", "sign up", "pay")
PERSONS = {name: new_uuid() for name in ("anna", "bert", "carl", "dora")}
CAME = {"anna": 3, "bert": 2, "carl": 1, "dora": 2}
"""How many steps each took; dora began last."""


def node(event, **more):
    return {"kind": "EventsNode", "event": event, **more}


def funnel(*events, **wanted):
    dates = {"date_from": "2026-03-01", "date_to": "2026-03-08"}
    series = [node(event) for event in events or STEPS]
    return {"kind": "FunnelsQuery", "series": series, "dateRange": dates, "funnelsFilter": wanted}


async def new_journey(member, query, name="Buying"):
    body = {"name": name, "query": {"kind": "InsightVizNode", "source": query}}
    insight = (await member.client.post("/api/projects/@current/insights/", json=body)).json()
    answer = await member.client.post(JOURNEYS, json={"insight": insight["id"], "name": name})
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
async def journey(alice, database):
    """Four persons in a funnel of three steps, and somebody whom nobody knows."""
    persons = {id: {"email": f"{name}@example.com"} for name, id in PERSONS.items()}
    # Anna has paid with a telephone that turned out to be hers later.
    owners = {**PERSONS, "anna-phone": PERSONS["anna"]}
    events = [
        PlainEvent(new_uuid(), event, "anna-phone" if event == "pay" else name, at + timedelta(hours=n), {})
        for at, name in ((START + timedelta(hours=nth), name) for nth, name in enumerate((*CAME, "nobody")))
        for n, event in enumerate(STEPS[: CAME.get(name, 2)])
    ]
    async with database.transaction() as db:
        await World(persons, owners, events).store(db, alice.project_id)
    return await new_journey(alice, funnel())


async def people(client, journey, **query):
    return await client.get(f"{JOURNEYS}{journey['id']}/people/", params=query)


async def names(client, journey, **query):
    answer = await people(client, journey, **query)
    assert answer.status_code == 200, answer.text
    return [one["person"]["name"].partition("@")[0] for one in answer.json()["results"]]


async def test_the_persons_of_a_step_are_those_who_went_on_or_did_not_newest_first(alice, journey):
    asked = {
        (1, None): ["dora", "carl", "bert", "anna"],
        (1, "false"): ["carl"],
        (1, "true"): ["dora", "bert", "anna"],
        (2, "false"): ["dora", "bert"],
        (2, "true"): ["anna"],
        (3, None): ["anna"],
        (3, "true"): ["anna"],
        (3, "false"): [],
    }
    for (step, converted), expected in asked.items():
        query = {"step": step} | ({"converted": converted} if converted else {})
        assert await names(alice.client, journey, **query) == expected, query
    (anna,) = (await people(alice.client, journey, step=3)).json()["results"]
    assert anna["person"]["id"] == str(PERSONS["anna"]) and anna["person"]["distinct_ids"] == [
        "anna",
        "anna-phone",
    ]
    assert anna["reached_at"] == "2026-03-02T11:00:00Z" and anna["tickets"] == []


@pytest.mark.parametrize("most_kept", [2, 1000])
async def test_pages_join_without_gaps_under_both_prefixes(alice, journey, database, most_kept, monkeypatch):
    """The first page brings the next ones. Who comes to the step meanwhile is in what is computed behind what is kept."""
    monkeypatch.setattr(kept_people, "MOST_KEPT", most_kept)
    erin, visit = new_uuid(), PlainEvent(new_uuid(), "visit", "erin", START - timedelta(days=1), {})
    seen, url = (
        [],
        f"/api/environments/{alice.project_id}/customer_journeys/{journey['id']}/people/?step=1&limit=1",
    )
    while url:
        page = (await alice.client.get(url)).json()
        seen += [one["person"]["id"] for one in page["results"]]
        url = page["next"]
        if len(seen) == 1:
            async with database.transaction() as db:
                await World({erin: {}}, {"erin": erin}, [visit]).store(db, alice.project_id)
    found = [str(PERSONS[name]) for name in ("dora", "carl", "bert", "anna")]
    assert seen == (found if most_kept == 1000 else [*found, str(erin)])
    assert len(await names(alice.client, journey, step=1, after_mark="x")) == 5


@pytest.mark.parametrize(
    ("query", "attr"),
    [
        ({}, "step"),
        ({"step": ""}, "step"),
        ({"step": "0"}, "step"),
        ({"step": "4"}, "step"),
        ({"step": "-1"}, "step"),
        ({"step": "1" * 5000}, "step"),
        ({"step": "²"}, "step"),
        ({"step": "1", "converted": "perhaps"}, "converted"),
    ],
)
async def test_what_cannot_be_a_step_is_refused(alice, journey, query, attr):
    answer = await people(alice.client, journey, **query)
    assert (answer.status_code, answer.json()["attr"]) == (400, attr)


async def test_tickets_are_open_ones_that_the_caller_sees(alice, bob, project, cast, journey):
    desk, keeper = Desk(alice, project), Keeper(alice, project)
    shown, hidden, done, other = [
        await desk.open(distinct_id=name, message="Hello") for name in ("anna-phone", "anna", "anna", "bert")
    ]
    await desk.change(done["id"], status="resolved")
    await keeper.on(hidden, "none")

    async def tickets(client, **query):
        found = (await people(client, journey, step=1, **query)).json()["results"]
        return [ticket["ticket_number"] for one in found for ticket in one["tickets"]]

    numbers = [one["ticket_number"] for one in (other, hidden, shown)]
    assert await tickets(alice.client) == numbers
    assert await tickets(bob.client) == [numbers[0], numbers[2]]
    await keeper.everywhere("none")
    assert await tickets(bob.client) == []
    await keeper.on(shown, "viewer")
    assert await tickets(bob.client) == [numbers[2]]
    assert await tickets(await cast.make_key(alice, ["customer_journey:read", "person:read"])) == []


async def test_without_the_scope_nothing_is_told_of_persons(alice, project, cast, journey):
    await Desk(alice, project).open(distinct_id="carl", message="Hello")
    client = await cast.make_key(alice, ["customer_journey:read", "ticket:read"])
    (carl,) = (await people(client, journey, step=1, converted="false")).json()["results"]
    assert (carl["person"], carl["reached_at"], carl["tickets"][0]["person"]) == (None, None, None)
    assert len(carl["tickets"]) == 1
    assert (await people(await cast.make_key(alice, ["person:read"]), journey, step=1)).status_code == 403


async def test_who_has_tickets_is_told_to_those_who_see_all_of_them(alice, bob, project, cast, journey):
    desk, keeper = Desk(alice, project), Keeper(alice, project)
    ticket = await desk.open(distinct_id="carl", message="Hello")
    of_tickets = await new_journey(alice, funnel("visit", "$conversation_ticket_created"), "Asking")
    assert (await people(bob.client, of_tickets, step=1)).status_code == 200
    await keeper.on(ticket, "none")
    assert (await people(bob.client, of_tickets, step=1)).status_code == 403
    client = await cast.make_key(alice, ["customer_journey:read", "person:read"])
    assert (await people(client, of_tickets, step=1)).status_code == 403


async def test_a_journey_that_is_no_funnel_has_nobody_at_its_steps(alice):
    trends = {"kind": "TrendsQuery", "series": [node("visit")]}
    answer = await people(alice.client, await new_journey(alice, trends), step=1)
    assert (answer.status_code, answer.json()["attr"]) == (400, "insight")


async def test_people_of_another_team_are_not_there(alice, mallory, anonymous, journey, database):
    assert (await people(mallory.client, journey, step=1)).status_code == 404
    url = f"/api/projects/{alice.project_id}/customer_journeys/{journey['id']}/people/?step=1"
    assert (await mallory.client.get(url)).status_code in (403, 404)
    assert (await anonymous.get(url)).status_code == 401
    theirs = await new_journey(mallory, funnel())
    assert (await people(mallory.client, theirs, step=1)).json() == {"results": [], "next": None}


async def test_a_person_stands_where_they_came_in_each_journey(app, services, alice, mallory, cast, journey):
    await new_journey(alice, funnel("visit", "nothing"), "Nowhere")
    await new_journey(alice, {"kind": "TrendsQuery", "series": [node("visit")]}, "No funnel")
    await new_journey(alice, funnel("$conversation_ticket_created", "visit"), "Tickets")

    async def stands(name, member=alice):
        actor = await actor_of(app, services, member)
        found = await standing(services, actor, PERSONS[name])
        return [(one.name, one.step, one.n_steps, one.step_name, one.is_done) for one in found]

    nowhere = ("Nowhere", 1, 2, "visit", False)
    assert await stands("anna") == [("Buying", 3, 3, "pay", True), nowhere]
    assert await stands("bert") == [("Buying", 2, 3, "sign up", False), nowhere]
    await new_journey(mallory, funnel())
    assert await stands("anna", mallory) == []


async def actor_of(app, services, member):
    use = await principal_by_key_hash(services.database, token_hash(member.key))
    assert use is not None
    return await app.app.state.authenticator.actor(use.principal, str(member.project_id))
