"""Where somebody is signed in, and signing out elsewhere."""

from tests.cast import Cast
from tests.plain_browser import window_of

SESSIONS = "/api/users/@me/sessions/"


async def test_own_sessions_are_listed_with_this_one_first_and_can_be_ended(cast: Cast):
    here, there, bobs = [await cast.sign_in(one) for one in (cast.alice, cast.alice, cast.bob)]
    listed = (await here.get(SESSIONS)).json()
    assert [one["is_current"] for one in listed] == [True, False]
    assert not {"token_hash", "token"} & listed[0].keys()
    assert (await bobs.delete(f"{SESSIONS}{listed[1]['id']}/")).status_code == 404
    assert (await there.get(SESSIONS)).status_code == 200
    assert (await here.delete(f"{SESSIONS}{listed[1]['id']}/")).status_code == 204
    assert (await there.get(SESSIONS)).status_code == 401
    assert (await here.delete(f"{SESSIONS}{listed[1]['id']}/")).status_code == 404


async def test_all_others_are_ended_at_once_and_nobody_elses(cast: Cast):
    here, there, bobs = [await cast.sign_in(one) for one in (cast.alice, cast.alice, cast.bob)]
    assert (await here.post(f"{SESSIONS}end_others/")).json() == {"ended": 1}
    assert [(await one.get(SESSIONS)).status_code for one in (here, there, bobs)] == [200, 401, 200]


async def test_keys_see_and_end_no_sessions(cast: Cast):
    assert (await cast.alice.client.get(SESSIONS)).status_code == 403
    assert (await cast.alice.client.post(f"{SESSIONS}end_others/")).status_code == 403


async def test_the_page_shows_them_and_signs_them_out(cast: Cast):
    other = await cast.sign_in(cast.alice)
    window = await (await window_of(cast, cast.alice)).open("/settings/security")
    assert "this browser" in window.page.text
    await window.press("Sign out An unknown")
    assert "That browser is signed out." in window.page.text
    assert (await other.get(SESSIONS)).status_code == 401
    assert not window.page.all("button", name="Sign every other browser out")
