"""What stands first beside a conversation: who writes, how to reach them, and what else they have written."""

from urllib.parse import quote

import pytest
from sqlalchemy import insert, update

from parley.conversations.tickets.tables import ticket as ticket_table
from parley.email.reply_routes.tables import outbound_address
from parley.inbox.inbox_page.tests.test_pages import choice, rows_of
from parley.inbox.ticket_rows.tests.test_sections import chips_of
from tests.plain_browser import PlainBrowser, window_of


@pytest.fixture
def tell(anonymous, project):
    """Tells capture of a person."""

    async def send(distinct_id: str, **properties: object) -> None:
        event = {"event": "x", "distinct_id": distinct_id, "properties": {"$set": properties}}
        answer = await anonymous.post("/e/", json={**event, "token": project.api_token})
        assert answer.status_code == 200, answer.text

    return send


def mail_links(window: PlainBrowser) -> list[str]:
    return [link.text for link in window.page.all("a") if link["href"].startswith("mailto:")]


def facts_of(window: PlainBrowser) -> list[str]:
    """Return what is shown without opening a fold."""
    return window.page.one("section", aria_label="Person").texts("dt")


async def person_of(desk, distinct_id: str) -> dict[str, object]:
    answer = await desk.client.get(f"/api/projects/{desk.project.id}/persons/{distinct_id}/")
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()["properties"]
    return found


async def came_by_mail(services, project, address: str) -> None:
    """Let ticket 1 be one that came by mail."""
    its_own = (ticket_table.c.project_id == project.id, ticket_table.c.number == 1)
    async with services.database.transaction() as db:
        values = {"channel_source": "email", "email_from": address}
        await db.execute(update(ticket_table).where(*its_own).values(**values))


async def test_the_person_comes_first_with_what_agents_ask_first(window, desk, tell):
    known = {f"custom_{n}": n for n in range(6)}
    await tell(
        "ada", name="Ada", email="ada@x.test", **known, plan="scale", company="Engines", **{"$os": "Linux"}
    )
    await desk.open(distinct_id="ada", message="Hello?")
    await window.open("/inbox/1")
    details = window.page.one("section", id="details")
    assert details.all("section")[0].get("aria-label") == "Person"
    assert mail_links(window) == ["ada@x.test"]
    assert facts_of(window) == ["Company", "Plan", "OS", "Custom 0", "Custom 1"]
    assert "Sent by browsers, not verified" in window.page.one("section", aria_label="Person").text
    everything = window.page.one("details", id="all-facts")
    assert "All that is known (9)" in everything.text and "Custom 5" in everything.texts("dt")
    await window.open(window.page.one("section", aria_label="Person").all("a")[0]["href"])
    assert window.heading == "Ada" and "custom_5" in window.page.text


async def test_a_conversation_of_a_program_is_not_said_to_come_from_the_widget(window, desk, customer):
    await desk.open(message="From a program")
    await customer.write("From the widget")
    channels = []
    for number in (1, 2):
        await window.open(f"/inbox/{number}")
        channels.append(window.page.one("details", id="more-details").texts("dd")[0])
    assert channels == ["Opened by your team", "Chat widget"]


async def test_of_endless_properties_the_first_are_shown(window, desk, tell):
    await tell("ada", **{f"p{n}": n for n in range(5000)})
    await desk.open(distinct_id="ada", anonymous_traits={"seat": "7"}, message="Hello?")
    await window.open("/inbox/1")
    everything = window.page.one("details", id="all-facts")
    assert "All that is known (101 and more)" in everything.text and len(everything.all("dt")) == 101


async def test_an_address_is_set_and_taken_away(window, desk, tell):
    await tell("ada", plan="scale")
    await desk.open(
        distinct_id="ada", anonymous_traits={"seat": "7", "email": "old@x.test"}, message="Hello?"
    )
    await window.open("/inbox/1?who=unassigned")
    await window.press("Save the address", email=" Ada@X.test ")
    assert window.path == "/inbox/1?who=unassigned" and mail_links(window) == ["ada@x.test"]
    assert (await desk.ticket(1))["anonymous_traits"] == {"seat": "7", "email": "ada@x.test"}
    assert await person_of(desk, "ada") == {"plan": "scale", "email": "ada@x.test"}
    await window.press("Save the address", email="")
    assert mail_links(window) == []
    assert (await desk.ticket(1))["anonymous_traits"] == {"seat": "7"}
    assert await person_of(desk, "ada") == {"plan": "scale"}


