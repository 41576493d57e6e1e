"""Tickets are found by what is written in them, through an index that follows every change."""

import re
import unicodedata

import hypothesis
import pytest
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from parley.conversations.messages.queries import comments
from parley.conversations.search.tables import search_index, search_text
from parley.conversations.ticket_list.queries import readers, strategy
from parley.conversations.ticket_list.queries.conditions import count_through_index
from parley.conversations.ticket_list.rules.filters import searched_number
from parley.conversations.ticket_list.tests.test_filtered_lists import made_view
from parley.conversations.tickets.tables import ticket
from parley.conversations.tickets.tests.factories import Desk
from parley.kernel.database.database import Database
from tests.cast import Member
from tests.effort import examples


@pytest.fixture(params=["small", "large"], autouse=True)
def size(request, monkeypatch):
    """Search as in a small project, and as in a large one, of which the head is looked at first."""
    if request.param == "large":
        monkeypatch.setattr(strategy, "FEW", 0)
        monkeypatch.setattr(comments, "HEAD", 1)


async def found(desk: Desk, search: str, **query: object) -> list[int]:
    """Return the numbers of the tickets that a search finds, after checking their count."""
    page = await desk.listed(search=search, **query)
    numbers = [one["ticket_number"] for one in page["results"]]
    assert page["count"] == len(numbers)
    return sorted(numbers)


@pytest.fixture
async def office(desk: Desk) -> Desk:
    """Three tickets: 1 has a name, an address and messages, 2 a subject and a note, 3 has nothing to find it by."""
    first = await desk.open(name="Ada Lovelace", email="ada@example.com", message="Where is my order 1001?")
    second = await desk.open(subject="100% \\ broken_cup", message="Ärger mit 退款申请 und 🦄🦄🦄")
    await desk.open()
    await desk.say(first, "It left this morning.")
    await desk.say(second, "Ask the warehouse about Zoë's parcel", is_private=True)
    return desk


CASES = [
    ("lovelace", [1]), ("LOVELACE", [1]), ("ada@exam", [1]), ("my order", [1]), ("left this", [1]), ("1001?", [1]),
    ("broken_cup", [2]), ("brokenXcup", []), ("100%", [2]), ("0% \\ B", [2]), ("100", []), ("%%%", []), ("___", []),
    ("warehouse", [2]), ("zoË", [2]), ("ärger", [2]), ("ÄRGER", [2]), ("arger", []), ("退款申请", [2]), ("退款", [2]),
    ("🦄🦄🦄", [2]), ("🦄", [2]), ("is", [1]), ("é", []), ("ë", [2]), ("Ë'S", [2]), ("a", [1, 2]), ("'", [2]), ('"', []),
    ("*", []), ("[a]", []), ("?", [1]), ("s*s", []),
    ("lovelace where", [1]), ("ORDER my", [1]), ("cup 100%", [2]), ("parcel zoë 退款", [2]), ("lovelace parcel", []),
    ('"my order"', [1]), ('"order my"', []), ('my "is my" lovelace', [1]), ('"ada@example.com lovelace"', []),
    ('"lovelace where"', []), ('"my  ORDER', [1]), ('""', []), ("or ad wh", [1]), ("ada\u00a0Love", [1]),
    ("lovelace ada l", [1]),
    ("1", [1]), ("#2", [2]), (" 3 ", [3]), ("##2", []), ("²", []), ("4", []), ("0", []), ("9" * 30, []), ("0003", [3]),
    ("", [1, 2, 3]), ("  ", [1, 2, 3]), ("x" * 201, [1, 2, 3]), ("x" * 200, []), ("\x00", []), ("\ufffd", []),
]  # fmt: skip


async def test_a_search_finds_whatever_holds_the_text_in_any_case(office):
    for text, numbers in CASES:
        assert await found(office, text) == numbers, text


async def test_a_search_narrows_other_filters_and_keeps_every_order_and_page(desk):
    for index in range(7):
        status = ("open", "pending")[index % 2]
        sla = f"2031-01-0{index + 1}T00:00:00Z" if index < 4 else None
        ticket = await desk.open(message=f"Part {index}", status=status, priority=("low", "high")[index < 5])
        await desk.change(ticket["id"], sla_due_at=sla)
    await desk.open(message="Another thing", status="open")
    assert await found(desk, "part", status="open") == [1, 3, 5, 7]
    assert await found(desk, "part", status="open,pending", priority="low") == [6, 7]
    assert await found(desk, "#3", status="pending") == []
    for order in ("updated_at", "-created_at", "ticket_number", "-sla_due_at", "snoozed_until"):
        whole = await desk.numbers(search="part", order_by=order)
        assert len(whole) == 7
        parts = [
            await desk.listed(search="part", order_by=order, limit=2, offset=at) for at in range(0, 8, 2)
        ]
        assert [one["ticket_number"] for part in parts for one in part["results"]] == whole
        assert {part["count"] for part in parts} == {7}
        url, seen = f"{desk.tickets}?search=part&order_by={order}&limit=3", []
        while url:
            page = (await desk.client.get(url)).json()
            seen += [one["ticket_number"] for one in page["results"]]
            url = page["next"]
        assert seen == whole


