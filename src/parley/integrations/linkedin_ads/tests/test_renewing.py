"""Tokens are renewed at half of their life, by one at a time; a failure is told once."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import parse_qs

from sqlalchemy import select, update

from parley.integrations.connections.actions.renewing import LEASE, renewed
from parley.integrations.connections.jobs import renew_tokens
from parley.integrations.connections.queries.connected import connected
from parley.integrations.connections.tables import integration
from parley.integrations.linkedin_ads.tests.test_reading import ACCOUNTS, read
from parley.kernel.errors import Unavailable
from parley.kernel.jobs import Event, registry
from tests.receiver import answers

TOKENS = "/oauth/v2/accessToken"
HALF = timedelta(days=30, seconds=1)


def n_refreshed(world):
    bodies = [parse_qs(one.body.decode()) for one in world.fake.received if one.path == TOKENS]
    return sum(body["grant_type"] == ["refresh_token"] for body in bodies)


async def shown(world, id):
    return (await world.cast.alice.client.get(f"{world.path(world.cast.alice)}{id}")).json()


async def held(world, id):
    async with world.services.database.transaction(write=False) as db:
        return await connected(db, world.services.vault, world.cast.alice.project_id, id, "linkedin-ads")


async def run_due(world):
    """Do what is due in the background."""
    async with world.services.database.transaction() as db:
        await renew_tokens(db, world.services)
    await world.queue.drain()


async def test_a_token_is_renewed_at_half_of_its_life_and_not_before(world, clock):
    id = await world.connect()
    before = await held(world, id)
    clock.advance(timedelta(days=29))
    await run_due(world)
    assert n_refreshed(world) == 0
    clock.advance(timedelta(days=1, seconds=1))
    await run_due(world)
    after = await held(world, id)
    assert n_refreshed(world) == 1 and after.secrets["access_token"] != before.secrets["access_token"]
    assert after.secrets["id_token"] == before.secrets["id_token"]
    assert after.config["refreshed_at"] > before.config["refreshed_at"]
    await run_due(world)
    assert n_refreshed(world) == 1


async def test_whoever_needs_it_renews_it_when_it_is_due(world, clock):
    id = await world.connect()
    clock.advance(HALF)
    answers_ = await asyncio.gather(*(read(world, id) for _ in range(4)))
    assert [one.status_code for one in answers_] == [200] * 4 and n_refreshed(world) == 1


async def test_a_failure_is_on_the_row_and_told_once_and_a_success_clears_it(world, clock, sent_mail):
    id = await world.connect()
    clock.advance(HALF)
    kept, world.fake.refresh_tokens = world.fake.refresh_tokens, set()
    for _ in range(3):
        await run_due(world)
        clock.advance(timedelta(hours=2))
    assert (await shown(world, id))["errors"] == "TOKEN_REFRESH_FAILED" and n_refreshed(world) == 3
    [mail] = sent_mail
    assert mail["to"] == world.cast.alice.email and "lea@example.com" in mail["subject"]
    assert "/settings/integrations" in mail.get_content()
    world.fake.refresh_tokens = kept
    await run_due(world)
    assert (await shown(world, id))["errors"] == "" and len(sent_mail) == 1
    assert (await read(world, id)).status_code == 200


async def test_while_it_has_failed_nobody_is_asked_and_the_sentence_says_what_to_do(world, clock):
    id = await world.connect()
    clock.advance(HALF)
    world.fake.refresh_tokens = set()
    for _ in range(2):
        answer = await read(world, id)
        assert answer.status_code == 400
        assert answer.json()["detail"].startswith(
            "This integration's authentication token could not be refreshed."
        )
    assert n_refreshed(world) == 1
    assert await world.connect() == id  # connecting again
    assert (await shown(world, id))["errors"] == "" and (await read(world, id)).status_code == 200


async def test_a_silent_service_fails_nothing_while_the_token_is_good(world, clock):
    id = await world.connect()
    clock.advance(HALF)
    world.fake.instead[TOKENS] = answers(503)
    assert (await read(world, id)).status_code == 200
    assert (await read(world, id)).status_code == 200 and n_refreshed(world) == 1
    assert (await shown(world, id))["errors"] == ""
    clock.advance(timedelta(days=31))
    assert "could not be refreshed" in (await read(world, id)).text
    assert (await shown(world, id))["errors"] == "TOKEN_REFRESH_FAILED"


async def test_a_token_that_is_rejected_is_renewed_at_once(world):
    id = await world.connect()
    world.fake.good_tokens.clear()
    assert (await read(world, id)).status_code == 200 and n_refreshed(world) == 1
    world.fake.good_tokens.clear()
    world.fake.refresh_tokens.clear()
    answer = await read(world, id)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("This integration's authentication is no longer valid.")
    assert (await shown(world, id))["errors"] == "TOKEN_REFRESH_FAILED"


async def test_a_token_that_is_always_rejected_is_not_renewed_for_ever(world, sent_mail):
    id = await world.connect()
    world.fake.instead[ACCOUNTS] = answers(401)
    answers_ = [await read(world, id) for _ in range(3)]
    assert [one.status_code for one in answers_] == [400] * 3 and n_refreshed(world) == 1
    await world.queue.drain()
    assert len(sent_mail) == 1


async def test_a_new_refresh_token_takes_the_place_of_the_old_one(world, clock):
    world.fake.rotates = True
    id = await world.connect()
    first = await held(world, id)
    for _ in range(2):
        clock.advance(HALF)
        await run_due(world)
    assert (await held(world, id)).secrets["refresh_token"] in world.fake.refresh_tokens
    assert first.secrets["refresh_token"] not in world.fake.refresh_tokens and n_refreshed(world) == 2


async def test_a_kill_while_it_is_renewed_keeps_others_out_for_a_minute_and_then_it_goes_on(world, clock):
    id = await world.connect()
    now = clock.freeze() + HALF
    clock.freeze(now)
    async with world.services.database.transaction() as db:  # as a process that was killed has left it
        mine = integration.c.project_id == world.cast.alice.project_id
        await db.execute(update(integration).where(mine).values(refreshing_until=now + LEASE))
    assert (await read(world, id)).status_code == 200 and n_refreshed(world) == 0
    clock.advance(LEASE + timedelta(seconds=1))
    assert (await read(world, id)).status_code == 200 and n_refreshed(world) == 1


async def test_two_processes_renew_it_once(world, clock):
    id = await world.connect()
    one = await held(world, id)
    clock.advance(HALF)
    world.services.flights, before = type(world.services.flights)(), world.services.flights
    first = renewed(world.services, one)
    task = asyncio.ensure_future(first)
    await asyncio.sleep(0)
    world.services.flights = before  # another process knows nothing of what goes on here
    found = await asyncio.gather(task, renewed(world.services, one))
    assert n_refreshed(world) == 1
    assert {one.id for one in found} == {id}
    assert (await held(world, id)).secrets["access_token"] in {one.secrets["access_token"] for one in found}


async def test_what_came_too_late_does_not_undo_a_new_connection(world, clock):
    id = await world.connect()
    one = await held(world, id)
    clock.advance(HALF)
    await world.connect()
    newer = await held(world, id)
    assert (await renewed(world.services, one)).secrets == newer.secrets
    assert await held(world, id) == newer


async def test_what_was_reckoned_under_a_wrong_clock_is_due_now(world, clock):
    clock.advance(timedelta(days=400))
    id = await world.connect()
    clock.reset()
    event = Event(0, world.cast.alice.user_uuid, "clock.set_back", {"at": clock.now().isoformat()}, 0)
    for handler in registry.handlers["clock.set_back"]:
        if handler.name == "connections.jobs.renew_what_was_put_off":
            async with world.services.database.transaction() as db:
                await handler.function(db, world.services, event)
    async with world.services.database.transaction(write=False) as db:
        mine = integration.c.id == id
        due = (await db.execute(select(integration.c.next_refresh_at).where(mine))).scalar_one()
    assert due <= clock.now()


async def test_who_has_left_is_not_mailed_but_the_admins_are(world, clock, sent_mail):
    from parley.accounts.memberships.tables import membership

    await world.connect()
    clock.advance(HALF)
    world.fake.refresh_tokens = set()
    async with world.services.database.transaction() as db:
        carol = await world.cast.make_member(db, world.cast.project, level=8, name="carol")
        gone = membership.delete().where(membership.c.user_id == world.cast.alice.user_id)
        await db.execute(gone)
    await run_due(world)
    assert [mail["to"] for mail in sent_mail] == [carol.email]


class AwayDatabase:
    """A database that can't be reached for some transactions, as one that is started again."""

    def __init__(self, database, n_failures):
        self._database, self.n_left = database, n_failures

    def __getattr__(self, name):
        return getattr(self._database, name)

    @asynccontextmanager
    async def transaction(self, *, write=True):
        if self.n_left:
            self.n_left -= 1
            raise Unavailable
        async with self._database.transaction(write=write) as db:
            yield db


