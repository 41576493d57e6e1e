"""What looks equal is equal: tags, names, addresses and passwords, measured as they are stored."""

import json
import unicodedata

import pytest
from sqlalchemy import ARRAY, Text, bindparam, func, select, update

from parley.accounts.passwords.hashing import _hasher
from parley.accounts.passwords.rules import normal_password
from parley.accounts.users.tables import user_account
from parley.conversations.tickets.tests.factories import Desk
from parley.conversations.widget.tests.visitor import Browser
from parley.kernel.network.domains import ascii_domain, unicode_domain
from parley.kernel.network.emails import normal_email
from parley.kernel.text.forms import folded, normal_name, normal_tag

TAGS = [
    ("Café", "cafe\u0301"),
    ("big  bug", "Big\u00a0bug"),
    (" VIP\n", "vip"),
    ("İ", "i\u0307"),
    ("İade", "iade"),
    ("İADE", "I\u0307\u0307ade"),
    ("I\u0307\u0301de", "íde"),
    ("\ufeffvip", "VIP"),
    ("v\u200bi\u2060p\u200e", "\u3164 vip"),
    ("vip\u200d", "vi\u200cp\ufe0f\U000e0061\u0007"),
    ("в\u200dип\ufff9", "ви\u115f\u17b4\u180b\U0001d173п"),
]


@pytest.fixture
def desk(alice, project):
    return Desk(alice, project)


@pytest.mark.parametrize(("text", "same"), TAGS)
async def test_equal_looking_tags_are_one_tag_on_every_route(desk, text, same):
    ticket = await desk.open(tags=[text, same])
    assert ticket["tags"] == [normal_tag(text)]
    for spelling in (text, same):
        assert await desk.numbers(tags=f'["{spelling.strip()}"]') == [1]
    bulk = f"{desk.tickets}bulk_update_tags/"
    gone = await desk.client.post(bulk, json={"ids": [ticket["id"]], "action": "remove", "tags": [same]})
    assert gone.status_code == 200, gone.text
    assert (await desk.ticket(1))["tags"] == []


@pytest.mark.parametrize("tag", ["\u0958" * 128, "x" * 256, "İ" * 256])
async def test_a_tag_is_measured_as_it_is_stored(desk, tag):
    ticket = await desk.open()
    assert (await desk.client.post(desk.tickets, json={"distinct_id": "a", "tags": [tag]})).status_code == 400
    assert (await desk.client.patch(f"{desk.tickets}1/", json={"tags": [tag]})).status_code == 400
    for action in ("add", "remove", "set"):
        body = {"ids": [ticket["id"]], "action": action, "tags": [tag]}
        answer = await desk.client.post(f"{desk.tickets}bulk_update_tags/", json=body)
        assert (answer.status_code, answer.json()["attr"]) == (400, "tags__0")
    quick = f"/api/projects/{desk.project.id}/conversations/quick_actions/"
    answer = await desk.client.post(quick, json={"name": "Q", "actions": {"tags": [tag]}})
    assert (answer.status_code, answer.json()["attr"]) == (400, "actions__tags__0")
    assert (await desk.ticket(1))["tags"] == []


@pytest.mark.parametrize("tag", ["\u0958" * 127, "İ" * 255, " " + "x" * 255 + " ", "e\u0301" * 255])
async def test_a_tag_that_fits_once_it_is_normal_is_taken(desk, tag):
    assert (await desk.open(tags=[tag]))["tags"] == [normal_tag(tag)]
    assert (
        await desk.client.patch(f"{desk.tickets}1/", json={"tags": (await desk.ticket(1))["tags"]})
    ).status_code == 200


async def test_equal_looking_roles_are_one_role(alice):
    roles = f"/api/organizations/{alice.organization_id}/roles/"
    made = await alice.client.post(roles, json={"name": "Zoe\u0308's  team"})
    assert (made.status_code, made.json()["name"]) == (201, "Zoë's team")
    assert (await alice.client.post(roles, json={"name": "Zoë's\u00a0team"})).status_code == 400
    for name in ("\u200b", "\u00ad \u2060"):
        assert (await alice.client.post(roles, json={"name": name})).status_code == 400


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Ada@Bücher.example", "ada@xn--bcher-kva.example"),
        ("zoe\u0308@example.com", "ZOË@EXAMPLE.COM"),
        ("a@ｅｘａｍｐｌｅ.com", "a@example.com"),
        ("a@straße.example", "A@XN--STRAE-OQA.example"),
        ("a@faß.example ", " a@FAß.example"),
    ],
)
def test_equal_addresses_are_one(text, same):
    assert normal_email(text) == normal_email(same) == normal_email(normal_email(text))


@pytest.mark.parametrize(
    "domain",
    [
        "bücher.example",
        "example.com",
        "日本.example",
        "a_b.example",
        "xn--a.example",
        "",
        "-",
        "x" * 300,
        "☃" * 80,
    ],
)
def test_a_domain_survives_both_spellings(domain):
    assert unicode_domain(ascii_domain(domain)) == domain == unicode_domain(domain)


