"""What somebody does who has no right to it; each attack is refused by the protocol that a browser or program sees."""

import asyncio
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from parley.accounts.oauth_server.rules.resources import are_ours
from parley.accounts.oauth_server.tests.programs import (
    REDIRECT,
    Program,
    calls,
    challenge_of,
    connect,
    decide,
    program_of,
    query_of,
    register,
)
from tests.cast import Cast
from tests.plain_browser import window_of


@pytest.fixture
async def program(cast: Cast) -> Program:
    return await program_of(cast.client())


@pytest.fixture
async def window(cast: Cast, bob):
    return await window_of(cast, bob)


async def code_for(window, program: Program, **changes) -> str:
    answer = await decide(window, program.address(**changes))
    return query_of(answer.headers["location"])["code"]


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


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://program.example/callback/",
        "https://program.example/callback?x=1",
        "https://program.example.evil.example/callback",
        "https://evil.example/callback",
        "https://program.example@evil.example/callback",
        "https://program.example/callback#x",
        "http://program.example/callback",
        "//program.example/callback",
        "javascript:alert(1)//",
        "data:text/html,hello",
        'https://program.example/"\\',
        "",
        None,
    ],
    ids=str,
)
async def test_a_redirect_uri_that_is_not_registered_leads_nowhere(program, window, redirect_uri):
    await window.open(program.address(redirect_uri=redirect_uri))
    assert window.status == 400 and window.answer.history == []
    assert not [link for link in window.page.all("a") if not link.get("href").startswith(("/", "#"))]
    posted = await window.client.post(
        program.address(redirect_uri=redirect_uri), data={"csrf_token": "x", "decision": "allow"}
    )
    assert posted.status_code in (400, 403) and "location" not in posted.headers


async def test_an_unknown_application_leads_nowhere(program, window):
    for client_id in ("nobody", "x" * 200, "a\0b", "ä", ""):
        await window.open(program.address(client_id=client_id))
        assert window.status == 400 and "invalid_client" in window.answer.text


@pytest.mark.parametrize(
    "uris",
    [
        ["javascript:alert(1)"],
        ["data:text/html,x"],
        ["vbscript:x"],
        ["file:///etc/passwd"],
        ["blob:https://a.example/x"],
        ["about:blank"],
        ["JavaScript:alert(1)//https://a.example"],
        ["java\tscript:alert(1)"],
        ["http://a.example/callback"],
        ["http://127.0.0.1.evil.example/"],
        ["http://localhost@evil.example/"],
        ["http://2130706433/"],
        ["https:///callback"],
        ["https://user@a.example/"],
        ["https://a.example/#fragment"],
        ["https://a.example/ x"],
        ["https://a.example;script-src *"],
        ["https://ä.example/"],
        ["https://a.example:port/"],
        ["/callback"],
        ["myprogram:/callback"],
        [""],
        ["https://a.example/" + "x" * 300],
        [REDIRECT, "javascript:alert(1)"],
        [],
        [REDIRECT] * 6,
        "https://a.example",
        None,
        [7],
    ],
    ids=str,
)
async def test_an_address_that_nobody_may_be_sent_to_is_not_registered(anonymous, uris):
    answer = await register(anonymous, redirect_uris=uris)
    assert answer.status_code == 400
    assert answer.json()["error"] in ("invalid_redirect_uri", "invalid_client_metadata")


@pytest.mark.parametrize(
    ("registered", "given", "is_same"),
    [
        ("http://127.0.0.1/callback", "http://127.0.0.1:51234/callback", True),
        ("http://localhost:3000/callback", "http://localhost:51234/callback", True),
        ("http://[::1]/callback", "http://[::1]:51234/callback", True),
        ("http://127.0.0.1/callback", "http://localhost:51234/callback", False),
        ("http://127.0.0.1/callback", "http://127.0.0.1:51234/other", False),
        ("http://127.0.0.1/callback", "http://127.0.0.1:51234/callback?x=1", False),
        ("http://127.0.0.1/callback", "http://127.0.0.1:1@evil.example/callback", False),
        ("http://127.0.0.1/callback", "http://127.0.0.1:99999999/callback", False),
        ("https://program.example/callback", "https://program.example:8443/callback", False),
    ],
)
async def test_only_the_port_of_loopback_is_free(cast: Cast, window, registered, given, is_same):
    program = await program_of(cast.client(), redirect_uris=[registered])
    await window.open(program.address(redirect_uri=given))
    assert (window.status == 200) is is_same


@pytest.mark.parametrize(
    "scheme", ["cursor://anysphere.cursor-retrieval/oauth/callback", "com.example.app:/callback"]
)
async def test_a_private_scheme_gets_its_code(cast: Cast, window, scheme):
    program = await program_of(cast.client(), redirect_uris=[scheme])
    answer = await decide(window, program.address())
    assert answer.headers["location"].startswith(scheme + "?code=")
    assert f"form-action 'self' {scheme.split(':')[0]}:" in window.answer.headers["content-security-policy"]


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
    ("name", "shown"),
    [
        ("Claude\u202edoc.exe", "Claudedoc.exe"),
        ("  a\u200b\u2066b\0\r\n c ", "ab c"),
        ("\U000e0041\u200f", "A program without a name"),
        ("", "A program without a name"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("x" * 900, "x" * 80),
    ],
)
async def test_a_name_shows_no_tricks(cast: Cast, window, name, shown):
    program = await program_of(cast.client(), client_name=name)
    await window.open(program.address())
    assert window.heading == f"Connect {shown} to Parley?"
    assert not window.page.all("script", src="") or "alert(1)" not in "".join(window.page.texts("script"))


async def test_a_registration_is_bounded(anonymous):
    assert (await register(anonymous, client_name="x" * 2000)).status_code == 400
    assert (await register(anonymous, software_statement="x" * 20_000)).status_code == 400
    assert (await register(anonymous, token_endpoint_auth_method="private_key_jwt")).status_code == 400
    assert (await register(anonymous, grant_types=["client_credentials"])).status_code == 400
    assert (await register(anonymous, response_types=["token"])).status_code == 400
    answer = await anonymous.post(
        "/oauth/register", content=b"{", headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_client_metadata"
    assert (await anonymous.post("/oauth/register", data={"a": "b"})).status_code == 400


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
