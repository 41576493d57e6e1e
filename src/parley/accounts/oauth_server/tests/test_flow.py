"""A program registers, a person lets it in, it fetches tokens and calls the API."""

from datetime import timedelta
from typing import Any

from parley.accounts.oauth_server.tests.programs import (
    REDIRECT,
    calls,
    connect,
    decide,
    program_of,
    query_of,
    register,
)
from tests.cast import Cast
from tests.plain_browser import window_of


async def test_a_program_finds_everything_by_itself(anonymous, services):
    site = services.settings.site_url
    resource = (await anonymous.get("/.well-known/oauth-protected-resource/mcp")).json()
    assert resource["resource"] == f"{site}/mcp" and resource["authorization_servers"] == [site]
    assert (await anonymous.get("/.well-known/oauth-protected-resource")).json()["resource"] == site
    answer = await anonymous.get("/.well-known/oauth-authorization-server")
    assert answer.headers["access-control-allow-origin"] == "*"
    server = answer.json()
    assert server["issuer"] == site and server["code_challenge_methods_supported"] == ["S256"]
    assert server["authorization_response_iss_parameter_supported"] is True
    assert "*" not in server["scopes_supported"] and "ticket:read" in server["scopes_supported"]
    for name in ("authorization", "token", "registration", "revocation"):
        assert server[f"{name}_endpoint"].startswith(f"{site}/oauth/")


async def test_a_person_lets_a_program_in_and_it_calls_the_api(cast: Cast, bob, services):
    program = await program_of(cast.client(), client_name="Robot of Ada")
    window = await window_of(cast, bob)
    answer = await decide(window, program.address())
    text = window.page.text
    assert "Robot of Ada" in text and "Nobody has verified this application" in text
    assert "program.example" in text and "Answer and change conversations" in text and bob.email in text
    assert answer.status_code == 303 and answer.headers["location"].startswith(REDIRECT + "?")
    back = query_of(answer.headers["location"])
    assert back["state"] == program.state and back["iss"] == services.settings.site_url
    got = await program.exchange(back["code"])
    tokens = got.json()
    assert got.status_code == 200 and got.headers["cache-control"] == "no-store"
    assert tokens["access_token"].startswith("pha_") and tokens["refresh_token"].startswith("phr_")
    assert tokens["token_type"] == "Bearer" and tokens["expires_in"] == 3600
    assert tokens["scope"] == "ticket:read ticket:write"
    client = cast.client(Authorization=f"Bearer {tokens['access_token']}")
    assert (await client.get(cast.project.tickets)).status_code == 200
    refused = await client.get(f"/api/projects/{cast.project.id}/persons/")
    assert refused.status_code == 403 and "person:read" in refused.text
    assert (await client.get("/api/personal_api_keys/")).status_code == 403


async def test_no_token_and_no_code_is_stored_as_it_is(cast: Cast, bob, services):
    from sqlalchemy import text

    let_in = await connect(
        cast, bob, await program_of(cast.client(), token_endpoint_auth_method="client_secret_post")
    )
    async with services.database.transaction(write=False) as db:
        rows = [
            str(tuple(row))
            for table in ("oauth_application", "oauth_grant", "oauth_token", "audit_entry")
            for row in (await db.execute(text(f"SELECT * FROM {table}"))).all()
        ]
    stored = "\n".join(rows)
    for secret in (let_in.access, let_in.refresh_token, let_in.code, let_in.program.secret):
        assert secret and secret not in stored


async def test_denying_sends_back_an_error_and_grants_nothing(cast: Cast, bob):
    program = await program_of(cast.client())
    answer = await decide(await window_of(cast, bob), program.address(), "deny")
    back = query_of(answer.headers["location"])
    assert back["error"] == "access_denied" and back["state"] == program.state and "code" not in back
    assert back["iss"]


async def test_who_is_not_signed_in_signs_in_first_and_comes_back(cast: Cast, bob):
    program = await program_of(cast.client())
    address = program.address(state="s" * 600)
    answer = await cast.client().get(address, headers={"Accept": "text/html"})
    assert answer.status_code == 303 and answer.headers["location"].startswith("/login?next=")
    assert query_of(answer.headers["location"])["next"] == address


async def test_unticked_scopes_are_not_granted(cast: Cast, bob):
    unticked: dict[str, Any] = {"scope:ticket:write": None}
    let_in = await connect(cast, bob, **unticked)
    assert let_in.tokens["scope"] == "ticket:read"
    client = cast.client(Authorization=f"Bearer {let_in.access}")
    assert (await client.post(cast.project.tickets, json={"email": "a@example.com"})).status_code == 403


async def test_nothing_ticked_is_asked_again(cast: Cast, bob):
    program = await program_of(cast.client())
    window = await window_of(cast, bob)
    unticked: dict[str, Any] = {"scope:ticket:write": None, "scope:ticket:read": None}
    answer = await decide(window, program.address(), **unticked)
    assert answer.status_code == 422 and "Choose what the application may do" in answer.text


async def test_a_program_without_scopes_gets_the_usual_ones_and_never_everything(cast: Cast, bob):
    program = await program_of(cast.client())
    window = await window_of(cast, bob)
    await window.open(program.address(scope=None))
    names = [box["name"] for box in window.page.all("input", type="checkbox")]
    assert "scope:ticket:read" in names and "scope:organization_member:write" not in names
    await window.open(program.address(scope="* ticket:read feature_flag:read openid"))
    names = [
        box["name"] for box in window.page.all("input", type="checkbox") if box["name"].startswith("scope:")
    ]
    assert names == ["scope:ticket:read"]


async def test_an_access_token_lasts_an_hour_and_a_refresh_brings_the_next(cast: Cast, bob, clock):
    let_in = await connect(cast, bob)
    clock.advance(timedelta(minutes=59))
    answer = await let_in.program.refresh(let_in.refresh_token)
    tokens = answer.json()
    assert answer.status_code == 200 and tokens["refresh_token"] != let_in.refresh_token
    assert tokens["scope"] == let_in.tokens["scope"]
    clock.advance(timedelta(minutes=2))
    assert await calls(cast, let_in.access) == 401
    assert await calls(cast, tokens["access_token"]) == 200


async def test_an_invalid_token_says_how_to_authenticate(cast: Cast):
    client = cast.client(Authorization="Bearer pha_nobody")
    answer = await client.get(cast.project.tickets)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert answer.json()["code"] == "authentication_failed"
    assert (await cast.client().get(cast.project.tickets)).headers["www-authenticate"] == "Bearer"


async def test_a_token_stands_in_the_header_only(cast: Cast, bob):
    let_in = await connect(cast, bob)
    path = f"{cast.project.tickets}?personal_api_key={let_in.access}"
    assert (await cast.client().get(path)).status_code == 401
    assert (
        await cast.client().post(cast.project.tickets, json={"personal_api_key": let_in.access})
    ).status_code == 401


async def test_a_registration_answers_what_was_understood(anonymous):
    made = (await register(anonymous, client_name="Robot", scope="x", contacts=["a@example.com"])).json()
    assert made["redirect_uris"] == [REDIRECT] and made["token_endpoint_auth_method"] == "none"
    assert made["grant_types"] == ["authorization_code", "refresh_token"]
    assert "client_secret" not in made
    secret = (await register(anonymous, token_endpoint_auth_method=None)).json()
    assert secret["client_secret"].startswith("pcs_") and secret["client_secret_expires_at"] == 0
