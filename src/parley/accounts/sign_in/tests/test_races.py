"""A password that is changed while somebody signs in with the old one."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from parley.accounts.password_reset.actions import change_password
from parley.accounts.passwords.hashing import NO_PASSWORD, is_right_password
from parley.accounts.sessions.tables import session
from parley.accounts.sign_in import actions, second_step
from parley.accounts.two_factor.tests.conftest import Phone, phone, send_code  # noqa: F401
from parley.kernel.database.transaction import Db
from tests.cast import PASSWORD, Cast


async def n_sessions(cast: Cast) -> int:
    async with cast.services.database.transaction(write=False) as db:
        mine = select(func.count()).where(session.c.user_id == cast.alice.user_id)
        count: int = (await db.execute(mine)).scalar_one()
        return count


async def end_password(cast: Cast) -> None:
    async with cast.services.database.transaction() as db:
        await change_password(db, cast.services, cast.alice.user_id, NO_PASSWORD)


async def test_a_password_that_is_changed_while_it_is_checked_opens_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
):
    check: Callable[..., Awaitable[bool]] = is_right_password

    async def changed_meanwhile(*given: str, **more: str) -> bool:
        is_right = await check(*given, **more)
        await end_password(cast)
        return is_right

    monkeypatch.setattr(actions, "is_right_password", changed_meanwhile)
    body = {"email": cast.alice.email, "password": PASSWORD}
    answer = await cast.client().post("/api/login/", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_credentials")
    assert await n_sessions(cast) == 0


async def test_the_hash_of_an_old_password_is_never_stored_again(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    async def hashed_meanwhile(password: str, *, address: str) -> str:
        await end_password(cast)
        return "a newer hash of the old password"

    monkeypatch.setattr(actions, "needs_rehash", lambda *_: True)
    monkeypatch.setattr(actions, "hash_password", hashed_meanwhile)
    body = {"email": cast.alice.email, "password": PASSWORD}
    assert (await cast.client().post("/api/login/", json=body)).status_code == 400
    assert await n_sessions(cast) == 0


async def test_a_code_that_is_taken_while_the_password_changes_opens_nothing_that_lasts(
    cast: Cast,
    phone: Phone,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
):
    """Both run at the same time: on PostgreSQL neither sees what the other hasn't committed."""
    await phone.enroll()
    phone.clock.advance(timedelta(seconds=60))
    browser = await phone.prove_password()
    changing: list[asyncio.Task[None]] = []

    async def slow(db: Db, *given: object, **more: object) -> object:
        opened = await actions.finish_sign_in(db, *given, **more)  # type: ignore[arg-type]
        changing.append(asyncio.create_task(end_password(cast)))
        await asyncio.sleep(0.3)
        return opened

    monkeypatch.setattr(second_step, "finish_sign_in", slow)
    await send_code(browser, phone.code())
    await asyncio.gather(*changing)
    assert await n_sessions(cast) == 0
