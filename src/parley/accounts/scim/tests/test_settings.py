"""The token of a domain and the log of its requests, as admins manage them."""

from datetime import timedelta

import pytest

from parley.accounts.scim.actions.request_log import forget_requests
from parley.kernel.ids import new_uuid


@pytest.fixture
def domains():
    return "/api/organizations/@current/domains"


async def test_a_token_is_shown_once_renewed_and_ended(acme, alice, cast, domains):
    url = f"{domains}/{acme.domain_id}/"

    async def works(token):
        client = cast.client(authorization=f"Bearer {token}")
        return (await client.get(f"{acme.base}/Users")).status_code == 200

    shown = (await alice.client.patch(url, json={"scim_enabled": True})).json()
    assert (shown["has_scim"], shown["scim_bearer_token"]) == (True, None)
    assert shown["scim_base_url"] == f"http://parley.test{acme.base}"
    renewed = (await alice.client.post(f"{url}scim/token/")).json()
    assert renewed["scim_base_url"] == shown["scim_base_url"] and renewed["scim_enabled"] is True
    assert await works(renewed["scim_bearer_token"]) and not await works(acme.token)
    off = (await alice.client.patch(url, json={"scim_enabled": False})).json()
    assert (off["has_scim"], off["scim_base_url"], off["scim_bearer_token"]) == (False, None, None)
    assert not await works(renewed["scim_bearer_token"])
    refused = await alice.client.post(f"{url}scim/token/")
    assert (refused.status_code, refused.json()) == (400, {"detail": "SCIM is not enabled for this domain"})
    on = (await alice.client.patch(url, json={"scim_enabled": True})).json()
    assert len(on["scim_bearer_token"]) == 43 and await works(on["scim_bearer_token"])
    assert (await alice.client.get(url)).json()["scim_bearer_token"] is None
    log = (await alice.client.get("/api/organizations/@current/audit_log/")).text
    assert "scim_token_rotated" in log and on["scim_bearer_token"] not in log


async def test_only_admins_of_this_organization_see_the_log_and_renew(acme, alice, bob, mallory, domains):
    logs, token = f"{domains}/{acme.domain_id}/scim/logs/", f"{domains}/{acme.domain_id}/scim/token/"
    assert (await alice.client.get(logs)).status_code == 200
    refused = await bob.client.get(logs)
    assert (refused.status_code, refused.json()["detail"]) == (
        403, "Only organization admins can view SCIM logs.",
    )  # fmt: skip
    assert (await bob.client.post(token)).status_code == 403
    assert (await mallory.client.get(logs)).status_code == 404
    assert (await mallory.client.post(token)).status_code == 404
    for domain_id in (new_uuid(), "x"):
        assert (await alice.client.get(f"{domains}/{domain_id}/scim/logs/")).status_code == 404


async def test_the_log_tells_what_was_asked_and_not_who_it_was_about(acme, alice, domains, services, clock):
    headers = {"user-agent": "Okta SCIM Client 1.0.0", "cookie": "a=b", "x-forwarded-for": "1.2.3.4"}
    body = acme.person("ada", password="hunter22", phoneNumbers=[{"value": "+49 30 1234567"}])
    await acme.client.post(f"{acme.base}/Users", json=body, headers=headers)
    query = {"filter": f'userName eq "ada@{acme.domain}"'}
    await acme.client.get(f"{acme.base}/Users", params=query)
    await acme.client.post(f"{acme.base}/Users", json=body)
    await acme.client.get(f"{acme.base}/Users/999")
    url = f"{domains}/{acme.domain_id}/scim/logs/"
    page = (await alice.client.get(url, params={"page_size": 3})).json()
    assert (page["count"], len(page["results"]), page["previous"]) == (4, 3, None)
    assert [one["response_status"] for one in page["results"]] == [404, 409, 200]
    first = (await alice.client.get(page["next"])).json()["results"][0]
    assert (first["request_method"], first["response_status"], first["identity_provider"]) == (
        "POST",
        201,
        "okta",
    )
    assert first["request_headers"]["authorization"] == "***" and "cookie" not in first["request_headers"]
    assert f"a***a@{acme.domain}" in first["request_body"]
    text = str(page) + str(first)
    for secret in ("ada@", "Lovelace", "hunter22", "1234567", acme.token, "1.2.3.4"):
        assert secret not in text, secret
    found = {
        "status_min=400": 2, "status_max=201": 2, "status_min=404&status_max=404": 1, "search=already exists": 1,
        "after=2999-01-01T00:00:00Z": 0, "before=2999-01-01T00:00:00Z": 4, "status_min=x&after=y&page=0": 4,
    }  # fmt: skip
    for asked, expected in found.items():
        assert (await alice.client.get(f"{url}?{asked}")).json()["count"] == expected, asked
    for days, left in ((29, 4), (2, 0), (0, 0)):
        clock.advance(timedelta(days=days))
        async with services.database.transaction() as db:
            await forget_requests(db, clock.now())
        assert (await alice.client.get(url)).json()["count"] == left


async def test_what_is_asked_without_the_token_leaves_no_trace(acme, cast, alice, domains):
    await cast.client(authorization="Bearer x").get(f"{acme.base}/Users")
    logs = await alice.client.get(f"{domains}/{acme.domain_id}/scim/logs/")
    assert logs.json()["count"] == 0


async def test_the_page_shows_a_token_once_and_the_latest_requests(acme, alice, bob, mallory, cast):
    path, signed_in = f"/settings/domains/{acme.domain_id}/scim", await cast.sign_in(alice)
    await acme.client.get(f"{acme.base}/Users", params={"filter": 'userName eq "ada@x.test"'})
    shown = await signed_in.get(path)
    assert "SCIM is on" in shown.text and acme.base in shown.text and "a***a@x.test" in shown.text
    made = await signed_in.post(f"{path}/token")
    assert "it is not shown again" in made.text
    assert (await signed_in.post(f"{path}/off")).headers["location"] == f"{path}?notice=off"
    assert "SCIM is off" in (await signed_in.get(path)).text
    assert "it is not shown again" in (await signed_in.post(f"{path}/on")).text
    assert "it is not shown again" not in (await signed_in.get(path)).text
    member, foreign = await cast.sign_in(bob), await cast.sign_in(mallory)
    assert "Latest requests" not in (await member.get(path)).text
    for form in ("on", "off", "token"):
        assert (await member.post(f"{path}/{form}")).status_code == 403
        assert (await foreign.post(f"{path}/{form}")).status_code == 404
    assert (await foreign.get(path)).status_code == 404
