"""People who take part in a ticket besides its requester, as the team adds and removes them."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, select

from parley.conversations.tickets.tests.factories import Desk
from parley.kernel.ids import new_uuid
from parley.people.events.tables import event
from parley.people.persons.tables import person, person_distinct_id


@pytest.fixture
async def ticket(desk: Desk):
    """A ticket of Ada's."""
    return await desk.open(distinct_id="ada", email="ada@example.com", message="Hello?")


@pytest.fixture
def url(desk: Desk, ticket) -> str:
    return f"{desk.tickets}{ticket['id']}/participants/"


async def make_person(database, project, *distinct_ids: str, **properties: str) -> UUID:
    now, id = datetime.now(UTC), new_uuid()
    row = {"project_id": project.id, "id": id, "properties": properties, "email": properties.get("email")}
    async with database.transaction() as db:
        await db.execute(insert(person).values(**row, created_at=now))
        for distinct_id in distinct_ids:
            mine = {"project_id": project.id, "distinct_id": distinct_id, "person_id": id}
            await db.execute(insert(person_distinct_id).values(**mine, created_at=now))
    return id


async def add(desk: Desk, url: str, status: int = 201, **who):
    answer = await desk.client.post(url, json=who)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_participants_are_listed_in_the_order_in_which_they_came(desk, ticket, url, alice):
    carol = await add(desk, url, email=" Carol@Example.com ", name="Carol")
    dave = await add(desk, url, distinct_id="dave")
    page = (await desk.client.get(url)).json()
    assert page["count"] == 2 and page["results"] == [carol, dave]
    assert (carol["email"], carol["distinct_id"], carol["name"]) == ("carol@example.com", None, "Carol")
    assert (dave["email"], dave["distinct_id"], dave["name"], dave["person"]) == (None, "dave", None, None)
    assert carol["added_by"]["email"] == alice.email
    second = (await desk.client.get(url, params={"limit": 1, "offset": 1})).json()
    assert (second["count"], second["results"]) == (2, [dave])


async def test_the_ticket_shows_their_addresses_and_moves(desk, ticket, url):
    assert (await desk.ticket(1))["cc_participants"] == []
    zoe = await add(desk, url, email="zoe@example.com")
    await add(desk, url, distinct_id="dave")
    await add(desk, url, email="bea@example.com", distinct_id="bea")
    found = await desk.ticket(1)
    assert found["cc_participants"] == ["zoe@example.com", "bea@example.com"]
    assert found["updated_at"] > ticket["updated_at"]
    assert (await desk.client.delete(f"{url}{zoe['id']}/")).status_code == 204
    assert (await desk.listed())["results"][0]["cc_participants"] == ["bea@example.com"]
    assert (await desk.client.delete(f"{url}{zoe['id']}/")).status_code == 404


async def test_the_same_one_is_answered_and_not_added_again(desk, ticket, url):
    first = await add(desk, url, email="carol@example.com", distinct_id="carol")
    before = (await desk.ticket(1))["updated_at"]
    for again in ({"email": "CAROL@example.com"}, {"distinct_id": "carol"}, {"name": "C", **_both("carol")}):
        assert await add(desk, url, 200, **again) == first
    assert (await desk.client.get(url)).json()["count"] == 1
    assert (await desk.ticket(1))["updated_at"] == before


def _both(name: str):
    return {"email": f"{name}@example.com", "distinct_id": name}


async def test_one_half_of_somebody_else_is_refused(desk, ticket, url):
    await add(desk, url, **_both("carol"))
    await add(desk, url, email="dave@example.com")
    for wanted, attr in (
        ({"email": "carol@example.com", "distinct_id": "dave"}, "email"),
        ({"email": "dave@example.com", "distinct_id": "carol"}, "distinct_id"),
        ({"email": "dave@example.com", "distinct_id": "dave"}, "email"),
    ):
        body = await add(desk, url, 400, **wanted)
        assert (body["code"], body["attr"]) == ("unique", attr)
    assert (await desk.client.get(url)).json()["count"] == 2


