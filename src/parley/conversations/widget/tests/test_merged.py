"""What visitors see in the widget of tickets that the team has merged: their own, and never another one's words."""

from typing import Any

import pytest
import pytest_asyncio

from parley.conversations.widget.tests.visitor import Browser, reply


class Team:
    """The team, which merges."""

    def __init__(self, api: Any, project: Any) -> None:
        self.api, self.project, self.path = api, project, project.tickets

    async def merge(self, id: str, into: str) -> None:
        (await self.api.post(f"{self.path}{id}/merge/", json={"into": into})).raise_for_status()

    async def unmerge(self, id: str) -> None:
        (await self.api.post(f"{self.path}{id}/unmerge/")).raise_for_status()

    async def say(self, id: str, text: str, **context: Any) -> str:
        return await reply(self.api, self.project, id, text, **context)

    async def texts(self, id: str) -> list[str]:
        found = (await self.api.get(f"{self.path}{id}/messages/")).json()["results"]
        return [message["content"] for message in found]


@pytest.fixture
def team(api, project):
    return Team(api, project)


@pytest_asyncio.fixture
async def ada(anonymous, project):
    return Browser(anonymous, project)


@pytest_asyncio.fixture
async def eve(anonymous, project):
    return Browser(anonymous, project)


async def merged(team, ada, eve):
    """Merge eve's ticket into ada's, with something said on both before; return the ids."""
    of_ada, of_eve = await ada.opened("ada 1"), await eve.opened("eve 1", traits={"name": "Eve"})
    await team.say(of_ada, "to ada")
    await team.say(of_eve, "to eve")
    await team.say(of_eve, "a note", is_private=True)
    await team.merge(of_eve, of_ada)
    return of_ada, of_eve


async def test_a_visitor_of_both_goes_on_in_the_target(team, ada):
    one, other = await ada.opened("one"), await ada.opened("other")
    await team.merge(one, other)
    assert await ada.ticket_ids() == [other]
    for id in (one, other):
        thread = (await ada.thread(id)).json()
        assert (thread["ticket_id"], await ada.texts(id)) == (other, ["one", "other"])
    sent = (await ada.send("more", ticket_id=one)).json()
    assert sent["ticket_id"] == other
    await team.say(one, "answer")
    assert await ada.texts(one) == ["one", "other", "more", "answer"]
    assert (await ada.thread(one)).json()["unread_count"] == 1
    assert (await ada.read(one)).status_code == 200
    assert (await ada.thread(other)).json()["unread_count"] == 0
    [line] = (await ada.tickets()).json()["results"]
    assert (line["message_count"], line["last_message"]) == (4, "answer")


async def test_strangers_see_their_own_words_only(team, ada, eve):
    of_ada, of_eve = await merged(team, ada, eve)
    assert await ada.texts(of_ada) == ["ada 1", "to ada"]
    assert await eve.texts(of_eve) == ["eve 1", "to eve"]
    for browser, foreign in ((ada, of_eve), (eve, of_ada)):
        assert (await browser.thread(foreign)).status_code == 403
        assert (await browser.read(foreign)).status_code == 403
        assert (await browser.send("x", ticket_id=foreign)).status_code == 403


async def test_strangers_both_hear_the_team_from_the_merge_on(team, ada, eve):
    of_ada, of_eve = await merged(team, ada, eve)
    await team.say(of_ada, "to all")
    await team.say(of_eve, "to eve alone")
    await team.say(of_ada, "hidden", is_private=True)
    assert await ada.texts(of_ada) == ["ada 1", "to ada", "to all"]
    assert await eve.texts(of_eve) == ["eve 1", "to eve", "to all", "to eve alone"]


async def test_what_a_stranger_writes_arrives_in_the_target_and_stays_between_them(team, ada, eve, api):
    of_ada, of_eve = await merged(team, ada, eve)
    await api.patch(f"{team.path}{of_ada}/", json={"status": "resolved"})
    sent = (await eve.send("eve 2", ticket_id=of_eve, traits={"name": "Eve", "plan": "x"})).json()
    assert (sent["ticket_id"], sent["ticket_status"], sent["unread_count"]) == (of_eve, "open", 0)
    await ada.send("ada 2", ticket_id=of_ada)
    assert await team.texts(of_ada) == ["ada 1", "eve 1", "to ada", "to eve", "a note", "eve 2", "ada 2"]
    assert await ada.texts(of_ada) == ["ada 1", "to ada", "ada 2"]
    assert await eve.texts(of_eve) == ["eve 1", "to eve", "eve 2"]
    [target] = (await api.get(team.path)).json()["results"]
    assert target["anonymous_traits"] == {}
    assert (target["unread_team_count"], target["message_count"]) == (4, 6)
    thread = (await eve.thread(of_eve)).json()
    assert (thread["ticket_id"], thread["ticket_status"]) == (of_eve, "open")


