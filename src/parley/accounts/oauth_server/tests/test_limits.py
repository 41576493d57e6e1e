"""Floods of registrations, and the removal of what has expired."""

from datetime import timedelta

from sqlalchemy import func, select

from parley.accounts.oauth_server.actions import registering
from parley.accounts.oauth_server.jobs import forget_expired_oauth
from parley.accounts.oauth_server.queries.applications import application_by_id
from parley.accounts.oauth_server.tables import oauth_token
from parley.accounts.oauth_server.tests.programs import calls, connect, program_of, register
from tests.cast import Cast
from tests.limited import client_at, limited_app


async def registered_from(app, *addresses: str, n: int) -> list[int]:
    """Return the statuses of so many registrations from each address."""
    statuses = []
    for address in addresses:
        async with client_at(app, address) as client:
            statuses += [(await register(client)).status_code for _ in range(n)]
    return statuses


async def test_a_flood_of_registrations_is_limited_for_its_addresses_and_for_nobody_else(settings, app):
    async with limited_app(settings) as limited:
        statuses = await registered_from(limited, "203.0.113.7", n=31)
        assert statuses == [201] * 30 + [429]
        statuses = await registered_from(limited, *(f"203.0.113.{n}" for n in range(10, 20)), n=7)
        assert statuses == [201] * 60 + [429] * 10  # 90 of neighbours together
        assert await registered_from(limited, *(f"198.51.{n}.7" for n in range(10, 14)), n=30) == [201] * 120


async def test_the_oldest_programs_that_nobody_uses_make_room_and_those_in_use_stay(
    cast: Cast, bob, services, clock, monkeypatch
):
    let_in = await connect(cast, bob)
    programs = []
    for _ in range(4):
        programs.append(await program_of(cast.client()))
        clock.advance(timedelta(seconds=1))
    monkeypatch.setattr(registering, "MOST_UNUSED", 3)
    programs.append(await program_of(cast.client()))
    async with services.database.transaction(write=False) as db:
        left = [await application_by_id(db, one.client_id) is not None for one in programs]
        assert await application_by_id(db, let_in.program.client_id) is not None
    assert left == [False, False, True, True, True]


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
