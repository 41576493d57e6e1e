"""Floods of registrations, and the removal of what has expired."""

from datetime import timedelta

from sqlalchemy import func, select

from parley.accounts.oauth_server.jobs import forget_expired_oauth
from parley.accounts.oauth_server.queries.applications import application_by_id
from parley.accounts.oauth_server.tables import oauth_token
from parley.accounts.oauth_server.tests.programs import calls, connect, program_of, register
from tests.cast import Cast
from tests.limited import client_at, limited_app


async def test_a_flood_of_registrations_is_limited_for_each_address_and_for_all(settings):
    async with limited_app(settings) as app:
        statuses = []
        async with client_at(app, "203.0.113.7") as client:
            statuses = [(await register(client)).status_code for _ in range(31)]
        assert statuses[:30] == [201] * 30 and statuses[30] == 429
        for place in range(10, 20):
            async with client_at(app, f"198.51.{place}.7") as client:
                statuses += [(await register(client)).status_code for _ in range(30)]
        assert statuses.count(201) == 300


async def forget(services) -> None:
    async with services.database.transaction() as db:
        await forget_expired_oauth(db, services)


async def test_what_is_over_is_forgotten_and_what_is_used_stays(cast: Cast, bob, services, clock):
    unused, let_in = await program_of(cast.client()), await connect(cast, bob)
    clock.advance(timedelta(days=2, seconds=1))
    await forget(services)
    await forget(services)
    async with services.database.transaction(write=False) as db:
        assert await application_by_id(db, unused.client_id) is None
        assert await application_by_id(db, let_in.program.client_id) is not None
    assert await calls(cast, let_in.access) == 401
    fresh = await let_in.program.refresh(let_in.refresh_token)
    assert fresh.status_code == 200
    # A thief who tries the spent token later than that is still noticed.
    await forget(services)
    assert (await let_in.program.refresh(let_in.refresh_token)).json()["error"] == "invalid_grant"
    assert (await let_in.program.refresh(fresh.json()["refresh_token"])).json()["error"] == "invalid_grant"


async def test_after_months_nothing_is_left(cast: Cast, bob, services, clock):
    let_in = await connect(cast, bob)
    clock.advance(timedelta(days=91))
    await forget(services)
    async with services.database.transaction(write=False) as db:
        assert await application_by_id(db, let_in.program.client_id) is None
        left = select(func.count()).where(oauth_token.c.token_hash.is_not(None))
        assert (await db.execute(left.where(oauth_token.c.expires_at <= clock.now()))).scalar_one() == 0
    answer = await let_in.window.client.get(let_in.program.address())
    assert answer.status_code == 400 and "isn't registered here any more" in answer.text.replace("&#39;", "'")
