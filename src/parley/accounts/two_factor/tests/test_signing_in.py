"""Signing in with a second factor."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from parley.accounts.sessions.tables import session
from parley.accounts.two_factor.tables import recovery_code, totp
from parley.accounts.two_factor.tests.conftest import ME, Phone, send_code
from tests.cast import PASSWORD, Cast


async def test_a_code_is_wanted_after_the_password_and_then_somebody_is_signed_in(phone: Phone):
    await phone.enroll()
    phone.clock.advance(timedelta(seconds=30))
    browser = await phone.prove_password()
    assert "parley_session" not in browser.cookies
    assert (await browser.get(f"{ME}/")).status_code == 401
    assert await send_code(browser, phone.code()) == (200, "")
    me = (await browser.get(f"{ME}/")).json()
    assert (me["email"], me["is_2fa_enabled"]) == (phone.member.email, True)
    async with phone.cast.services.database.transaction(write=False) as db:
        methods = (await db.execute(select(session.c.method))).scalars().all()
    assert "totp" in methods


async def test_a_code_counts_once_also_for_two_browsers_at_once(phone: Phone):
    await phone.enroll()
    first = await phone.prove_password()
    assert await send_code(first, phone.code()) == (400, "2fa_invalid")  # it has turned two-factor on
    phone.clock.advance(timedelta(seconds=30))
    browsers = [first, await phone.prove_password()]
    found = await asyncio.gather(*(send_code(one, phone.code()) for one in browsers))
    assert sorted(found) == [(200, ""), (400, "2fa_invalid")]


async def test_a_recovery_code_signs_in_once_and_its_owner_is_told(phone: Phone):
    await phone.enroll()
    assert len(phone.recovery_codes) == 10
    written = phone.recovery_codes[3].replace("-", " ").upper()
    assert await send_code(await phone.prove_password(), written) == (200, "")
    assert await send_code(await phone.prove_password(), written) == (400, "2fa_invalid")
    browser = await phone.cast.sign_in(phone.member)
    status = (await browser.get(f"{ME}/two_factor_status/")).json()
    assert status == {"is_enabled": True, "method": "TOTP", "backup_codes": [], "backup_codes_left": 9}


async def test_new_recovery_codes_make_the_old_ones_void(phone: Phone):
    await phone.enroll()
    browser = await phone.cast.sign_in(phone.member)
    fresh = (await browser.post(f"{ME}/two_factor_backup_codes/")).json()["backup_codes"]
    assert await send_code(await phone.prove_password(), phone.recovery_codes[0]) == (400, "2fa_invalid")
    assert await send_code(await phone.prove_password(), fresh[0]) == (200, "")


async def test_of_recovery_codes_that_are_made_at_once_the_last_ones_count_alone(phone: Phone):
    await phone.enroll()
    browser = await phone.cast.sign_in(phone.member)
    await asyncio.gather(*(browser.post(f"{ME}/two_factor_backup_codes/") for _ in range(8)))
    assert (await browser.get(f"{ME}/two_factor_status/")).json()["backup_codes_left"] == 10


async def test_a_step_belongs_to_its_browser_and_ends_after_ten_minutes_or_five_tries(phone: Phone):
    await phone.enroll()
    phone.clock.advance(timedelta(seconds=30))
    assert await send_code(phone.cast.client(), phone.code()) == (400, "2fa_expired")
    browser = await phone.prove_password()
    phone.clock.advance(timedelta(minutes=10))
    assert await send_code(browser, phone.code()) == (400, "2fa_expired")
    browser = await phone.prove_password()
    for _ in range(5):
        assert await send_code(browser, "000000") == (400, "2fa_invalid")
    assert await send_code(browser, phone.code()) == (400, "2fa_expired")


async def test_a_step_is_over_when_the_clock_is_set_back(phone: Phone):
    await phone.enroll()
    phone.clock.advance(timedelta(hours=1))
    browser = await phone.prove_password()
    phone.clock.advance(-timedelta(minutes=30))
    assert await send_code(browser, phone.code()) == (400, "2fa_expired")


async def test_who_knows_the_password_can_not_go_on_guessing_by_starting_again(phone: Phone):
    await phone.enroll()
    phone.clock.advance(timedelta(seconds=30))
    for _ in range(2):
        browser = await phone.prove_password()
        for _ in range(5):
            assert (await send_code(browser, "000000"))[0] == 400
    assert await send_code(await phone.prove_password(), phone.code()) == (429, "throttled")


async def test_a_step_is_worth_nothing_once_the_password_has_changed(phone: Phone):
    await phone.enroll()
    phone.clock.advance(timedelta(seconds=30))
    browser = await phone.prove_password()
    owner = await phone.cast.sign_in(phone.member)
    change = {"current_password": PASSWORD, "password": "quite another passphrase"}
    assert (await owner.patch(f"{ME}/", json=change)).status_code == 200
    assert await send_code(browser, phone.code()) == (400, "2fa_expired")


async def test_secrets_and_codes_are_not_stored_as_they_are(phone: Phone):
    await phone.enroll()
    async with phone.cast.services.database.transaction(write=False) as db:
        rows = [*(await db.execute(select(totp))), *(await db.execute(select(recovery_code)))]
    stored = "".join(map(str, rows))
    assert phone.secret not in stored
    assert not any(one in stored or one.replace("-", "") in stored for one in phone.recovery_codes)


async def test_before_the_password_is_right_nothing_tells_of_a_second_factor(phone: Phone, statements):
    await phone.enroll()
    answers = []
    for email in (phone.member.email, phone.cast.bob.email, "nobody@example.com"):
        with statements() as sent:
            answer = await phone.cast.client().post("/api/login/", json={"email": email, "password": "wrong"})
        answers.append((answer.status_code, answer.text, list(sent), sorted(answer.headers)))
    assert answers[0] == answers[1] == answers[2]


async def test_setting_up_needs_the_right_code_soon_and_turning_off_forgets_all(phone: Phone):
    browser = await phone.cast.sign_in(phone.member)
    phone.secret = (await browser.get(f"{ME}/two_factor_start_setup/")).json()["secret"]
    refused = await browser.post(f"{ME}/two_factor_validate/", json={"token": "000000"})
    assert (refused.status_code, refused.json()["code"]) == (400, "token_invalid")
    phone.clock.advance(timedelta(minutes=10))
    late = await browser.post(f"{ME}/two_factor_validate/", json={"token": phone.code()})
    assert (late.status_code, late.json()["code"]) == (400, "setup_expired")
    await phone.enroll()
    again = await browser.get(f"{ME}/two_factor_start_setup/")
    assert (again.status_code, again.json()["code"]) == (400, "2fa_already_enabled")
    assert (await browser.post(f"{ME}/two_factor_disable/")).json() == {"success": True}
    signed_in = await phone.cast.client().post(
        "/api/login/", json={"email": phone.member.email, "password": PASSWORD}
    )
    assert signed_in.status_code == 200


async def test_keys_change_nothing_of_it_and_old_sessions_confirm_first(cast: Cast, phone: Phone):
    paths = ("two_factor_validate", "two_factor_backup_codes", "two_factor_disable")
    for path in paths:
        assert (await cast.alice.client.post(f"{ME}/{path}/", json={"token": "1"})).status_code == 403
    browser = await cast.sign_in(cast.alice)
    phone.clock.advance(timedelta(hours=3))
    for path in paths:
        answer = await browser.post(f"{ME}/{path}/", json={"token": "1"})
        assert answer.json()["code"] == "sensitive_action_required_reauth"


async def test_a_code_confirms_who_somebody_is(phone: Phone):
    await phone.enroll()
    browser = await phone.cast.sign_in(phone.member)
    phone.clock.advance(timedelta(hours=3))
    assert (await browser.post(f"{ME}/reauthenticate/", json={"token": phone.code()})).status_code == 200
    assert (await browser.post(f"{ME}/two_factor_disable/")).status_code == 200


async def test_members_without_it_and_without_ownership_make_no_recovery_codes(cast: Cast):
    bob, alice = await cast.sign_in(cast.bob), await cast.sign_in(cast.alice)
    refused = await bob.post(f"{ME}/two_factor_backup_codes/")
    assert (refused.status_code, refused.json()["code"]) == (400, "2fa_not_enabled")
    assert len((await alice.post(f"{ME}/two_factor_backup_codes/")).json()["backup_codes"]) == 10
