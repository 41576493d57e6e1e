"""A program that asks for access, as its makers would write it, and what a person does in the browser meanwhile."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from tests.cast import Cast, Member
from tests.plain_browser import PlainBrowser, window_of

REDIRECT = "https://program.example/callback"
SCOPES = "ticket:read ticket:write"


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge (RFC 7636, section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


@dataclass
class Program:
    """A registered client. `http` is its own connection, without cookies."""

    http: httpx.AsyncClient
    client_id: str
    secret: str | None = None
    redirect_uri: str = REDIRECT
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str = "state-of-the-program"

    def address(self, **changes: Any) -> str:
        """Return where it sends the browser; a parameter that is None is left out."""
        parameters = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": SCOPES,
            "state": self.state,
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
        }
        wanted = {name: value for name, value in {**parameters, **changes}.items() if value is not None}
        return "/oauth/authorize?" + urlencode(wanted, doseq=True)

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        wanted = {"client_id": self.client_id, "client_secret": self.secret, **fields}
        return await self.http.post(path, data={name: one for name, one in wanted.items() if one is not None})

    async def exchange(self, code: str, /, **changes: Any) -> httpx.Response:
        fields = {"code": code, "redirect_uri": self.redirect_uri, "code_verifier": self.verifier}
        return await self.post("/oauth/token", **{"grant_type": "authorization_code", **fields, **changes})

    async def refresh(self, token: str, /, **changes: Any) -> httpx.Response:
        return await self.post(
            "/oauth/token", **{"grant_type": "refresh_token", "refresh_token": token, **changes}
        )


async def register(http: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    body = {"client_name": "Robot", "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none"}
    return await http.post("/oauth/register", json={**body, **changes})


async def program_of(http: httpx.AsyncClient, **changes: Any) -> Program:
    answer = await register(http, **changes)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    return Program(http, made["client_id"], made.get("client_secret"), made["redirect_uris"][0])


async def decide(
    window: PlainBrowser, address: str, decision: str = "allow", **fields: Any
) -> httpx.Response:
    """Open the page of consent, fill it as it is but for `fields`, and return the answer to the form."""
    await window.open(address)
    assert window.status == 200, window.answer.text
    form = window.page.one("form", method="post")
    values: dict[str, Any] = {
        one["name"]: one.get("value")
        for one in form.all("input")
        if one.get("type") not in ("checkbox", "radio") or "checked" in one.attributes
    }
    sent = {
        name: value for name, value in {**values, **fields, "decision": decision}.items() if value is not None
    }
    return await window.client.post(form["action"], data=sent)


@dataclass
class Connected:
    """A program that somebody has let in, with its first tokens."""

    program: Program
    window: PlainBrowser
    code: str
    tokens: dict[str, Any]

    @property
    def access(self) -> str:
        return str(self.tokens["access_token"])

    @property
    def refresh_token(self) -> str:
        return str(self.tokens["refresh_token"])


async def connect(
    cast: Cast, member: Member, program: Program | None = None, scope: str = SCOPES, **fields: Any
) -> Connected:
    """Let a program in as a person does: in their window, by the form."""
    program = program or await program_of(cast.client())
    window = await window_of(cast, member)
    answer = await decide(window, program.address(scope=scope), **fields)
    assert answer.status_code == 303, answer.text
    code = query_of(answer.headers["location"])["code"]
    got = await program.exchange(code)
    assert got.status_code == 200, got.text
    return Connected(program, window, code, got.json())


async def calls(cast: Cast, token: str, path: str | None = None) -> int:
    """Return the status with which the API answers an access token."""
    client = cast.client(Authorization=f"Bearer {token}")
    return (await client.get(path or cast.project.tickets)).status_code


async def code_for(window: PlainBrowser, program: Program, **changes: Any) -> str:
    """Let a program in by the form, and return its code."""
    answer = await decide(window, program.address(**changes))
    code: str = query_of(answer.headers["location"])["code"]
    return code