async def test_a_name_is_set_and_taken_away(window, desk, tell):
    await tell("ada", plan="scale", email="ada@x.test")
    await desk.open(distinct_id="ada", anonymous_traits={"seat": "7"}, message="Hello?")
    await window.open("/inbox/1?who=unassigned")
    await window.press("Save the name", name="  Zoë   \N{CJK UNIFIED IDEOGRAPH-827E}<b> ")
    name = "Zoë \N{CJK UNIFIED IDEOGRAPH-827E}<b>"
    assert window.path == "/inbox/1?who=unassigned"
    assert window.page.one(id="thread-head").one("h2").text == name
    assert (await desk.ticket(1))["anonymous_traits"] == {"seat": "7", "name": name}
    assert await person_of(desk, "ada") == {"plan": "scale", "email": "ada@x.test", "name": name}
    await window.open(window.page.one("section", aria_label="Person").all("a")[0]["href"])
    assert window.heading == name
    await window.open("/inbox/1")
    await window.press("Save the name", name="")
    assert window.page.one(id="thread-head").one("h2").text == "ada@x.test"
    assert (await desk.ticket(1))["anonymous_traits"] == {"seat": "7"}
    assert await person_of(desk, "ada") == {"plan": "scale", "email": "ada@x.test"}


@pytest.mark.parametrize("name", ["\u200b", "\u2800\u3164", "a\0b", "a\nb", "x" * 201, "x" * 5000])
async def test_what_is_no_name_is_refused_with_a_sentence(window, desk, name):
    await desk.open(anonymous_traits={"name": "Ada"})
    await window.open("/inbox/1")
    await window.press("Save the name", name=name)
    assert window.status == 400 and window.heading == "That did not work"
    assert (await desk.ticket(1))["anonymous_traits"] == {"name": "Ada"}


async def test_a_captured_address_is_never_in_the_form(window, desk, tell):
    await tell("ada", email="mallory@evil.example")
    await desk.open(distinct_id="ada", message="Hello?")
    await window.open("/inbox/1")
    form = window.page.one("details", id="edit-address")
    assert form.one("input", name="email")["value"] == ""
    assert "Not verified: a browser sent this address" in window.page.one("section", aria_label="Person").text
    await desk.change(1, anonymous_traits={"email": "ada@x.test"})
    await window.open("/inbox/1")
    assert mail_links(window) == ["ada@x.test"]
    assert (
        "Not verified: a browser sent this address"
        not in window.page.one("section", aria_label="Person").text
    )
    assert "mallory@evil.example . It isn't used here" in window.page.one("section", aria_label="Person").text
    assert window.page.one("details", id="edit-address").one("input", name="email")["value"] == "ada@x.test"


async def test_where_mail_came_from_stays(window, desk, tell, services, project):
    await tell("ada", plan="scale")
    await desk.open(distinct_id="ada", message="Hello?")
    await came_by_mail(services, project, "work@x.test")
    await window.open("/inbox/1")
    await window.press("Save the address", email="home@x.test")
    assert mail_links(window) == ["work@x.test"] and "The person's e-mail is home@x.test" in window.page.text
    ticket = await desk.ticket(1)
    assert (ticket["email_from"], ticket["anonymous_traits"]) == ("work@x.test", {})
    assert (await person_of(desk, "ada"))["email"] == "home@x.test"


async def test_a_mail_of_nobody_who_is_known_has_no_form(window, desk, services, project):
    await desk.open(distinct_id="work@x.test", message="Hello?")
    await came_by_mail(services, project, "work@x.test")
    await window.open("/inbox/1")
    assert not window.page.all("details", id="edit-address")
    token = window.page.all("input", name="csrf_token")[0]["value"]
    answer = await window.client.post("/inbox/1/person", data={"csrf_token": token, "email": "a@x.test"})
    assert answer.status_code == 400 and "can&#39;t be changed" in answer.text


@pytest.mark.parametrize(
    "email", ["nobody", "a@b@c", "x" * 401, "a@x.test, b@x.test", "\N{GREEK SMALL LETTER ALPHA}"]
)
async def test_what_is_no_address_is_refused_with_a_sentence(window, desk, email):
    await desk.open(anonymous_traits={"email": "old@x.test"})
    await window.open("/inbox/1")
    await window.press("Save the address", email=email)
    assert window.status == 400 and window.heading == "That did not work"
    assert (await desk.ticket(1))["anonymous_traits"] == {"email": "old@x.test"}


