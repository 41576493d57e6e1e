"""Merging, un-merging and splitting conversations, by hand."""

from parley.inbox.inbox_page.tests.test_pages import messages_of, rows_of
from tests.plain_browser import PlainBrowser, read_html, window_of


def token_of(window: PlainBrowser) -> str:
    return window.page.all("input", name="csrf_token")[0]["value"]


def boxes_of(window: PlainBrowser) -> list[str]:
    """Return the ids of the messages that can be ticked."""
    return [box["value"] for box in window.page.all("input", name="message_ids")]


async def merge(window: PlainBrowser, number: int, into: int, query: str = "") -> None:
    """Merge a conversation into another one, as somebody does by hand."""
    await window.open(f"/inbox/{number}{query}")
    await window.follow("Merge...")
    await window.press("Search", find=f"#{into}")
    await window.press(f"#{into} ")
    kept = next(label for label in window.page.all("label") if f"#{into} " in label.text)
    await window.press("Merge", into=kept.one("input")["value"])


async def split(window: PlainBrowser, *ids: str, **fields: str):
    """Send the form for splitting with these boxes ticked."""
    form = window.page.one("form", id="split")
    sent = {"csrf_token": token_of(window), "message_ids": list(ids), **fields}
    return await window.client.post(form["action"], data=sent, follow_redirects=True)


async def test_two_conversations_become_one_and_two_again(window, desk):
    await desk.open(distinct_id="ada", message="Where is my fern?")
    await desk.open(distinct_id="ada", message="Hello? The fern?")
    await merge(window, 2, 1, "?who=unassigned")
    assert window.path == "/inbox/1?who=unassigned" and rows_of(window) == ["1"]
    assert window.page.one("div", id="opened")["data-number"] == "1"
    assert [text for _, _, text in messages_of(window)] == ["Where is my fern?", "Hello? The fern?"]
    await window.press("Un-merge #2")
    assert window.path == "/inbox/2?who=unassigned" and sorted(rows_of(window)) == ["1", "2"]
    assert [text for _, _, text in messages_of(window)] == ["Hello? The fern?"]


async def test_it_is_seen_which_messages_came_from_another_conversation(window, desk):
    """Two customers without a name are both called Customer."""
    await desk.open(distinct_id="ada", message="Where is my fern?")
    await desk.open(distinct_id="eve", message="Is it mine?")
    await merge(window, 2, 1)
    said = {item.text for item in window.page.all("li") if "of a merged conversation" in item.text}
    assert [text for text in ("Where is my fern?", "Is it mine?") if any(text in one for one in said)] == [
        "Is it mine?"
    ]


async def test_the_old_number_leads_to_the_target_and_says_so(window, desk):
    await desk.open(distinct_id="ada", message="Where is my fern?")
    await desk.open(distinct_id="ada", message="Hello? The fern?")
    await merge(window, 2, 1)
    await window.open("/inbox/2")
    assert "#2 is merged into this conversation, #1." in window.page.one("div", class_="merged-note").text
    assert [row["data-number"] for row in window.page.all("a", aria_current="true", class_="row")] == ["1"]
    await window.press("Send reply", content="Here it is.", kind="reply")
    assert window.path == "/inbox/1" and len(messages_of(window)) == 3
    await window.open("/inbox?search=%232")
    assert rows_of(window) == ["1"]


def candidates_of(window: PlainBrowser) -> list[str]:
    """Return the conversations that are offered for merging."""
    return [button.text.split()[0] for button in window.page.all("button", name="ids")]


async def test_the_other_conversation_is_found_by_number_name_address_subject_and_words(window, desk):
    for number, fields in enumerate((
        {"distinct_id": "ada", "message": "Where is my fern?"},
        {"distinct_id": "ada", "message": "The pot was green"},
        {"distinct_id": "eve", "anonymous_traits": {"name": "Eve Moneypenny"}, "message": "Hello"},
        {"distinct_id": "joe", "email": "joe@example.com", "subject": "Broken pot"},
    )):  # fmt: skip
        answer = await desk.client.post(desk.tickets, json=fields)
        assert answer.status_code == 201, (number, answer.text)
    await desk.change(2, status="resolved")
    await window.open("/inbox/1/merge")
    assert candidates_of(window) == ["#2"]
    for find, found in (
        ("4", ["#4"]), ("#4", ["#4"]), ("moneypenny EVE", ["#3"]), ("joe@example.com", ["#4"]), ("green pot", ["#2"]),
        ("1", []), ("fern", []), ("nonsense", []), ("99999999999999", []), ("\x00", ["#2"]), ("<b>" * 200, []),
    ):  # fmt: skip
        await window.press("Search", find=find)
        assert (window.status, candidates_of(window)) == (200, found), find


