"""Attacks on codes and tokens: caught, used again, asked for more, or kept for too long."""

import asyncio
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from parley.accounts.oauth_server.rules.resources import are_ours
from parley.accounts.oauth_server.tests.programs import (
    calls,
    challenge_of,
    code_for,
    connect,
    program_of,
)
from tests.cast import Cast
from tests.plain_browser import window_of


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": None},
        {"code_verifier": "w" * 64},
        {"code_verifier": "short"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": None},
        {"code": "unknown"},
        {"code": None},
        {"client_id": None},
        {"client_id": "nobody"},
        {"grant_type": "password"},
        {"grant_type": None},
        {"resource": "https://other.example"},
        {"client_secret": "guessed"},
    ],
    ids=str,
)
async def test_a_code_alone_is_worth_nothing(program, window, changes):
    code = await code_for(window, program)
    answer = await program.exchange(code, **changes)
    assert answer.status_code in (400, 401) and "access_token" not in answer.text
    assert answer.json()["error"]
    assert (await program.exchange(code)).status_code == 200  # nobody has burnt it


async def test_the_challenge_itself_is_no_verifier(program, window):
    code = await code_for(window, program)
    assert (await program.exchange(code, code_verifier=challenge_of(program.verifier))).status_code == 400


async def test_a_code_works_once_and_its_second_use_ends_everything(cast: Cast, bob):
    let_in = await connect(cast, bob)
    again = await let_in.program.exchange(let_in.code)
    assert again.status_code == 400 and again.json()["error"] == "invalid_grant"
    assert await calls(cast, let_in.access) == 401
    assert (await let_in.program.refresh(let_in.refresh_token)).json()["error"] == "invalid_grant"


async def test_two_exchanges_of_a_code_at_once_give_tokens_to_one_at_most(cast: Cast, program, window):
    code = await code_for(window, program)
    answers = await asyncio.gather(*(program.exchange(code) for _ in range(3)))
    assert sorted(one.status_code for one in answers) == [200, 400, 400]
    won = next(one for one in answers if one.status_code == 200)
    assert await calls(cast, won.json()["access_token"]) == 401  # one of them was a thief


async def test_a_code_of_another_program_is_refused(cast: Cast, program, window):
    code = await code_for(window, program)
    other = await program_of(cast.client())
    other.verifier = program.verifier
    assert (await other.exchange(code)).json()["error"] == "invalid_grant"


async def test_a_refresh_token_of_another_program_is_refused(cast: Cast, bob):
    let_in, other = await connect(cast, bob), await program_of(cast.client())
    assert (await other.refresh(let_in.refresh_token)).json()["error"] == "invalid_grant"
    assert (await other.post("/oauth/revoke", token=let_in.access)).status_code == 400
    assert await calls(cast, let_in.access) == 200


async def test_a_used_refresh_token_ends_everything(cast: Cast, bob):
    let_in = await connect(cast, bob)
    second = (await let_in.program.refresh(let_in.refresh_token)).json()
    stolen = await let_in.program.refresh(let_in.refresh_token)
    assert stolen.status_code == 400 and stolen.json()["error"] == "invalid_grant"
    assert await calls(cast, second["access_token"]) == 401
    assert (await let_in.program.refresh(second["refresh_token"])).json()["error"] == "invalid_grant"
    await let_in.window.open("/settings/security")
    assert "Robot" not in let_in.window.page.one("section", aria_labelledby="applications").text


async def test_of_two_refreshes_at_once_one_wins_and_the_grant_ends(cast: Cast, bob):
    let_in = await connect(cast, bob)
    answers = await asyncio.gather(*(let_in.program.refresh(let_in.refresh_token) for _ in range(2)))
    assert sorted(one.status_code for one in answers) == [200, 400]
    won = next(one for one in answers if one.status_code == 200).json()
    assert await calls(cast, won["access_token"]) == 401


async def test_a_refresh_gets_no_more_scopes_and_a_narrow_one_stays_narrow_once(cast: Cast, bob):
    let_in = await connect(cast, bob)
    wider = await let_in.program.refresh(let_in.refresh_token, scope="ticket:read person:read")
    assert wider.json()["error"] == "invalid_scope"
    narrow = (await let_in.program.refresh(let_in.refresh_token, scope="ticket:read")).json()
    assert narrow["scope"] == "ticket:read"
    client = cast.client(Authorization=f"Bearer {narrow['access_token']}")
    assert (await client.post(cast.project.tickets, json={"email": "a@example.com"})).status_code == 403
    assert (await let_in.program.refresh(narrow["refresh_token"])).json()["scope"] == let_in.tokens["scope"]