async def test_only_who_may_change_the_conversation_sets_the_address(desk, cast):
    await desk.open(anonymous_traits={"email": "old@x.test"}, message="Hello?")
    url = f"/api/projects/{cast.project.id}/resource_access_controls/"
    answer = await cast.alice.client.put(url, json={"resource": "ticket", "access_level": "viewer"})
    assert answer.status_code == 200, answer.text
    statuses: list[int] = []
    for member in (cast.bob, cast.mallory):
        theirs = await window_of(cast, member)
        await theirs.open("/inbox/1" if member is cast.bob else "/inbox")
        assert not theirs.page.all("details", id="edit-address")
        assert not theirs.page.all("details", id="edit-name")
        token = theirs.page.all("input", name="csrf_token")[0]["value"]
        answer = await theirs.client.post("/inbox/1/person", data={"csrf_token": token, "email": "a@x.test"})
        named = await theirs.client.post("/inbox/1/person", data={"csrf_token": token, "name": "Eve"})
        statuses.extend((answer.status_code, named.status_code))
    assert statuses == [403, 403, 404, 404]
    assert (await desk.ticket(1))["anonymous_traits"] == {"email": "old@x.test"}


async def test_it_is_said_that_they_get_no_mail(window, desk, services, project, clock):
    await desk.open(anonymous_traits={"email": "Ada@x.test"}, message="Hello?")
    row = {"project_id": project.id, "address": "ada@x.test", "unsubscribed_at": clock.now()}
    async with services.database.transaction() as db:
        await db.execute(insert(outbound_address).values(**row))
    await window.open("/inbox/1")
    assert "Has unsubscribed" in window.page.one("section", aria_label="Person").text


async def test_other_conversations_lead_to_all_of_the_customer(window, desk, tell):
    await tell("ada", name="Ada")
    for n in range(7):
        await desk.open(distinct_id="ada", subject=f"Fern {n}", message="Hello?")
    await desk.open(distinct_id="bob", message="Not mine")
    await desk.change(2, status="resolved")
    await window.open("/inbox/1")
    others = window.page.one("section", aria_labelledby="other-conversations")
    assert [link.one("bdi").text for link in others.all("a")[:-1]] == [f"Fern {n}" for n in range(6, 1, -1)]
    await window.follow("All conversations of this customer")
    assert sorted(rows_of(window)) == list("1234567") and choice(window, "status-filter") == "Every status"
    assert chips_of(window) == ["Customer: Ada"] and "7 conversations found" in window.page.text
    await window.press("Search", search="Fern 3")
    assert rows_of(window) == ["4"] and chips_of(window) == ["“Fern 3”", "Customer: Ada"]
    await window.press("Save view", name="Ada's")
    assert window.status == 400 and "keep one customer" in window.page.text


@pytest.mark.parametrize("distinct_id", ["a,b", "nobody", "x" * 500, "a\0b", '"><script>'])
async def test_a_customer_can_have_any_distinct_id(window, desk, distinct_id):
    await desk.open(distinct_id="visitor")
    if distinct_id == "a,b":
        await desk.open(distinct_id="a,b")
    await window.open(f"/inbox?customer={quote(distinct_id)}")
    assert window.status == 200 and rows_of(window) == (["2"] if distinct_id == "a,b" else [])
    assert chips_of(window)[0].startswith("Customer: Visitor ")


async def test_what_is_snoozed_is_not_counted_where_it_is_not_listed(window, desk):
    await desk.open()
    await desk.change((await desk.open())["id"], snoozed_until="2099-01-01T00:00:00Z")
    await window.open("/inbox")
    assert rows_of(window) == ["1"] and choice(window, "status-filter") == "Not resolved (1)"
    await window.open("/inbox?who=mine")
    assert choice(window, "status-filter") == "Not resolved"


async def test_somebody_without_a_name_is_called_the_same_everywhere(
    window, desk, customer, anonymous, project
):
    await customer.write("Hello?", distinct_id="a-very-long-0ce415")
    event = {"event": "x", "distinct_id": "a-very-long-0ce415", "properties": {}}
    assert (await anonymous.post("/e/", json={**event, "token": project.api_token})).status_code == 200
    await window.open("/inbox/1")
    name = "Visitor 0ce415"
    assert (
        name in window.page.one("a", class_="row").text
        and window.page.one(id="thread-head").one("h2").text == name
    )
    assert window.page.one("ol", id="messages").one("li", class_="message")["data-author"] == name
    assert name in window.page.one("section", aria_label="Person").text
    await window.open("/inbox?customer=a-very-long-0ce415")
    assert chips_of(window) == [f"Customer: {name}"] and rows_of(window) == ["1"]