async def test_the_list_of_a_stranger_tells_nothing_of_the_other(team, ada, eve):
    of_ada, of_eve = await merged(team, ada, eve)
    newer = await eve.opened("eve's second")
    lines = (await eve.tickets()).json()
    assert (lines["count"], [line["id"] for line in lines["results"]]) == (2, [newer, of_eve])
    assert (lines["results"][1]["last_message"], lines["results"][1]["message_count"]) == ("to eve", 2)
    assert await eve.ticket_ids(limit=1, offset=1) == [of_eve]
    assert await eve.ticket_ids(limit=1, offset=2) == []
    [line] = (await ada.tickets()).json()["results"]
    assert (line["id"], line["last_message"], line["message_count"]) == (of_ada, "to ada", 2)
    assert await eve.ticket_ids(status="new") == [newer, of_eve]
    assert await eve.ticket_ids(status="resolved") == []


async def test_reading_as_a_stranger_leaves_the_targets_count_alone(team, ada, eve):
    of_ada, of_eve = await merged(team, ada, eve)
    await team.say(of_ada, "to all")
    assert (await eve.read(of_eve)).json() == {"success": True, "unread_count": 0}
    assert (await eve.thread(of_eve)).json()["unread_count"] == 0
    assert (await ada.thread(of_ada)).json()["unread_count"] == 3


async def test_polling_for_newer_messages_works_on_both_sides(team, ada, eve):
    of_ada, of_eve = await merged(team, ada, eve)
    since = (await eve.thread(of_eve)).json()["messages"][-1]["created_at"]
    await ada.send("ada 2", ticket_id=of_ada)
    await team.say(of_ada, "to all")
    found = (await eve.thread(of_eve, after=since)).json()["messages"]
    assert [message["content"] for message in found] == ["to all"]
    found = (await ada.thread(of_ada, limit=1)).json()
    assert [message["content"] for message in found["messages"]] == ["ada 1"] and found["has_more"]


async def test_after_unmerging_a_question_and_its_answer_are_with_those_who_asked(team, ada, eve):
    of_ada, of_eve = await merged(team, ada, eve)
    await eve.send("eve 2", ticket_id=of_eve)
    await team.say(of_ada, "to all")
    await team.say(of_ada, "and this")
    await team.unmerge(of_eve)
    assert await team.texts(of_ada) == ["ada 1", "to ada", "to all", "and this"]
    assert await team.texts(of_eve) == ["eve 1", "to eve", "a note", "eve 2"]
    assert await ada.texts(of_ada) == ["ada 1", "to ada", "to all", "and this"]
    assert await eve.texts(of_eve) == ["eve 1", "to eve", "eve 2", "to all", "and this"]
    await eve.send("eve 3", ticket_id=of_eve)
    await team.say(of_eve, "to eve again")
    assert await eve.texts(of_eve) == [
        "eve 1", "to eve", "eve 2", "to all", "and this", "eve 3", "to eve again",
    ]  # fmt: skip
    [line] = (await eve.tickets()).json()["results"]
    assert (line["message_count"], line["last_message"]) == (7, "to eve again")
    [line] = (await ada.tickets()).json()["results"]
    assert (line["message_count"], line["last_message"]) == (4, "and this")
    assert (await ada.thread(of_eve)).status_code == (await eve.thread(of_ada)).status_code == 403


async def test_after_unmerging_an_answer_that_others_may_have_meant_stays_theirs(team, ada, eve):
    of_ada, of_eve = await merged(team, ada, eve)
    await ada.send("ada 2", ticket_id=of_ada)
    await eve.send("eve 2", ticket_id=of_eve)
    await team.say(of_ada, "which of you?")
    await team.say(of_eve, "to eve alone")
    await team.unmerge(of_eve)
    assert await eve.texts(of_eve) == ["eve 1", "to eve", "eve 2", "to eve alone"]
    assert await ada.texts(of_ada) == ["ada 1", "to ada", "ada 2", "which of you?"]


async def test_a_question_since_the_merge_opens_the_ticket_again(team, ada, eve, api):
    of_ada, of_eve = await ada.opened("ada 1"), await eve.opened("eve 1")
    await api.get(f"{team.path}{of_eve}/")
    await api.patch(f"{team.path}{of_eve}/", json={"status": "resolved"})
    await team.merge(of_eve, of_ada)
    await eve.send("eve 2", ticket_id=of_eve)
    await team.unmerge(of_eve)
    listed = {one["id"]: one for one in (await api.get(team.path)).json()["results"]}
    names = ("status", "unread_team_count", "message_count", "last_message_text")
    assert [listed[of_eve][name] for name in names] == ["open", 1, 2, "eve 2"]
    assert listed[of_ada]["unread_team_count"] == 1