async def test_a_refresh_token_opens_no_door_and_an_access_token_refreshes_nothing(cast: Cast, bob):
    let_in = await connect(cast, bob)
    assert await calls(cast, let_in.refresh_token) == 401
    assert (await let_in.program.refresh(let_in.access)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
async def test_a_program_with_a_secret_needs_it(cast: Cast, bob, method):
    program = await program_of(cast.client(), token_endpoint_auth_method=method)
    secret, program.secret = program.secret, None
    code = await code_for(await window_of(cast, bob), program)
    assert (await program.exchange(code)).json()["error"] == "invalid_client"
    assert (await program.exchange(code, client_secret="wrong")).json()["error"] == "invalid_client"
    http, program.http = program.http, cast.client()
    program.http.auth = (program.client_id, str(secret))
    assert (await program.exchange(code, client_id=None)).status_code == 200
    assert http is not program.http


@pytest.mark.parametrize(
    "value", ["Basic", "Basic !!!", "Basic /w==", "Basic OnNlY3JldA==", "Bearer x", "Basic " + "A" * 5000]
)
async def test_broken_credentials_of_a_program_are_an_answer(cast: Cast, value):
    body = urlencode({"grant_type": "refresh_token", "refresh_token": "x"})
    headers = {"Authorization": value, "Content-Type": "application/x-www-form-urlencoded"}
    answer = await cast.client().post("/oauth/token", content=body, headers=headers)
    assert answer.status_code in (400, 401) and answer.json()["error"] == "invalid_client"


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke"])
@pytest.mark.parametrize(
    "body",
    [b"", b"\xff=\xff", b"a=1&" * 100, b"grant_type=refresh_token&grant_type=x", b"%00=%00&client_id=%00"],
)
async def test_a_broken_request_is_an_answer(cast: Cast, path, body):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await cast.client().post(path, content=body, headers=headers)
    assert answer.status_code in (400, 401) and answer.json()["error"]
    assert (await cast.client().post(path, json={})).json()["error"] == "invalid_request"


async def test_everything_is_over_in_time(cast: Cast, bob, clock):
    program = await program_of(cast.client())
    window = await window_of(cast, bob)
    code = await code_for(window, program)
    clock.advance(timedelta(minutes=5, seconds=1))
    assert (await program.exchange(code)).json()["error"] == "invalid_grant"
    clock.reset()
    let_in = await connect(cast, bob)
    clock.advance(timedelta(days=29))
    later = (await let_in.program.refresh(let_in.refresh_token)).json()
    clock.advance(timedelta(days=29))  # thirty from the last use
    last = (await let_in.program.refresh(later["refresh_token"])).json()
    clock.advance(timedelta(days=30, seconds=1))
    assert (await let_in.program.refresh(last["refresh_token"])).json()["error"] == "invalid_grant"


async def test_nothing_lasts_longer_because_a_clock_is_set_back(cast: Cast, bob, clock):
    program = await program_of(cast.client())
    code = await code_for(await window_of(cast, bob), program)
    let_in = await connect(cast, bob)
    clock.advance(timedelta(hours=-2))
    assert (await program.exchange(code)).json()["error"] == "invalid_grant"
    assert (await let_in.program.refresh(let_in.refresh_token)).json()["error"] == "invalid_grant"
    assert await calls(cast, let_in.access) == 401


@pytest.mark.parametrize(
    ("resource", "is_ours"),
    [
        ("https://parley.example", True),
        ("https://parley.example/", True),
        ("HTTPS://Parley.Example/mcp", True),
        ("https://parley.example/mcp/", True),
        ("https://parley.example/api", False),
        ("https://parley.example/mcp?x=1", False),
        ("https://parley.example.evil.example/mcp", False),
        ("http://parley.example/mcp", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_which_resources_are_ours(resource, is_ours):
    assert are_ours("https://parley.example", [resource]) is is_ours
