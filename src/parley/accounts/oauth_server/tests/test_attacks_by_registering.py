"""Attacks of whoever registers a program: where browsers are sent, and what a program calls itself."""

import pytest

from parley.accounts.oauth_server.tests.programs import (
    REDIRECT,
    decide,
    program_of,
    register,
)
from tests.cast import Cast


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
