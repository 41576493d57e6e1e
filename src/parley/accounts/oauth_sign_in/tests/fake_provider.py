"""A provider made by hand: GitHub's API as far as we use it, and an OpenID provider that lies as a test wants.

The suite also signs in at a real OpenID provider, in `tests/browser/test_single_sign_on.py`. Of GitHub there is none to run.
"""

import base64
import hashlib
import time
from asyncio import StreamWriter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey

from parley.kernel.clock import Clock
from parley.kernel.config.settings import Settings
from parley.kernel.http.middleware import Middleware
from parley.kernel.ids import new_token
from parley.kernel.services import Services
from tests.limited import client_at, limited_app
from tests.receiver import Received, Respond, answers, receiving
from tests.servers import free_port

PORT = free_port()  # one for all tests, so that they share an application
BASE = f"http://127.0.0.1:{PORT}"
PROVIDERS: dict[str, Any] = {
    f"{name}_{part}": value
    for name in ("google", "github", "gitlab")
    for part, value in (("client_id", "parley"), ("client_secret", "a secret"), ("url", f"{BASE}/{name}"))
}


def new_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


class FakeProvider:
    """Answers for all three providers. A test changes `claims`, or puts another answer at a path into `instead`."""

    def __init__(self, email: str) -> None:
        self.key = new_key("one")
        self.claims: dict[str, Any] = {"sub": new_token(), "email": email, "email_verified": True}
        self.github: list[dict[str, Any]] = [{"email": email, "primary": True, "verified": True}]
        self.github_id = int(time.time() * 1000)
        self.userinfo: dict[str, Any] = {}
        self.instead: dict[str, Respond] = {}
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}

    def code_for(self, location: str) -> str:
        """Be the page where somebody has signed in: return the code for this request."""
        code = new_token()
        self._codes[code] = dict(parse_qsl(urlsplit(location).query))
        return code

    async def respond(self, writer: StreamWriter, request: Received) -> None:
        path = urlsplit(request.path).path
        self.asked.append(path)
        name = path.split("/")[1]
        if path in self.instead:
            await self.instead[path](writer, request)
            return
        endpoints: dict[str, Callable[[str, Received], Any]] = {
            "openid-configuration": self._metadata,
            "token": self._tokens,
            "access_token": self._tokens,
            "keys": lambda *_: {"keys": [self.key.as_dict(private=False)]},
            "userinfo": lambda *_: self.userinfo,
            "user": lambda *_: {"id": self.github_id, "login": "lea", "name": "Lea Berger"},
            "emails": lambda *_: self.github,
        }
        found = endpoints[path.rsplit("/", 1)[1]](name, request)
        await answers(400 if "error" in found else 200, msgspec.json.encode(found))(writer, request)

    def _metadata(self, name: str, _: Received) -> dict[str, Any]:
        base = f"{BASE}/{name}"
        return {
            "issuer": base, "authorization_endpoint": f"{base}/authorize", "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/keys", "userinfo_endpoint": f"{base}/userinfo",
        }  # fmt: skip

    def _tokens(self, name: str, request: Received) -> dict[str, Any]:
        given = {key: value[0] for key, value in parse_qs(request.body.decode()).items()}
        asked = self._codes.pop(given["code"], None)
        digest = hashlib.sha256(given["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            asked is None
            or challenge != asked["code_challenge"]
            or asked["redirect_uri"] != given["redirect_uri"]
        ):
            return {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": f"{BASE}/{name}",
            "aud": "parley",
            "iat": now,
            "exp": now + 60,
            "nonce": asked.get("nonce"),
        }
        header = {"alg": "ES256", "kid": self.key.kid}
        signed = jwt.encode(header, claims | self.claims, self.key, algorithms=["ES256"])
        return {"access_token": "access", "token_type": "Bearer", "id_token": signed}


class Visit:
    """A browser at an application whose providers are the fake one."""

    def __init__(self, app: Middleware, fake: FakeProvider) -> None:
        self.fake = fake
        self.services: Services = app.app.state.services
        self.client = client_at(app, "192.0.2.7")
        self.other = client_at(app, "192.0.2.8")

    async def begin(self, name: str = "google-oauth2", **query: str) -> str:
        """Return the provider's address that the browser is sent to."""
        answer = await self.client.get(f"/login/{name}/", params=query)
        assert answer.status_code == 302
        return answer.headers["location"]

    def callback(self, location: str, **changes: str) -> dict[str, str]:
        state = parse_qs(urlsplit(location).query)["state"][0]
        return {"code": self.fake.code_for(location), "state": state, **changes}

    async def complete(self, name: str, callback: dict[str, str]) -> httpx.Response:
        return await self.client.get(f"/complete/{name}/", params=callback)

    async def sign_in(self, name: str = "google-oauth2", **query: str) -> httpx.Response:
        """Begin, be let in at the provider, and come back."""
        return await self.complete(name, self.callback(await self.begin(name, **query)))

    async def forget_metadata(self) -> None:
        """Have the server ask for it again."""
        await self.services.cache.delete(*(f"oauth-metadata:{BASE}/{name}" for name in ("google", "gitlab")))

    async def me(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.client.get("/api/users/@me/")).json()
        return found


@asynccontextmanager
async def visiting(settings: Settings, clock: Clock, email: str) -> AsyncIterator[Visit]:
    """Yield a visit while the fake provider runs; at it, one's address is `email`."""
    fake = FakeProvider(email)
    async with receiving(port=PORT) as receiver, limited_app(settings, "off", clock, **PROVIDERS) as app:
        receiver.respond = fake.respond
        visit = Visit(app, fake)
        yield visit
        await visit.client.aclose()
        await visit.other.aclose()


def failure_of(answer: httpx.Response) -> tuple[str, str]:
    """Return code and sentence of a sign-in that failed and left no session."""
    assert answer.status_code == 302 and "parley_session" not in answer.cookies, answer.text
    location = urlsplit(answer.headers["location"])
    assert location.path == "/login" and not location.netloc
    query = parse_qs(location.query)
    return query["error_code"][0], query["error_detail"][0]