async def test_a_key_makes_a_request_safe_to_repeat(desk, url):
    headers = {"Idempotency-Key": str(uuid4())}
    first, again = [
        await desk.client.post(url, json={"email": "carol@example.com"}, headers=headers) for _ in range(2)
    ]
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json() and again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("body", "attr", "code"),
    [
        ({}, "email", "required"),
        ({"email": "", "distinct_id": " "}, "email", "required"),
        ({"email": "nobody"}, "email", "invalid_input"),
        ({"email": "a" * 250 + "@example.com"}, "email", "max_length"),
        ({"distinct_id": "a" * 401}, "distinct_id", "max_length"),
        ({"distinct_id": "carol", "name": "a" * 501}, "name", "max_length"),
        ({"distinct_id": ["carol"]}, "distinct_id", None),
    ],
)
async def test_who_cannot_be_read_is_refused(desk, url, body, attr, code):
    answer = await add(desk, url, 400, **body)
    assert answer["attr"] == attr and (code is None or answer["code"] == code)
    assert (await desk.client.get(url)).json()["count"] == 0


async def test_the_requester_takes_part_anyway(desk, ticket, url, database, project):
    await make_person(database, project, "ada", "ada-phone", email="countess@example.com")
    for one in (
        {"distinct_id": "ada"},
        {"email": "ADA@example.com"},
        {"email": "other@example.com", "distinct_id": "ada"},
    ):
        assert "requester" in (await add(desk, url, 400, **one))["detail"], one
    # What capture links to them may be anybody's, who can be invited.
    await add(desk, url, distinct_id="ada-phone")
    await add(desk, url, email="countess@example.com")


async def test_a_ticket_that_an_address_opened_knows_its_requester(desk):
    made = await desk.open(distinct_id=None, email="Eve@Example.com")
    await add(desk, f"{desk.tickets}{made['id']}/participants/", 400, email="eve@example.com")


async def test_a_ticket_has_at_most_fifty(desk, ticket, url):
    for number in range(50):
        await add(desk, url, distinct_id=f"d{number}")
    assert "at most 50" in (await add(desk, url, 400, distinct_id="d50"))["detail"]
    await add(desk, url, 200, distinct_id="d7")
    assert (await desk.client.get(url)).json()["count"] == 50


async def test_persons_lend_their_names(desk, ticket, url, database, project):
    by_id = await make_person(database, project, "carol", name="Carol Person")
    by_address = await make_person(database, project, "dave-1", email="dave@example.com")
    carol, dave = (
        await add(desk, url, distinct_id="carol"),
        await add(desk, url, email="dave@example.com", name="Our Dave"),
    )
    assert (carol["name"], carol["person"]) == ("Carol Person", str(by_id))
    assert (dave["name"], dave["person"], dave["distinct_id"]) == ("Our Dave", str(by_address), None)
    assert (await desk.client.get(url)).json()["results"] == [carol, dave]


async def test_coming_and_going_is_logged_and_told(desk, ticket, url, database, project, alice):
    one = await add(desk, url, email="carol@example.com")
    assert (await desk.client.delete(f"{url}{one['id']}/")).status_code == 204
    log = f"/api/projects/{project.id}/activity_log/"
    found = (await desk.client.get(log, params={"scope": "Ticket", "item_id": ticket["id"]})).json()
    gone, came = found["results"][:2]
    who = {"type": "Ticket", "field": "participant"}
    assert came["detail"]["changes"] == [
        {**who, "action": "created", "before": None, "after": "carol@example.com"}
    ]
    assert gone["detail"]["changes"] == [
        {**who, "action": "deleted", "before": "carol@example.com", "after": None}
    ]
    assert {came["activity"], gone["activity"]} == {"updated"} and came["user"]["email"] == alice.email
    named = event.c.event.like("%participant%")
    async with database.transaction(write=False) as db:
        rows = (
            await db.execute(
                select(event).where(event.c.project_id == project.id, named).order_by(event.c.id)
            )
        ).all()
    assert [row.event.rpartition("_")[2] for row in rows] == ["added", "removed"]
    for row in rows:
        properties = row.properties
        assert (properties["participant_email"], properties["participant_distinct_id"]) == (
            "carol@example.com",
            None,
        )
        assert (properties["ticket_number"], properties["actor_email"]) == (1, alice.email)


