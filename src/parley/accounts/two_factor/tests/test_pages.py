"""Two-factor sign-in on pages."""

from datetime import timedelta

from parley.accounts.two_factor.tests.conftest import Phone
from tests.cast import PASSWORD, Cast
from tests.plain_browser import PlainBrowser, window_of


async def test_somebody_sets_it_up_signs_in_with_it_and_turns_it_off(phone: Phone):
    window = await (await window_of(phone.cast, phone.member)).open("/settings/security")
    await window.press("Set it up")
    phone.secret = window.page.one(id="secret").text
    assert "<title>QR code</title>" in window.answer.text
    await window.press("Turn it on", token="000000")
    assert window.status == 422 and window.page.one(id="secret").text == phone.secret
    await window.press("Turn it on", token=phone.code())
    codes = [one.text for one in window.page.one(id="codes").all("li")]
    assert len(codes) == 10
    await window.open("/settings/security")
    assert codes[0] not in window.page.text and "10 of 10" in window.page.text

    phone.clock.advance(timedelta(seconds=30))
    entering = await PlainBrowser(phone.cast.client()).open("/settings/account")
    await entering.press("Sign in", email=phone.member.email, password=PASSWORD)
    assert entering.path == "/login/two-factor?next=/settings/account"
    await entering.press("Sign in", token="000000")
    assert (entering.status, entering.page.one(role="alert").text[:18]) == (422, "This code is wrong")
    await entering.press("Sign in", token=phone.code())
    assert (entering.status, entering.path) == (200, "/settings/account")

    await window.press("Turn it off")
    assert "Two-factor sign-in is off." in window.page.text


async def test_a_sign_in_that_took_too_long_starts_again(phone: Phone):
    await phone.enroll()
    entering = await PlainBrowser(phone.cast.client()).open("/login")
    await entering.press("Sign in", email=phone.member.email, password=PASSWORD)
    phone.clock.advance(timedelta(minutes=11))
    await entering.press("Sign in", token=phone.code())
    assert "Please sign in again" in entering.page.one(role="alert").text
    await entering.follow("Sign in again")
    assert entering.path == "/login"
    assert (await PlainBrowser(phone.cast.client()).open("/login/two-factor")).path == "/login"


async def test_a_code_confirms_who_somebody_is_on_the_page(phone: Phone):
    await phone.enroll()
    window = await (await window_of(phone.cast, phone.member)).open("/settings/security")
    phone.clock.advance(timedelta(hours=3))
    await window.press("Turn it off")
    assert window.path == "/login/confirm?next=/settings/security"
    await window.press("Confirm", password=phone.code())
    await window.press("Turn it off")
    assert "Two-factor sign-in is off." in window.page.text


async def test_who_joins_with_an_account_that_has_it_is_asked_too(phone: Phone):
    await phone.enroll()
    phone.clock.advance(timedelta(seconds=30))
    mallory = await phone.cast.sign_in(phone.cast.mallory)
    body = {"target_email": phone.member.email}
    invite = (await mallory.post("/api/organizations/@current/invites/", json=body)).json()
    window = await PlainBrowser(phone.cast.client()).open(
        f"/signup/{invite['invite_link'].rpartition('/')[2]}"
    )
    await window.press("Join", password=PASSWORD)
    assert window.path.startswith("/login/two-factor")
    await window.press("Sign in", token=phone.code())
    assert window.path == "/inbox"


async def test_an_owner_without_two_factor_is_told_that_recovery_codes_are_needed_and_makes_them(cast: Cast):
    window = await (await window_of(cast, cast.alice)).open("/settings/security")
    assert "You have no recovery codes. As an owner you need them" in window.page.one(role="note").text
    await window.press("Make 10 recovery codes")
    assert "single sign-on is broken" in window.page.one(role="status").text, "it isn't for an authenticator"
    assert len(window.page.one(id="codes").all("li")) == 10
    await window.open("/settings/security")
    assert "10 of 10 are left." in window.page.text and not window.page.all(role="note")
    other = await (await window_of(cast, cast.bob)).open("/settings/security")
    assert "recovery codes" not in other.page.text.lower(), (
        "they are of no use to a member without two-factor"
    )
