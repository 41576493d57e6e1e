"""Forgotten passwords."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.cast import PASSWORD

RESET = "/api/reset/"
NEW = "another fine passphrase"


async def link_for(member, anonymous, queue, sent_mail):
    assert (await anonymous.post(RESET, json={"email": member.email.upper()})).status_code == 204
    await queue.drain()
    assert sent_mail[-1]["To"] == member.email
    text = sent_mail[-1].get_body(("plain",)).get_content()
    found = re.search(r"http://parley\.test/reset/([0-9a-f-]{36})/(\w+)", text)
    assert found is not None, text
    return found.group(1), found.group(2)


async def sign_in(cast, member, password):
    body = {"email": member.email, "password": password}
    return (await cast.client().post("/api/login", json=body)).status_code


async def test_the_link_sets_a_new_password_and_ends_all_sessions(cast, alice, anonymous, queue, sent_mail):
    session = await cast.sign_in(alice)
    user, token = await link_for(alice, anonymous, queue, sent_mail)
    assert user == str(alice.user_uuid)
    answer = await anonymous.post(f"{RESET}{user}/", json={"token": token, "password": NEW})
    assert (answer.status_code, answer.json()) == (200, {"success": True, "email": alice.email})
    assert (await session.get("/api/users/@me/")).status_code == 401
    assert [await sign_in(cast, alice, one) for one in (PASSWORD, NEW)] == [400, 200]


async def test_a_link_works_once(alice, anonymous, queue, sent_mail):
    user, token = await link_for(alice, anonymous, queue, sent_mail)
    body = {"token": token, "password": NEW}
    assert (await anonymous.post(f"{RESET}{user}/", json=body)).status_code == 200
    again = await anonymous.post(f"{RESET}{user}/", json=body)
    assert (again.status_code, again.json()["code"], again.json()["attr"]) == (400, "invalid_token", "token")


async def test_a_link_works_for_an_hour(alice, anonymous, queue, sent_mail, clock):
    user, token = await link_for(alice, anonymous, queue, sent_mail)
    clock.advance(timedelta(minutes=61))
    late = await anonymous.post(f"{RESET}{user}/", json={"token": token, "password": NEW})
    assert (late.status_code, late.json()["code"]) == (400, "invalid_token")


async def test_a_link_does_not_work_for_longer_because_the_clock_was_set_back(
    alice, anonymous, queue, sent_mail, clock
):
    user, token = await link_for(alice, anonymous, queue, sent_mail)
    clock.advance(-timedelta(days=1))
    answer = await anonymous.post(f"{RESET}{user}/", json={"token": token, "password": NEW})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_token")


async def test_a_new_password_kills_the_other_links(alice, anonymous, queue, sent_mail):
    first = await link_for(alice, anonymous, queue, sent_mail)
    second = await link_for(alice, anonymous, queue, sent_mail)
    for (user, token), status in ((second, 200), (first, 400)):
        body = {"token": token, "password": NEW}
        assert (await anonymous.post(f"{RESET}{user}/", json=body)).status_code == status


async def test_a_weak_password_is_refused_and_the_link_stays_good(alice, anonymous, queue, sent_mail):
    user, token = await link_for(alice, anonymous, queue, sent_mail)
    for password in ("short", "password1", ""):
        answer = await anonymous.post(f"{RESET}{user}/", json={"token": token, "password": password})
        assert (answer.status_code, answer.json()["attr"]) == (400, "password")
    good = await anonymous.post(f"{RESET}{user}/", json={"token": token, "password": NEW})
    assert good.status_code == 200


async def test_a_token_is_good_for_its_own_user_only(alice, mallory, anonymous, queue, sent_mail, cast):
    _, token = await link_for(mallory, anonymous, queue, sent_mail)
    answer = await anonymous.post(f"{RESET}{alice.user_uuid}/", json={"token": token, "password": NEW})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_token")
    assert await sign_in(cast, alice, PASSWORD) == 200


@pytest.mark.parametrize("user", ["0196f3a0-0000-7000-8000-000000000001", "not-a-uuid", "%00"])
async def test_unknown_users_have_no_links(anonymous, user):
    answer = await anonymous.post(f"{RESET}{user}/", json={"token": "x", "password": NEW})
    assert answer.status_code == 400 and answer.json()["code"] == "invalid_token"


async def test_an_unknown_address_gets_the_same_answer_and_no_mail(anonymous, queue, sent_mail):
    answer = await anonymous.post(RESET, json={"email": "nobody@example.com"})
    assert (answer.status_code, answer.content) == (204, b"")
    await queue.drain()
    assert len(sent_mail) == 0


async def test_the_token_is_only_in_the_mail(alice, anonymous, queue, sent_mail, database):
    from sqlalchemy import select

    from parley.accounts.password_reset.tables import password_reset

    _, token = await link_for(alice, anonymous, queue, sent_mail)
    async with database.transaction(write=False) as db:
        stored = (await db.execute(select(password_reset))).all()
    assert stored and token not in str(stored)


async def test_one_account_gets_at_most_five_mails_an_hour(alice, anonymous, queue, sent_mail):
    for _ in range(8):
        assert (await anonymous.post(RESET, json={"email": alice.email})).status_code == 204
    await queue.drain()
    assert len(sent_mail) == 5


async def test_one_address_can_ask_twenty_times_an_hour(anonymous):
    codes = [(await anonymous.post(RESET, json={"email": f"{n}@example.com"})).status_code for n in range(21)]
    assert codes == [204] * 20 + [429]


async def test_a_bad_body_names_the_field(anonymous):
    assert (await anonymous.post(RESET, json={})).json()["attr"] == "email"
    assert (await anonymous.post(f"{RESET}{uuid4()}/", json={"password": "x"})).json()["attr"] == "token"
