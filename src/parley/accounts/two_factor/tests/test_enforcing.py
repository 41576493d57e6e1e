"""An organization may want everybody to have a second factor."""

from datetime import timedelta

from parley.accounts.two_factor.tests.conftest import ME, Phone
from tests.cast import PASSWORD, Cast
from tests.plain_browser import PlainBrowser, window_of

ORGANIZATION = "/api/organizations/@current/"
CODE = "two_factor_setup_required"


async def enforce(cast: Cast) -> None:
    answer = await cast.alice.client.patch(ORGANIZATION, json={"enforce_2fa": True})
    assert answer.json()["enforce_2fa"] is True


async def test_who_has_none_gets_at_nothing_but_setting_it_up(cast: Cast, phone: Phone):
    session = await cast.sign_in(cast.alice)
    await enforce(cast)
    for path in (ORGANIZATION, "/api/projects/@current/", "/api/projects/@current/conversations/tickets/"):
        assert (await session.get(path)).json()["code"] == CODE
    assert (await session.post("/api/personal_api_keys/", json={"label": "a", "scopes": ["*"]})).json()[
        "code"
    ] == CODE
    assert (await session.get(f"{ME}/")).status_code == 200
    await phone.enroll()
    assert (await session.get(ORGANIZATION)).status_code == 200
    assert (await cast.bob.client.get(ORGANIZATION)).status_code == 200  # a key


async def test_pages_lead_to_setting_it_up(cast: Cast, phone: Phone):
    await enforce(cast)
    window = await PlainBrowser(cast.client()).open("/settings/account")
    await window.press("Sign in", email=cast.alice.email, password=PASSWORD)
    assert window.path == "/settings/security?notice=required"
    await window.press("Set it up")
    phone.secret = window.page.one(id="secret").text
    await window.press("Turn it on", token=phone.code())
    await window.open("/settings/account")
    assert window.path == "/settings/account"


async def test_others_organizations_ask_nothing(cast: Cast):
    await enforce(cast)
    mallory = await cast.sign_in(cast.mallory)
    assert (await mallory.get(ORGANIZATION)).status_code == 200


async def test_it_is_set_by_admins_who_have_proved_lately_who_they_are(cast: Cast, clock):
    refused = await (await cast.sign_in(cast.bob)).patch(ORGANIZATION, json={"enforce_2fa": True})
    assert refused.status_code == 403
    owner, window = await cast.sign_in(cast.alice), await window_of(cast, cast.alice)
    await window.open("/settings/organization")
    clock.advance(timedelta(hours=3))
    late = await owner.patch(ORGANIZATION, json={"enforce_2fa": True})
    assert late.json()["code"] == "sensitive_action_required_reauth"
    assert (await owner.patch(ORGANIZATION, json={"name": "Shop"})).status_code == 200
    await window.press("Save", enforce_2fa="on")
    assert window.path == "/login/confirm?next=/settings/organization"