async def test_an_account_has_one_address_in_whatever_spelling(alice, anonymous, cast):
    invites = f"/api/organizations/{alice.organization_id}/invites/"
    first = await alice.client.post(invites, json={"target_email": "ada@bücher.example"})
    again = await alice.client.post(invites, json={"target_email": "ADA@xn--bcher-kva.example"})
    assert (first.status_code, again.status_code) == (201, 201), again.text
    found = (await alice.client.get(invites)).json()["results"]
    assert [one["target_email"] for one in found] == ["ada@bücher.example"]


PASSWORDS = [
    ("pä\u00a0ssphräse", "pa\u0308 ssphra\u0308se"),
    ("ｆｕｌｌｗｉｄｔｈ１", "fullwidth1"),
    ("ﬁve\u3000ﬂutes", "five flutes"),
]


@pytest.mark.parametrize(("text", "same"), PASSWORDS)
def test_a_password_is_prepared_before_it_is_hashed(text, same):
    assert normal_password(text) == normal_password(same)
    assert normal_password("Case") == "Case" and normal_password("  two  ") == "  two  "


@pytest.mark.parametrize(("text", "same"), PASSWORDS)
async def test_a_password_is_the_same_on_every_keyboard_and_old_hashes_go_on_working(
    cast, database, anonymous, text, same
):
    bob = cast.bob
    for stored in (text, same, unicodedata.normalize("NFD", text)):
        raw = _hasher().hash(stored.encode())
        async with database.transaction() as db:
            mine = user_account.c.email == bob.email
            await db.execute(update(user_account).where(mine).values(password_hash=raw))
        # As it was typed once, and from then on in any form.
        for typed in (stored, same, text):
            answer = await anonymous.post("/api/login/", json={"email": bob.email, "password": typed})
            assert answer.status_code == 200, (stored, typed, answer.text)
    answer = await anonymous.post("/api/login/", json={"email": bob.email, "password": text + "x"})
    assert answer.status_code == 400


def test_names_keep_their_letters():
    assert normal_name("  Ada\u00a0 Lovelace\n") == "Ada Lovelace"
    assert normal_name("Straße ﬁ") == "Straße ﬁ"


FOLDED = [
    ("Łódź", "łóDŹ"),
    ("Ольга", "ОЛЬГА"),
    ("აბგ", "ᲐᲑᲒ"),
    ("ᏣᎳᎩ", "ꮳꮃꭹ"),
    ("straße", "STRASSE"),
    ("İzmir", "izmir"),
    ("ﬁve  x", "FIVE\u00a0X"),
    ("e\u0301tude", "ÉTUDE"),
    ("100%_", "100%_"),
]


@pytest.mark.parametrize(("text", "same"), FOLDED)
async def test_a_part_is_found_in_any_case_on_both_databases(anonymous, api, desk, project, text, same):
    event = {"token": project.api_token, "event": "seen", "distinct_id": "ada"}
    properties = {"$set": {"name": text, "city": f"in {text}, far away"}}
    assert (await anonymous.post("/e/", json=event | {"properties": properties})).status_code == 200
    assert (await anonymous.post("/e/", json=event | {"distinct_id": "other"})).status_code == 200
    persons = f"/api/projects/{project.id}/persons/"
    for spelling in (text, same):
        for operator, count in (("icontains", 1), ("not_icontains", 1)):
            wanted = json.dumps([{"key": "city", "value": spelling, "operator": operator}])
            page = (await api.get(persons, params={"properties": wanted})).json()
            assert [one["distinct_ids"] for one in page["results"]] == [
                ["ada" if operator == "icontains" else "other"]
            ]
            assert page["count"] == count
        assert (await api.get(persons, params={"search": spelling[:4]})).json()["count"] == 1
    await desk.open(distinct_id=f"id {text}!")
    await desk.open(distinct_id="another")
    assert await desk.numbers(distinct_id=same) == await desk.numbers(distinct_id=text) == [1]


async def test_a_person_whose_name_is_a_number_is_searched(anonymous, api, project):
    event = {"token": project.api_token, "event": "seen"}
    for distinct_id, name in (("a", 4711), ("b", 1.5), ("c", True), ("d", None)):
        body = event | {"distinct_id": distinct_id, "properties": {"$set": {"name": name}}}
        assert (await anonymous.post("/e/", json=body)).status_code == 200
    persons = f"/api/projects/{project.id}/persons/"
    for text, found in (("47", [["a"]]), ("4711", [["a"]]), ("1.5", [["b"]]), ("true", []), ("none", [])):
        results = (await api.get(persons, params={"search": text})).json()["results"]
        assert [one["distinct_ids"] for one in results] == found, text