async def test_new_tokens_outlive_a_database_that_is_away_when_they_come(world, clock):
    world.fake.rotates = True
    id = await world.connect()
    clock.advance(HALF)
    one, plain = await held(world, id), world.services.database

    async def while_it_goes(writer, request):
        world.services.database = AwayDatabase(plain, 2)
        del world.fake.instead[TOKENS]
        await world.fake.respond(writer, request)

    world.fake.instead[TOKENS] = while_it_goes
    try:
        found = await renewed(world.services, one)
    finally:
        world.services.database = plain
    assert found.secrets["refresh_token"] in world.fake.refresh_tokens
    assert (await held(world, id)).secrets == found.secrets and (await shown(world, id))["errors"] == ""


async def test_what_no_database_can_store_of_an_answer_costs_no_token(world, clock):
    world.fake.rotates = True
    id = await world.connect()
    clock.advance(HALF)
    plain = world.fake.new_tokens
    world.fake.new_tokens = lambda *given: {
        **plain(*given), "scope": "r_ads\0", "refresh_token_expires_in": 10**400,
    }  # fmt: skip
    found = await renewed(world.services, await held(world, id))
    assert found.secrets["refresh_token"] in world.fake.refresh_tokens
    assert found.config["scope"] == "r_ads" and (await shown(world, id))["errors"] == ""


async def test_a_name_that_no_database_can_store_is_repaired(world):
    world.fake.email = "lea\0@example.com"
    id = await world.connect()
    assert (await shown(world, id))["config"]["email"] == "lea\ufffd@example.com"