async def test_the_one_that_goes_on_is_kept_and_each_says_how_it_stands(window, desk):
    """By itself the oldest one was kept, though it was resolved long ago."""
    for number, status in enumerate(("open", "pending", "resolved"), 1):
        ticket = await desk.open(distinct_id="ada", message=f"Question {number}", subject=f"Subject {number}")
        await desk.change(ticket["id"], status=status)
    for one, other, kept in (("1", "3", "#1"), ("3", "1", "#1"), ("1", "2", "#2")):
        await window.open(f"/inbox/{one}/merge")
        await window.press(f"#{other} ")
        labels = {label.text.split()[0]: label for label in window.page.all("label")}
        chosen = [name for name, label in labels.items() if "checked" in label.one("input").attributes]
        assert chosen == [kept]
        shown = labels[f"#{other}"].text
        assert all(words in shown for words in (f"Subject {other}", f"Question {other}", "now"))
        assert ("Resolved" in shown) == (other == "3")


async def test_a_script_gets_only_what_is_found(window, desk):
    for text in ("one", "two"):
        await desk.open(message=text)
    part = await window.client.get("/inbox/1/merge?find=two", headers={"HX-Request": "true"})
    found = read_html(part.text)
    assert not found.all("html") and [one.text.split()[0] for one in found.all("button")] == ["#2"]


async def test_only_what_somebody_may_change_is_offered_for_merging(window, desk, cast):
    for text in ("one", "two", "three"):
        await desk.open(message=text)
    for number, level in ((2, "viewer"), (3, "none")):
        await desk.client.put(f"{desk.tickets}{number}/access_controls/", json={"access_level": level})
    bob = await window_of(cast, cast.bob)
    await bob.open("/inbox/1/merge")
    assert candidates_of(bob) == []
    assert {(await bob.open(f"/inbox/{number}/merge")).status for number in (2, 3)} == {403, 404}
    mallory = await window_of(cast, cast.mallory)
    assert (await mallory.open("/inbox/1/merge")).status == 404
    assert (await window.open("/inbox/99/merge")).status == 404


async def test_ticked_messages_become_a_conversation_of_their_own(window, desk):
    first = await desk.open(message="Where is my fern?")
    for text in ("And the pot?", "The pot was green."):
        await desk.say(first, text, author_type="customer")
    await window.open("/inbox/1?status=all")
    _, *pot = boxes_of(window)
    answer = await split(window, *pot, subject=" The pot ")
    assert answer.url.raw_path.decode() == "/inbox/2?status=all"
    assert (await desk.ticket(2))["email_subject"] == "The pot"
    await window.open("/inbox/2")
    assert [text for _, _, text in messages_of(window)] == ["And the pot?", "The pot was green."]
    await window.open("/inbox/1")
    assert [text for _, _, text in messages_of(window)] == ["Where is my fern?"]
    assert "Split off messages" not in window.page.text


async def test_nothing_ticked_splits_nothing(window, desk):
    ticket = await desk.open(message="Where is my fern?")
    await desk.say(ticket, "Here.")
    other = await desk.say(await desk.open(message="Another"), "Not on the first one")
    await window.open("/inbox/1")
    for ids in ([], boxes_of(window), ["nonsense"], [other["id"]], [*boxes_of(window)[:1], other["id"]]):
        assert (await split(window, *ids)).status_code == 400, ids
    assert (await desk.listed())["count"] == 2


async def test_a_script_is_led_to_the_other_conversation(window, desk):
    first = await desk.open(message="one")
    await desk.say(first, "two", author_type="customer")
    await window.open("/inbox/1")
    answer = await window.client.post(
        "/inbox/1/split?status=all",
        data={"csrf_token": token_of(window), "message_ids": boxes_of(window)[1:]},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200 and answer.text == ""
    assert '"/inbox/2?status=all"' in answer.headers["HX-Location"]


async def test_an_open_page_of_a_merged_conversation_is_led_to_the_other_one(window, desk):
    for text in ("one", "two"):
        await desk.open(message=text)
    assert (await desk.client.post(f"{desk.tickets}2/merge/", json={"into": 1})).status_code == 200
    answer = await window.client.get("/inbox/2/details?status=all", headers={"HX-Request": "true"})
    assert answer.status_code == 200 and '"/inbox/2?status=all"' in answer.headers["HX-Location"]
    part = await window.client.get("/inbox/2?status=all", headers={"HX-Request": "true"})
    assert "#2 is merged into this conversation, #1." in read_html(part.text).text


async def test_others_can_neither_merge_nor_split(window, desk, cast):
    for text in ("one", "two"):
        await desk.say(await desk.open(message=text), "more")
    await window.open("/inbox/1")
    ids = boxes_of(window)
    url = f"/api/projects/{cast.project.id}/resource_access_controls/"
    await desk.client.put(url, json={"resource": "ticket", "access_level": "viewer"})
    for member, status in ((cast.bob, 403), (cast.mallory, 404)):
        stranger = await window_of(cast, member)
        await stranger.open("/inbox")
        for path, fields in (("unmerge", {}), ("split", {"message_ids": ids[:1]})):
            sent = {"csrf_token": token_of(stranger), **fields}
            answer = await stranger.client.post(f"/inbox/2/{path}", data=sent)
            assert answer.status_code == status, (member.email, path, answer.text[:300])
    assert (await desk.listed())["count"] == 2