async def test_an_edited_a_removed_and_a_changed_text_is_found_as_it_is_now(desk):
    ticket = await desk.open(name="Ada", subject="Invoice", message="The first words")
    note = await desk.say(ticket, "Secret remark", is_private=True)
    await desk.edit(note, content="Open remark")
    assert await found(desk, "secret") == []
    assert await found(desk, "open remark") == [1]
    await desk.edit(note, deleted=True)
    assert await found(desk, "open remark") == []
    await desk.change(1, anonymous_traits={"name": "Grace", "email": "GRACE@example.com", "plan": "hidden"})
    assert await found(desk, "ada") == await found(desk, "hidden") == []
    assert await found(desk, "grace@") == await found(desk, "invoice") == [1]
    await desk.change(1, anonymous_traits={})
    assert await found(desk, "grace") == []
    assert await found(desk, "invoice") == [1]


async def test_what_a_customer_adds_is_found(desk, customer):
    received = await customer.write("Hello", traits={"name": "Ada"})
    await customer.write("My bicycle", received.ticket_id, traits={"name": "Ada King"})
    assert await found(desk, "bicycle") == await found(desk, "da kin") == [1]


async def test_a_deleted_ticket_is_found_again_once_it_is_restored(office):
    await office.delete(1)
    assert (
        await found(office, "lovelace") == await found(office, "left this") == await found(office, "#1") == []
    )
    assert (await office.client.post(f"{office.tickets}1/restore/")).status_code == 200
    assert (
        await found(office, "lovelace")
        == await found(office, "left this")
        == await found(office, "#1")
        == [1]
    )


async def test_remarks_about_a_ticket_are_no_messages(desk):
    ticket = await desk.open()
    body = {"scope": "Ticket", "item_id": ticket["id"], "content": "Remarkable"}
    assert (await desk.client.post(desk.comments, json=body)).status_code == 201
    assert await found(desk, "remarkable") == []


async def test_a_merged_ticket_is_found_as_what_it_is_part_of_until_it_is_taken_apart(desk):
    for index in range(4):
        await desk.open(message=f"Parcel {'abcd'[index]}")
    for merged, target in ((1, 2), (2, 3)):
        url = f"{desk.tickets}{merged}/merge/"
        assert (await desk.client.post(url, json={"into": target})).status_code == 200
    assert await found(desk, "#1") == await found(desk, "2") == await found(desk, "#3") == [3]
    assert await found(desk, '"parcel a"') == await found(desk, '"parcel c"') == [3]
    assert await found(desk, "parcel") == [3, 4]
    assert (await desk.client.post(f"{desk.tickets}2/unmerge/")).status_code == 200
    assert (
        await found(desk, "#1") == await found(desk, '"parcel a"') == await found(desk, '"parcel b"') == [2]
    )
    assert await found(desk, '"parcel c"') == [3]


async def test_nobody_finds_what_is_in_another_project(office, mallory: Member):
    theirs = Desk(mallory, mallory.project)
    for text, _ in CASES:
        assert await found(theirs, text) == [], text
    await theirs.open(message="A lovelace of our own")
    assert await found(theirs, "lovelace") == await found(theirs, "#1") == [1]
    assert (await theirs.listed(search="lovelace"))["results"][0]["id"] not in str(await office.listed())


async def test_a_view_searches_and_an_explicit_search_overrides_it(office):
    view = await made_view(office, search="lovelace")
    assert await found(office, "", view=view) == [1]
    assert await found(office, "x" * 201, view=view) == [1]
    assert await found(office, "warehouse", view=view) == [2]
    assert await found(office, "#3", view=view) == [3]
    assert await found(office, "", view=await made_view(office, search=" #2 ")) == [2]
    assert await found(office, "", view=await made_view(office, search=" ")) == [1, 2, 3]


async def texts_of_index(database: Database, project_id: int) -> int:
    """Return how many texts of a project search can look through."""
    async with database.transaction(write=False) as db:
        mine = select(func.count()).select_from(search_text).where(search_text.c.project_id == project_id)
        known: int = (await db.execute(mine)).scalar_one()
        if database.dialect == "sqlite":
            first = project_id << 40
            rows = select(func.count()).where(search_index.c.rowid.between(first, first + (1 << 40) - 1))
            assert (await db.execute(rows)).scalar_one() == known
    return known