async def test_an_address_of_a_person_is_found_in_either_spelling(anonymous, api, desk, project):
    event = {"token": project.api_token, "event": "seen", "distinct_id": "ada"}
    set_email = {"$set": {"email": "Ada@BÜCHER.example"}}
    assert (await anonymous.post("/e/", json=event | {"properties": set_email})).status_code == 200
    for email in ("ada@bücher.example", "ADA@xn--bcher-kva.example", "ada@bu\u0308cher.example"):
        answer = await api.get(f"/api/projects/{project.id}/persons/", params={"email": email})
        assert answer.json()["count"] == 1, email
        exported = await api.get(f"/api/projects/{project.id}/personal_data/", params={"email": email})
        assert exported.status_code == 200
        made = await api.post(desk.tickets, json={"email": email, "message": "Hello"})
        assert made.json()["distinct_id"] == "ada"


async def test_postgresql_folds_every_letter_as_python_does(database):
    if database.dialect != "postgresql":
        return
    every = (chr(code) for code in range(1, 0x110000) if not 0xD800 <= code <= 0xDFFF)
    letters = [one for one in every if folded(one) != one or unicodedata.category(one)[0] in "MZ"]
    for form in ("{}", "a{}b", "Α{}\u0345", "{}\u0301", " {}  x"):
        texts = [form.format(letter) for letter in letters]
        async with database.transaction(write=False) as db:
            given = func.unnest(bindparam("texts", type_=ARRAY(Text()))).table_valued("text", name="given")
            rows = await db.execute(select(given.c.text, func.text_folded(given.c.text)), {"texts": texts})
            assert [text for text, same in rows if same != folded(text)] == []


PILES = ["\u0315\u0300", "\u0f73", "\u0301\uff9e", "\u0345\u0301", "\u0301\u00ad\u0316"]


@pytest.mark.parametrize("pile", PILES)
async def test_both_look_at_the_first_marks_of_endless_ones(database, pile):
    # PostgreSQL, too, would sort them by insertion.
    texts = [f"a{pile * n}b{pile}" for n in (5, 14, 15, 16, 29, 30, 31, 40, 20_000)]
    assert all(len(folded(text)) < 140 for text in texts)
    if database.dialect == "postgresql":
        async with database.transaction(write=False) as db:
            given = func.unnest(bindparam("texts", type_=ARRAY(Text()))).table_valued("text", name="given")
            rows = await db.execute(select(given.c.text, func.text_folded(given.c.text)), {"texts": texts})
            assert [len(text) for text, same in rows if same != folded(text)] == []


NUMBERS = [
    2**63 - 1,
    2**63,
    2**64 + 1,
    -(2**70),
    0.1234567890123456,
    123456789.12345679,
    1e22,
    1.5e-7,
    1.0,
    7,
    True,
]


@pytest.mark.parametrize("number", NUMBERS)
async def test_a_number_is_found_exactly_as_it_was_captured(anonymous, api, project, number):
    for distinct_id, value in (
        ("a", number),
        ("b", number + 1 if number > 10**15 else 0),
        ("c", str(number) + "0"),
    ):
        body = {"token": project.api_token, "event": "seen", "distinct_id": distinct_id}
        body["properties"] = {"$set": {"size": value}}
        assert (await anonymous.post("/e/", json=body)).status_code == 200
    for value in (number, [number, "other"]):
        wanted = json.dumps([{"key": "size", "value": value}])
        page = await api.get(f"/api/projects/{project.id}/persons/", params={"properties": wanted})
        assert [one["distinct_ids"] for one in page.json()["results"]] == (
            [["b"], ["a"]] if number == 1e22 else [["a"]]
        )


@pytest.mark.parametrize(
    "text", ["\u200b", "\u00ad\u2060 \n", "\u3164", "\u2800\u2800", "\ufe0f\ufeff", "\u202e"]
)
async def test_a_message_that_nobody_could_see_is_refused_on_every_route(anonymous, desk, project, text):
    assert (await Browser(anonymous, project).send(text)).status_code == 400
    ticket = await desk.open(message="Hello")
    url = f"{desk.tickets}{ticket['id']}/"
    for path, body in (
        (desk.tickets, {"distinct_id": "a", "message": text}),
        (f"{url}reply/", {"message": text}),
        (f"{url}notes/", {"message": text}),
        (desk.comments, {"scope": "conversations_ticket", "item_id": ticket["id"], "content": text}),
    ):
        answer = await desk.client.post(path, json=body)
        assert answer.status_code == 400, (path, answer.text)
    assert (await desk.ticket(1))["message_count"] == 1


async def test_an_emoji_of_several_parts_is_a_message(anonymous, project):
    for text in ("👩\u200d👧", "❤\ufe0f", "می\u200cخواهم"):
        browser = Browser(anonymous, project)
        ticket_id = await browser.opened(text)
        assert await browser.texts(ticket_id) == [text]