async def test_in_a_chain_each_hears_the_team_from_their_own_merge_on(team, ada, eve, anonymous, project):
    bob = Browser(anonymous, project)
    of_ada, of_eve = await ada.opened("ada"), await eve.opened("eve")
    of_bob = await bob.opened("bob")
    await team.say(of_eve, "to eve")
    await team.merge(of_bob, of_eve)
    await team.say(of_eve, "to eve and bob")
    await team.say(of_ada, "to ada")
    await team.merge(of_eve, of_ada)
    await team.say(of_ada, "to all")
    await bob.send("bob 2", ticket_id=of_bob)
    assert await ada.texts(of_ada) == ["ada", "to ada", "to all"]
    assert await eve.texts(of_eve) == ["eve", "to eve", "to eve and bob", "to all"]
    assert await bob.texts(of_bob) == ["bob", "to eve and bob", "to all", "bob 2"]
    await team.unmerge(of_eve)
    assert await eve.texts(of_eve) == ["eve", "to eve", "to eve and bob"]
    assert await bob.texts(of_bob) == ["bob", "to eve and bob", "bob 2"]


async def test_a_visitor_of_the_merged_and_the_last_ticket_sees_nothing_of_the_middle_one(team, ada, eve):
    first, middle, last = await ada.opened("ada 1"), await eve.opened("eve"), await ada.opened("ada 2")
    await team.merge(first, middle)
    assert await ada.ticket_ids() == [last, first]
    await team.merge(middle, last)
    assert await ada.ticket_ids() == [last]
    assert await ada.texts(first) == ["ada 1", "ada 2"]
    assert (await ada.thread(first)).json()["ticket_id"] == last
    assert await eve.texts(middle) == ["eve"]
    assert (await ada.thread(middle)).status_code == 403


async def test_two_merged_tickets_of_one_visitor_stay_apart_in_a_strangers(team, ada, eve):
    of_ada = await ada.opened("ada")
    one, other = await eve.opened("eve 1"), await eve.opened("eve 2")
    await team.merge(one, of_ada)
    await team.merge(other, of_ada)
    assert await eve.ticket_ids() == [other, one]
    assert (await eve.texts(one), await eve.texts(other)) == (["eve 1"], ["eve 2"])


async def test_a_deleted_target_is_gone_for_everybody(team, ada, eve, api):
    of_ada, of_eve = await merged(team, ada, eve)
    await eve.send("eve 2", ticket_id=of_eve)
    await team.say(of_ada, "to all")
    await team.unmerge(of_eve)
    await api.delete(f"{team.path}{of_ada}/")
    assert await eve.texts(of_eve) == ["eve 1", "to eve", "eve 2"]
    await api.post(f"{team.path}{of_ada}/restore/")
    await team.merge(of_eve, of_ada)
    await api.delete(f"{team.path}{of_ada}/")
    for browser, id in ((ada, of_ada), (eve, of_eve)):
        assert (await browser.thread(id)).status_code == 404
        assert (await browser.send("x", ticket_id=id)).status_code == 404
        assert await browser.ticket_ids() == []


async def test_a_verified_requester_who_became_a_participant_by_merging_sees_their_own_thread(
    team, ada, anonymous, project, api
):
    carol = Browser(anonymous, project, identity="carol")
    of_ada, of_carol = await ada.opened("ada"), await carol.opened("carol")
    await team.merge(of_carol, of_ada)
    people = (await api.get(f"{team.path}{of_ada}/participants/")).json()["results"]
    assert [one["distinct_id"] for one in people] == ["carol"]
    assert (await carol.thread(of_ada)).status_code == 403
    assert await carol.ticket_ids() == [of_carol]
    assert await carol.texts(of_carol) == ["carol"]


async def test_the_team_sees_who_of_the_customers_wrote(team, ada, eve, api):
    of_ada, of_eve = await merged(team, ada, eve)
    await eve.send("eve 2", ticket_id=of_eve)
    found = (await api.get(f"{team.path}{of_ada}/messages/")).json()["results"]
    names = {message["content"]: message["author_name"] for message in found}
    assert (names["ada 1"], names["eve 1"], names["eve 2"]) == ("Customer", "Eve", "Eve")
    via = {message["content"]: message.get("via_ticket_id") for message in found}
    assert (via["ada 1"], via["eve 2"]) == (None, of_eve)


async def test_what_is_split_off_is_shown_to_those_who_saw_it_before(team, ada, eve, api):
    of_ada, of_eve = await merged(team, ada, eve)
    await eve.send("eve 2", ticket_id=of_eve)
    found = (await api.get(f"{team.path}{of_ada}/messages/")).json()["results"]
    ids = {message["content"]: message["id"] for message in found}

    async def split(*texts: str) -> str:
        body = {"message_ids": [ids[text] for text in texts]}
        return str((await api.post(f"{team.path}{of_ada}/split/", json=body)).raise_for_status().json()["id"])

    of_both = await split("eve 2", "to ada")
    assert await ada.texts(of_both) == ["to ada"]
    assert (await eve.thread(of_both)).status_code == 403
    assert await eve.texts(of_eve) == ["eve 1", "to eve", "eve 2"]
    own = await split("eve 1")
    assert await eve.texts(own) == ["eve 1"]
    assert (await ada.thread(own)).status_code == 403
    assert await eve.texts(of_eve) == ["to eve", "eve 2"]
