"""The page of the audit log."""

from datetime import timedelta
from typing import Any

from parley.accounts.audit_log.actions import record
from parley.kernel.http.origin import NOWHERE, RequestOrigin, on_behalf_of
from tests.plain_browser import window_of

PATH = "/settings/audit-log"


async def test_admins_see_who_did_what_and_filter_it(cast, alice, api, bob):
    path = f"/api/organizations/{alice.organization_id}"
    await api.patch(f"{path}/members/{bob.user_uuid}/", json={"level": 8})
    await api.post(f"{path}/roles/", json={"name": "<b>Billing</b>"})
    window = await window_of(cast, alice)
    await window.open(PATH)
    assert window.page.one("option", value="domain.changed").text == "domain changed"
    html = (await window.client.get(PATH)).text
    assert "Alice Example changed the level of Bob Example from member to admin" in html
    assert "&lt;b&gt;Billing" in html and "<b>Billing" not in html
    await window.press("Apply", action="role.made")
    html = (await window.client.get(f"{PATH}?action=role.made&to=2100-01-01")).text
    assert "Billing" in html and "level of Bob Example" not in html
    assert "Nothing that fits was done." in (await window.client.get(f"{PATH}?search=nobody")).text
    assert (await window.client.get(f"{PATH}?from=yesterday")).status_code == 422


async def test_what_somebody_did_is_found_after_they_were_removed(cast, alice, api, bob, mallory):
    path = f"/api/organizations/{alice.organization_id}"
    await api.patch(f"{path}/members/{bob.user_uuid}/", json={"level": 8})
    await bob.client.post(f"{path}/roles/", json={"name": "Of Bob"})
    await api.post(f"{path}/roles/", json={"name": "Of Alice"})
    window = await window_of(cast, alice)
    assert not (await window.open(PATH)).page.all("optgroup", label="Not in the organization any more")
    assert (await api.delete(f"{path}/members/{bob.user_uuid}/")).status_code == 204
    await window.open(PATH)
    [one] = window.page.one("optgroup", label="Not in the organization any more").all("option")
    assert one.text == f"Bob Example, {bob.email}"
    await window.press("Apply", user=one["value"])
    entries = window.page.one("main").text
    assert "Of Bob" in entries and "Of Alice" not in entries
    theirs = await (await window_of(cast, mallory)).open(PATH)
    assert bob.email not in theirs.page.text


async def test_browsers_and_tokens_are_called_what_people_call_them(cast, alice, database, services):
    linux = (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36"
    )
    target = ("domain", "1", "example.com")
    change: dict[str, Any] = {
        "before": {"proven_providers": ["saml", "google-oauth2"]},
        "after": {"proven_providers": []},
    }
    async with database.transaction() as db:
        for origin in (RequestOrigin("192.0.2.7", linux, key=("d", "SCIM token of example.com")), NOWHERE):
            with on_behalf_of(origin):
                mine = alice.organization_id
                await record(
                    db,
                    services,
                    organization_id=mine,
                    target=target,
                    action="domain.changed",
                    **change,
                )
    window = await (await window_of(cast, alice)).open(PATH)
    assert "Chrome on Linux" in window.page.text and "Mozilla" not in window.page.text
    assert "by the SCIM token of example.com" in window.page.text
    words = "providers with which somebody has signed in from \u201cSAML + Google\u201d to nothing"
    assert f"The identity provider changed the domain example.com: {words}" in window.page.text
    assert f"Parley changed the domain example.com: {words}" in window.page.text


async def test_older_entries_are_a_page_further(cast, alice, database, services, clock, monkeypatch):
    monkeypatch.setattr("parley.accounts.audit_log.pages.PAGE_SIZE", 2)
    clock.freeze()
    for number in range(3):
        clock.advance(timedelta(seconds=1))
        async with database.transaction() as db:
            target = ("domain", "1", f"number {number}")
            await record(
                db,
                services,
                organization_id=alice.organization_id,
                action="domain.verified",
                by=alice.user_id,
                target=target,
            )
    window = await window_of(cast, alice)
    html = (await window.client.get(f"{PATH}?search=number")).text
    assert "verified the domain number 2" in html and "number 0" not in html
    mark = html.split("/settings/audit-log?search=number&amp;after_mark=")[1].split('"')[0]
    assert "number 0" in (await window.client.get(f"{PATH}?search=number&after_mark={mark}")).text


async def test_members_do_not_see_it(cast, bob):
    window = await window_of(cast, bob)
    assert (await window.client.get(PATH)).status_code == 403
