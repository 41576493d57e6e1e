"""Capture is public: whatever it says of who is whom opens, lists and rebinds no conversation of anybody."""

from typing import Any

import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.conversations.tickets.tests.factories import Desk
from parley.conversations.widget.tests.visitor import Browser, reply
from tests.cast import TestProject
from tests.effort import examples

VICTIM, MALLORY, ADDRESS = "victim@corp.example", "mallory", "victim@corp.example"


def linked(event: str, distinct_id: str, **properties: Any) -> dict[str, Any]:
    return {"event": event, "distinct_id": distinct_id, "properties": properties}


# Each way in which capture can be told that two ids are one person, or that somebody has an address.
LINKS: dict[str, list[dict[str, Any]]] = {
    "merged by force": [linked("$merge_dangerously", MALLORY, alias=VICTIM)],
    "merged by force, the other way": [linked("$merge_dangerously", VICTIM, alias=MALLORY)],
    "alias": [linked("$create_alias", MALLORY, alias=VICTIM)],
    "alias, the other way": [linked("$create_alias", VICTIM, alias=MALLORY)],
    "identified": [linked("$identify", MALLORY, **{"$anon_distinct_id": VICTIM})],
    "identified, the other way": [linked("$identify", VICTIM, **{"$anon_distinct_id": MALLORY})],
    "over a third id": [
        linked("$merge_dangerously", "nobody", alias=VICTIM),
        linked("$merge_dangerously", MALLORY, alias="nobody"),
    ],
    "the address of another": [linked("$identify", MALLORY, **{"$set": {"email": ADDRESS}})],
    "the address of another, at any event": [linked("seen", MALLORY, **{"$set": {"email": ADDRESS}})],
}
PATHS = ("/e/", "/capture/", "/batch/", "/i/v0/e/", "/track/")


async def capture(
    client: httpx.AsyncClient, project: TestProject, events: list[Any], path: str = "/e/"
) -> None:
    for fields in [{"batch": events}] if path == "/batch/" else events:
        answer = await client.post(path, json={"api_key": project.api_token, **fields})
        assert answer.status_code == 200


class Stage:
    """A victim with conversations of every kind, and Mallory, who has only an identity of their own."""

    def __init__(self, desk: Desk, victim: Browser, mallory: Browser) -> None:
        self.desk, self.victim, self.mallory = desk, victim, mallory
        self.ids: dict[str, str] = {}

    async def set_up(self, bare: Browser) -> None:
        self.ids["verified"] = await self.victim.opened("a secret of the victim")
        await reply(self.desk.client, self.desk.project, self.ids["verified"], "an answer for the victim")
        bare.distinct_id = VICTIM
        self.ids["before sign-in"] = await bare.opened("a secret from before")
        self.ids["by the team"] = (await self.desk.open(distinct_id=VICTIM, message="the team's secret"))[
            "id"
        ]
        self.ids["taking part"] = await bare.opened("a shared secret")
        url = f"{self.desk.tickets}{self.ids['taking part']}/participants/"
        assert (await self.desk.client.post(url, json={"distinct_id": VICTIM})).status_code == 201

    async def stored(self) -> dict[str, Any]:
        kept = ("distinct_id", "identity_verified", "unread_customer_count", "message_count", "status")
        found = {name: await self.desk.ticket(id) for name, id in self.ids.items()}
        return {name: {key: one[key] for key in kept} for name, one in found.items()}


@pytest_asyncio.fixture
async def stage(anonymous: httpx.AsyncClient, alice, project: TestProject) -> Stage:
    victim, mallory = (Browser(anonymous, project, identity=name) for name in (VICTIM, MALLORY))
    made = Stage(Desk(alice, project), victim, mallory)
    await made.set_up(Browser(anonymous, project))
    return made


async def listing(stage: Stage, id: str) -> bool:
    found = (await stage.mallory.tickets()).json()
    return id in [ticket["id"] for ticket in found["results"]] or found["count"] != 0


async def reading(stage: Stage, id: str) -> bool:
    answer = await stage.mallory.thread(id)
    return answer.status_code != 403 or "secret" in answer.text


async def sending(stage: Stage, id: str) -> bool:
    return (await stage.mallory.send("mine now", ticket_id=id)).status_code != 403


async def marking_read(stage: Stage, id: str) -> bool:
    return (await stage.mallory.read(id)).status_code != 403