async def test_nothing_of_a_purged_ticket_or_a_deleted_project_stays_in_the_index(office, database):
    assert await texts_of_index(database, office.project.id) == 6
    async with database.transaction() as db:
        await db.execute(delete(ticket).where(ticket.c.project_id == office.project.id, ticket.c.number == 1))
    assert await texts_of_index(database, office.project.id) == 3
    assert await found(office, "left this") == []
    assert await found(office, "warehouse") == [2]
    assert (await office.client.delete(f"/api/projects/{office.project.id}/")).status_code in (202, 204)
    assert await texts_of_index(database, office.project.id) == 0


LETTERS = (
    "abAB"
    + "äÄßéÉσΣςЖжÅåİıſﬁ"
    + "退款🦄"
    + " .%_\\'\"*[]?#-9"
    + "k\u212a\u0301\u0307"
    + "ＡａカｶÅ²"
    + "\u00a0\n\u3000\u200d\u00ad\ufe0f"
    + "\u10d0\u1c90\u13a0\uab70"
)


@hypothesis.given(
    texts=st.lists(st.text(LETTERS, max_size=12), min_size=1, max_size=8),
    parts=st.data(),
    term=st.text(LETTERS, max_size=5),
)
@hypothesis.settings(max_examples=examples(10), suppress_health_check=list(hypothesis.HealthCheck))
async def test_a_search_finds_what_plain_python_finds(desk, database, texts, parts, term):
    sources = [parts.draw(st.sampled_from(texts)) for _ in range(2)]
    pieces = []
    for source in sources:
        begin = parts.draw(st.integers(0, len(source)))
        pieces.append(source[begin : begin + parts.draw(st.integers(1, 6))])
    numbers = {}
    for text in texts:
        # The name, the subject and the first message, of which each may have a word.
        message = text[4:].strip() if plain(text[4:]) else "-"
        given = {"subject": text} if len(text) % 2 else {"name": text[:4], "message": message}
        numbers[(await desk.open(**given))["ticket_number"]] = [plain(one) for one in given.values()]
    for wanted in (term, pieces[0], " ".join(pieces), f'"{pieces[0]}" {pieces[1]}'):
        if not plain(wanted) or searched_number(wanted.strip()) is not None:
            continue
        words = words_of(wanted)
        expected = [
            number
            for number, texts_of_it in numbers.items()
            if all(any(word in text for text in texts_of_it) for word in words)
        ]
        assert [one for one in await found(desk, wanted, limit=1000) if one in numbers] == expected, wanted


def plain(text: str) -> str:
    """Fold as docs/decisions/0011-search.md says: NFKC, case folding, white space, and nothing that is invisible."""
    seen = "".join(one for one in text if one not in "\u200d\u00ad\ufe0f")
    for _ in range(2):
        seen = unicodedata.normalize("NFKC", seen).casefold()
    return " ".join(unicodedata.normalize("NFKC", seen).replace("i\u0307", "i").split())


def words_of(term: str) -> list[str]:
    """Split into words, and phrases in quotation marks."""
    words: list[str] = []
    phrase: str | None = None
    for piece in re.split(r'(["\s])', plain(term)):
        if piece == '"':
            words += [phrase.strip()] if phrase is not None else []
            phrase = "" if phrase is None else None
        elif phrase is not None:
            phrase += piece
        else:
            words.append(piece.strip())
    words += [phrase.strip()] if phrase is not None else []
    return [word for word in words if word] or [plain(term)]


async def test_comments_are_found_by_their_text_wherever_they_are(desk, mallory: Member):
    ticket = await desk.open(message="Ärger about an order")
    await desk.say(ticket, "ÄRGER again", is_private=True)
    removed = await desk.say(ticket, "No ärger")
    await desk.edit(removed, deleted=True)
    await desk.client.post(
        desk.comments, json={"scope": "Insight", "item_id": "7", "content": "ärgerlich 100%_"}
    )
    await desk.say(ticket, "The last one")

    async def texts(**query: str) -> list[str]:
        answer = await desk.client.get(desk.comments, params=query)
        return [one["content"] for one in answer.json()["results"]]

    every = ["ärgerlich 100%_", "ÄRGER again", "Ärger about an order"]
    assert await texts(search="ärger") == every
    assert await texts(search="ÄRGER", scope="conversations_ticket") == every[1:]
    assert await texts(search="ger", item_id=ticket["id"], scope="conversations_ticket") == every[1:]
    assert await texts(search="%_") == await texts(search="0%_") == every[:1]
    assert await texts(search="nowhere") == await texts(search="\x00") == []
    assert len(await texts(search="x" * 201)) == 4
    theirs = f"/api/projects/{mallory.project.id}/comments/"
    assert (await mallory.client.get(theirs, params={"search": "ärger"})).json()["results"] == []
    await desk.delete(1)
    assert await texts(search="ärger") == every[:1]


