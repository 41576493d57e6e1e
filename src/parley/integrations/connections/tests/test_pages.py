"""The page of integrations."""

import pytest
from sqlalchemy import update

from parley.integrations.connections.tables import integration
from parley.integrations.connections.tests.kinds import make_integration
from tests.plain_browser import window_of

PAGE = "/settings/integrations"


async def test_what_is_connected_is_shown_with_who_and_whether_it_works(cast, services):
    id = await make_integration(services, cast.alice)
    window = await window_of(cast, cast.bob)
    await window.open(PAGE)
    row = window.page.one("li", aria_labelledby=f"integration-{id}")
    assert "Letterbox: No. 7" in row.text and "Connected by Alice" in row.text
    assert "Reconnect" not in row.text and not row.all("button")  # members look
    async with services.database.transaction() as db:
        mine = integration.c.project_id == cast.alice.project_id
        await db.execute(update(integration).where(mine).values(errors="TOKEN_REFRESH_FAILED"))
    await window.open(PAGE)
    assert "does not work" in window.page.text and "Connect the same account again" in window.page.text
    assert "a key that is secret" not in window.answer.text


async def test_what_customers_write_by_comes_before_advertising(cast):
    window = await window_of(cast, cast.alice)
    await window.open(PAGE)
    titles = [one for one in window.page.texts("h3") if one in ("Slack", "Twilio", "LinkedIn Ads")]
    assert titles == ["Slack", "Twilio", "LinkedIn Ads"]


async def test_an_admin_disconnects_an_account_after_being_asked(cast, services):
    id = await make_integration(services, cast.alice)
    window = await window_of(cast, cast.alice)
    await window.open(PAGE)
    row = window.page.one("li", aria_labelledby=f"integration-{id}")
    assert "what uses the account stops" in row.one("details").text
    await window.press("Disconnect this account")
    assert window.page.one(role="status").text == "The account is disconnected. Its keys are deleted here."
    assert "not connected to any account yet" in window.page.text


async def test_where_the_server_is_not_registered_the_page_says_what_to_do(cast):
    window = await window_of(cast, cast.alice)
    await window.open(PAGE)
    kind = window.page.one("li", aria_labelledby="kind-linkedin-ads")
    assert "PARLEY_LINKEDIN_CLIENT_ID and PARLEY_LINKEDIN_CLIENT_SECRET" in kind.text
    assert "https://parley.test/integrations/linkedin-ads/callback" in kind.text
    assert not [link for link in kind.all("a") if "Connect" in link.text]
    await window.open(f"{PAGE}/linkedin-ads/authorize")
    assert window.status == 422 and "Kind not configured" in window.page.one(role="alert").text


async def test_credentials_are_taken_from_a_form(cast, services):
    window = await window_of(cast, cast.alice)
    client = cast.client()
    client.cookies.update(window.client.cookies)
    csrf = services.vault.signature("csrf", window.client.cookies["parley_session"])
    for key, status in (("wrong", 422), ("right", 303)):
        form = {"csrf_token": csrf, "number": "9", "key": key}
        answer = await client.post(f"{PAGE}/letterbox/connect", data=form)
        assert answer.status_code == status, answer.text
    assert "No. 9" in (await client.get(PAGE)).text


@pytest.mark.parametrize("path", ["letterbox/connect", "7/disconnect"])
async def test_members_change_nothing_and_forms_of_other_sites_do_neither(cast, services, path):
    window = await window_of(cast, cast.bob)
    csrf = services.vault.signature("csrf", window.client.cookies["parley_session"])
    answer = await window.client.post(f"{PAGE}/{path}", data={"csrf_token": csrf, "number": "9", "key": "k"})
    assert answer.status_code == 422 and "sufficient permissions" in answer.text
    answer = await window.client.post(f"{PAGE}/{path}", data={"number": "9", "key": "k"})
    assert answer.status_code == 403
    assert "No. 9" not in (await window.client.get(PAGE)).text


async def test_what_is_somebody_elses_can_not_be_disconnected(cast, services):
    id = await make_integration(services, cast.alice)
    window = await window_of(cast, cast.mallory)
    csrf = services.vault.signature("csrf", window.client.cookies["parley_session"])
    answer = await window.client.post(f"{PAGE}/{id}/disconnect", data={"csrf_token": csrf})
    assert answer.status_code == 404
    alice = await window_of(cast, cast.alice)
    assert "No. 7" in (await alice.client.get(PAGE)).text