@pytest.mark.parametrize("route", [listing, reading, sending, marking_read])
@pytest.mark.parametrize("way", LINKS)
async def test_no_link_of_capture_opens_a_conversation(stage: Stage, anonymous, project, way: str, route):
    await capture(anonymous, project, LINKS[way])
    before = await stage.stored()
    assert {name: await route(stage, id) for name, id in stage.ids.items()} == dict.fromkeys(stage.ids, False)
    assert await stage.stored() == before
    assert await stage.victim.texts(stage.ids["verified"]) == [
        "a secret of the victim",
        "an answer for the victim",
    ]
    reached = {stage.ids[name] for name in ("verified", "by the team", "taking part")}
    assert set(await stage.victim.ticket_ids()) == reached


@pytest.mark.parametrize("path", PATHS)
async def test_nor_by_any_path_of_capture(stage: Stage, anonymous, project, path: str):
    await capture(anonymous, project, LINKS["merged by force"], path)
    persons = (
        await stage.desk.client.get(f"/api/projects/{project.id}/persons/?distinct_id={VICTIM}")
    ).json()
    assert set(persons["results"][0]["distinct_ids"]) == {VICTIM, MALLORY}  # the link is there
    assert await stage.mallory.ticket_ids() == []
    assert await reading(stage, stage.ids["verified"]) is False


@pytest.mark.parametrize("way", LINKS)
async def test_what_the_team_opens_for_an_address_is_for_who_is_signed_as_it(
    stage: Stage, anonymous, project, way: str
):
    await capture(anonymous, project, LINKS[way])
    opened = await stage.desk.open(distinct_id=None, email=ADDRESS, message="for this address")
    assert opened["identity_verified"] is None
    assert await reading(stage, opened["id"]) is False and not await listing(stage, opened["id"])
    assert await stage.victim.texts(opened["id"]) == ["for this address"]
    assert opened["id"] in await stage.victim.ticket_ids()


@pytest.mark.parametrize("way", LINKS)
async def test_a_link_does_not_keep_the_team_from_inviting_somebody(
    stage: Stage, anonymous, project, way: str
):
    """Who is the requester is what the ticket says, not what capture says of them."""
    own = await stage.mallory.opened("mine")
    await capture(anonymous, project, LINKS[way])
    url = f"{stage.desk.tickets}{own}/participants/"
    assert (await stage.desk.client.post(url, json={"distinct_id": VICTIM})).status_code == 201
    assert await stage.victim.texts(own) == ["mine"]


NAMES = st.sampled_from([MALLORY, VICTIM, "third", "fourth"])
EVENTS = st.one_of(
    st.builds(lambda a, b: linked("$merge_dangerously", a, alias=b), NAMES, NAMES),
    st.builds(lambda a, b: linked("$create_alias", a, alias=b), NAMES, NAMES),
    st.builds(lambda a, b: linked("$identify", a, **{"$anon_distinct_id": b}), NAMES, NAMES),
    st.builds(lambda a, e: linked("$identify", a, **{"$set": {"email": e}}), NAMES, NAMES),
    st.builds(lambda a, e: linked("seen", a, **{"$set_once": {"email": e}}), NAMES, NAMES),
)


async def test_random_links_never_change_what_anybody_sees(stage: Stage, anonymous, project):
    """One stage for all examples, so that the links pile up."""
    own = await stage.mallory.opened("mallory's own")
    before = await stage.stored()
    seen = {who: (await who.tickets()).json() for who in (stage.victim, stage.mallory)}
    assert seen[stage.mallory]["count"] == 1 and seen[stage.victim]["count"] == 3
    batches: list[list[Any]] = []

    @settings(
        max_examples=examples(10), deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.lists(EVENTS, min_size=1, max_size=5))
    def collect(events: list[Any]) -> None:
        batches.append(events)

    collect()
    for events in batches:
        await capture(anonymous, project, events, "/batch/")
        for who, was in seen.items():
            assert (await who.tickets()).json() == was, events
        for id in stage.ids.values():
            assert (await stage.mallory.thread(id)).status_code == 403, events
        assert (await stage.victim.thread(own)).status_code == 403, events
    assert await stage.stored() == before
    assert await capture_was_heard(stage, project)


async def capture_was_heard(stage: Stage, project: TestProject) -> bool:
    found = (await stage.desk.client.get(f"/api/projects/{project.id}/persons/")).json()
    return any(len(person["distinct_ids"]) > 1 for person in found["results"])
