"""Attacks on the page of consent: requests that are not in order, and consent that nobody has given."""

import pytest

from parley.accounts.oauth_server.tests.programs import (
    calls,
    connect,
    decide,
)
from tests.cast import Cast
from tests.plain_browser import window_of


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": 'co"de\\'}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"scope": "*"}, "invalid_scope"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"resource": "https://other.example/mcp"}, "invalid_target"),
        ({"resource": ["http://parley.test", "https://other.example"]}, "invalid_target"),
        ({"state": ["one", "two"]}, "invalid_request"),
        ({"scope": ["ticket:read", "ticket:write"]}, "invalid_request"),
    ],
    ids=str,
)
async def test_a_request_that_is_not_in_order_stays_here(program, window, changes, error):
    await window.open(program.address(**changes))
    assert window.status == 400 and error in window.page.one("code").text
    assert window.answer.history == []
    assert not window.page.all("form", method="post")


async def test_consent_takes_the_form_of_the_person_themselves(cast: Cast, program, bob, mallory):
    theirs, other = await window_of(cast, bob), await window_of(cast, mallory)
    address = program.address()
    await other.open(address)
    token = other.page.one("input", name="csrf_token")["value"]
    fields = {"decision": "allow", "scope:ticket:read": "on", "where": str(bob.organization_id)}
    for sent in ({}, {"csrf_token": token}):
        answer = await theirs.client.post(address, data={**fields, **sent})
        assert answer.status_code == 403 and "location" not in answer.headers
    await theirs.open(address)
    own = {**fields, "csrf_token": theirs.page.one("input", name="csrf_token")["value"]}
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert (await theirs.client.post(address, data=own, headers=headers)).status_code == 403
    assert theirs.answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in theirs.answer.headers["content-security-policy"]


async def test_nobody_consents_without_a_session_or_with_a_key(cast: Cast, program, bob):
    for client in (cast.client(), bob.client):
        answer = await client.post(
            program.address(), data={"decision": "allow"}, headers={"Accept": "text/html"}
        )
        assert answer.status_code in (303, 403) and "code=" not in answer.headers.get("location", "")


async def test_a_foreign_project_or_organization_is_not_to_be_chosen(cast: Cast, program, bob, mallory):
    window = await window_of(cast, bob)
    for fields in (
        {f"project:{mallory.project_id}": "on"},
        {"where": str(mallory.organization_id)},
        {"where": "nowhere"},
        {"where": None},
        {"project:²": "on"},
    ):
        answer = await decide(window, program.address(), **fields)
        assert answer.status_code == 422 and "Choose where" in answer.text, fields


async def test_a_token_reaches_no_foreign_project(cast: Cast, bob, mallory):
    let_in = await connect(cast, bob, where="everywhere")
    assert await calls(cast, let_in.access, mallory.project.tickets) == 403