async def test_open_pages_are_told(desk, ticket, url, services, project):
    async with services.live.subscription(f"project:{project.id}") as notices:
        await add(desk, url, email="carol@example.com")
        properties = await asyncio.wait_for(notices.get(), 60)
    assert (properties.name, properties.data["number"]) == ("ticket.changed", 1)


async def test_another_organization_finds_nothing(desk, ticket, url, mallory, cast, alice):
    one = await add(desk, url, email="carol@example.com")
    theirs = f"{mallory.project.tickets}{ticket['id']}/participants/"
    for client, path in ((mallory.client, url), (mallory.client, theirs)):
        answers = [
            await client.get(path),
            await client.post(path, json={"email": "eve@example.com"}),
            await client.delete(f"{path}{one['id']}/"),
        ]
        assert {answer.status_code for answer in answers} <= {403, 404}, path
    assert (await desk.client.get(url)).json()["count"] == 1
    reader = await cast.make_key(alice, ["ticket:read"])
    assert (await reader.get(url)).status_code == 200
    assert (await reader.post(url, json={"email": "eve@example.com"})).status_code == 403
    assert (await reader.delete(f"{url}{one['id']}/")).status_code == 403


async def test_a_participant_belongs_to_one_ticket(desk, ticket, url):
    one, other = await add(desk, url, email="carol@example.com"), await desk.open()
    for id in (one["id"], "7", "nobody", str(uuid4())):
        answer = await desk.client.delete(f"{desk.tickets}{other['id']}/participants/{id}/")
        assert answer.status_code == 404
    assert (await desk.client.get(url)).json()["results"] == [one]


async def test_deleted_tickets_have_none_and_restored_ones_have_them_back(desk, ticket, url):
    one = await add(desk, url, email="carol@example.com")
    await desk.delete(1)
    assert (await desk.client.get(url)).status_code == 404
    assert (await desk.client.post(url, json={"email": "dave@example.com"})).status_code == 404
    await desk.client.post(f"{desk.tickets}1/restore/")
    assert (await desk.client.get(url)).json()["results"] == [one]


async def test_levels_decide_who_sees_and_adds_them(desk, ticket, url, bob, project):
    one = await add(desk, url, email="carol@example.com")
    resource = f"/api/projects/{project.id}/resource_access_controls/"
    await desk.client.put(resource, json={"resource": "ticket", "access_level": "viewer"})
    assert (await bob.client.get(url)).json()["results"] == [one]
    assert (await bob.client.post(url, json={"email": "eve@example.com"})).status_code == 403
    assert (await bob.client.delete(f"{url}{one['id']}/")).status_code == 403
    hidden = {"access_level": "none"}
    assert (await desk.client.put(f"{desk.tickets}1/access_controls/", json=hidden)).status_code == 200
    answers = [
        await bob.client.get(url),
        await bob.client.post(url, json={"email": "eve@example.com"}),
        await bob.client.delete(f"{url}{one['id']}/"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


async def test_words_from_a_merged_ticket_keep_their_author(desk, ticket):
    other = await desk.open(distinct_id="bea", name="Bea", email="bea@example.com", message="Me, too!")
    nameless = await desk.open(distinct_id="anonymous-7", message="Hm.")
    for one in (other, nameless):
        merged = await desk.client.post(f"{desk.tickets}{one['id']}/merge/", json={"into": 1})
        assert merged.status_code == 200, merged.text
    await desk.client.post(f"{desk.tickets}1/reply/", json={"message": "All of you."})
    shown = (await desk.client.get(f"{desk.tickets}1/messages/")).json()["results"]
    assert [(one["content"], one["author_name"], one["author_email"]) for one in shown][:3] == [
        ("Hello?", "ada@example.com", "ada@example.com"),
        ("Me, too!", "Bea", "bea@example.com"),
        ("Hm.", "Customer", None),
    ]
    assert shown[3]["author_name"] == "Alice Example"