async def test_a_search_of_comments_goes_forth_and_back_by_cursor(desk, monkeypatch):
    monkeypatch.setattr(comments, "PAGE_SIZE", 2)
    for index in range(5):
        for text in (f"Wanted {index}", f"Other {index}"):
            await desk.client.post(desk.comments, json={"scope": "Insight", "content": text})
    url, seen, back = f"{desk.comments}?search=wanted", [], None
    while url:
        page = (await desk.client.get(url)).json()
        seen += [one["content"] for one in page["results"]]
        url, back = page["next"], page["previous"]
    assert seen == [f"Wanted {index}" for index in (4, 3, 2, 1, 0)]
    page = (await desk.client.get(back)).json()
    assert [one["content"] for one in page["results"]] == ["Wanted 2", "Wanted 1"]


async def test_a_project_of_many_tickets_counts_what_it_finds_exactly(desk, monkeypatch):
    monkeypatch.setattr(readers, "MANY", 0)
    for index in range(4):
        ticket = await desk.open(message="A parcel", priority=("low", "high")[index % 2])
        await desk.say(ticket, "Another parcel")
    body = {"scope": "Insight", "content": "No parcel of a ticket"}
    assert (await desk.client.post(desk.comments, json=body)).status_code == 201
    await desk.delete(1)
    # Of these, found by their own words, one is live, one deleted and one merged into a ticket that says nothing of it.
    await desk.open(subject="Parcel")
    await desk.delete((await desk.open(subject="My parcel"))["id"])
    merged, target = await desk.open(subject="Lost parcel", message="Hello"), await desk.open()
    into = {"into": target["id"]}
    assert (await desk.client.post(f"{desk.tickets}{merged['id']}/merge/", json=into)).status_code == 200
    for query, count in (({}, 4), ({"priority": "low"}, 1), ({"status": "new"}, 4), ({"status": "open"}, 0)):
        assert (await desk.listed(search="parcel", limit=1, **query))["count"] == count


async def test_the_count_of_what_is_found_by_its_own_words_follows_merging_and_deleting(desk, database):
    one, two, three, _ = [(await desk.open(subject="Parcel"))["id"] for _ in range(4)]

    async def done(id: str, what: str, **body: str) -> int:
        answer = await desk.client.post(f"{desk.tickets}{id}/{what}/", json=body)
        assert answer.status_code == 200, answer.text
        async with database.transaction(write=False) as db:
            counted = count_through_index("parcel", db.dialect.name, is_alone=True)
            n: int = (await db.execute(counted, {"project_id": desk.project.id})).scalar_one()
        assert n == (await desk.listed(search="parcel"))["count"]
        return n

    assert await done(one, "merge", into=two) == 3
    assert await done(two, "merge", into=three) == 2
    assert await done(two, "unmerge") == 3
    await desk.delete(two)
    assert await done(three, "merge", into=(await desk.open())["id"]) == 1
    assert await done(three, "unmerge") == 2
    assert await done(two, "restore") == 3
    assert await done(one, "unmerge") == 4


@pytest.mark.parametrize(
    ("term", "count"),
    [("parcel", 3), ("parcel ada", 1), ("grace parcel", 1), ("parcel zebra", 0), ('"parcel for" ada', 1)],
)
async def test_tickets_are_counted_without_being_read_and_nothing_else_is(desk, database, term, count):
    await desk.open(message="A parcel for Ada")
    await desk.open(message="A parcel")
    await desk.say(await desk.open(name="Grace", message="Something"), "Your parcel")
    body = {"scope": "Insight", "content": "No parcel of a ticket, for Ada and Grace"}
    assert (await desk.client.post(desk.comments, json=body)).status_code == 201
    async with database.transaction(write=False) as db:
        for is_alone in (True, False):
            counted = count_through_index(term, db.dialect.name, is_alone=is_alone)
            assert (await db.execute(counted, {"project_id": desk.project.id})).scalar_one() == count


async def test_texts_are_sorted_into_the_index_by_a_job(desk, queue, database):
    await desk.open(message="A heap of words")
    pages = await queue.run_job("tickets.tidy_search")
    assert pages > 0 or database.dialect == "sqlite"
    assert await queue.run_job("tickets.tidy_search") == 0
    assert await found(desk, "heap of") == [1]
