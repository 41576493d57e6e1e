"""Un-merging gives both tickets back as they were, in any order."""

from operator import itemgetter


async def test_unmerging_gives_back_both_tickets_as_they_were(desk, pair):
    one = await desk.open(
        message="mine", tags=["a"], status="pending", priority="high", email="eve@example.com", name="Eve"
    )
    other = await desk.open(message="theirs", tags=["b"], email="ada@example.com", distinct_id="ada")
    await desk.say(one, "answer")
    await desk.say(one, "note", is_private=True)
    query = {"limit": 10}
    before = (await desk.listed(**query))["results"]
    target = await pair.merge(one, other["id"])
    assert target["cc_participants"] == ["eve@example.com"]
    parted = await pair.unmerge(one["ticket_number"])
    assert parted["id"] == one["id"]
    after = (await desk.listed(**query))["results"]
    for found in (before, after):
        found.sort(key=itemgetter("ticket_number"))
    assert after == before
    assert await pair.texts(one["id"]) == ["mine", "answer", "note"]
    assert await pair.texts(other["id"]) == ["theirs"]
    assert await pair.counts() == {"new": 1, "open": 0, "pending": 1, "on_hold": 0, "resolved": 0}


async def test_what_was_addressed_to_it_goes_back_and_what_was_removed_is_gone(desk, pair):
    one, other = await desk.open(message="mine"), await desk.open(message="theirs")
    said = await desk.say(one, "wrong")
    await pair.merge(one, other["id"])
    await desk.say(one, "later, to the merged one")
    await desk.say(other, "later")
    await desk.edit(said, deleted=True)
    parted = await pair.unmerge(one["id"])
    assert (parted["message_count"], parted["last_message_text"]) == (2, "later, to the merged one")
    assert parted["unread_customer_count"] == 2
    assert await pair.texts(one["id"]) == ["mine", "later, to the merged one"]
    assert await pair.texts(other["id"]) == ["theirs", "later"]
    left = await desk.ticket(other["id"])
    assert (left["message_count"], left["last_message_text"]) == (2, "later")
    assert left["unread_customer_count"] == 0


async def test_what_somebody_has_set_since_stays(desk, pair):
    one = await desk.open(tags=["a", "b"], status="open")
    other = await desk.open(status="resolved")
    await pair.merge(one, other["id"])
    await desk.change(other["id"], tags=["a"], status="pending")
    await desk.change(other["id"], tags=["a", "b"])
    await pair.unmerge(one["id"])
    left = await desk.ticket(other["id"])
    assert (left["tags"], left["status"]) == (["b"], "pending")
    assert (await desk.ticket(one["id"]))["tags"] == ["a", "b"]


async def test_naming_the_target_undoes_its_latest_merge(desk, pair):
    a, b, c = [await desk.open(message=name) for name in "abc"]
    await pair.merge(b, a["id"])
    await pair.merge(c, a["id"])
    assert (await pair.unmerge(a["id"]))["id"] == c["id"]
    assert (await pair.unmerge(a["ticket_number"]))["id"] == b["id"]
    for key in (a["id"], b["id"]):
        answer = await desk.client.post(f"{desk.tickets}{key}/unmerge/")
        assert (answer.status_code, answer.json()["code"]) == (400, "not_merged")


async def test_a_repeated_request_with_a_key_undoes_one_merge(desk, pair):
    a, b, c = [await desk.open(message=name) for name in "abc"]
    await pair.merge(b, a["id"])
    await pair.merge(c, a["id"])
    answers = [
        await desk.client.post(f"{desk.tickets}{a['id']}/unmerge/", headers={"Idempotency-Key": "once"})
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert (await desk.ticket(a["id"]))["merged_ticket_numbers"] == [b["ticket_number"]]


async def test_a_ticket_leaves_the_middle_of_a_chain(desk, pair):
    a = await desk.open(message="a", status="resolved")
    b = await desk.open(message="b", status="resolved", tags=["b"])
    c = await desk.open(message="c", status="open", tags=["c"])
    await pair.merge(c, b["id"])
    await pair.merge(b, a["id"])
    assert (await desk.ticket(a["id"]))["status"] == "open"
    assert (await pair.unmerge(c["id"]))["status"] == "open"
    left = await desk.ticket(a["id"])
    assert (left["status"], left["tags"], left["merged_ticket_numbers"]) == ("resolved", ["b"], [2])
    assert await pair.texts(a["id"]) == ["a", "b"]
    parted = await pair.unmerge(b["id"])
    assert (parted["status"], parted["tags"], parted["merged_ticket_numbers"]) == ("resolved", ["b"], [])
    assert await pair.texts(b["id"]) == ["b"]


async def test_merging_and_undoing_leaves_no_trace_on_either_ticket(desk, pair):
    one = await desk.open(message="mine", tags=["a"], status="open", email="ada@example.com")
    other = await desk.open(message="first", tags=["b"], status="resolved", email="bob@example.com")
    await desk.say(other, "answer")
    before = (await desk.listed())["results"]
    assert len(before) == 2
    await pair.merge(one, other["id"])
    assert (await desk.listed())["results"] != before
    await pair.unmerge(one["ticket_number"])
    assert (await desk.listed())["results"] == before
