"""LinkedIn made by hand from its documentation: the consent page, tokens, advertising accounts, conversion rules.

After learn.microsoft.com/linkedin: "Authorization Code Flow", "Programmatic Refresh Tokens", "Cursor Based Pagination".
There is no LinkedIn to run. A test changes what it knows, or puts another answer at a path into `instead`.
"""

import base64
from asyncio import StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import msgspec

from parley.kernel.clock import Clock
from parley.kernel.config.settings import Settings
from parley.kernel.ids import new_token
from parley.kernel.jobs import Queue
from parley.kernel.services import Services
from tests.cast import Cast, Member
from tests.limited import limited_app
from tests.receiver import Received, Respond, answers, receiving
from tests.servers import free_port

PORT = free_port()  # one for all tests, so that they share an application
BASE = f"http://127.0.0.1:{PORT}"
SETTINGS: dict[str, Any] = {
    "linkedin_client_id": "parley at linkedin",
    "linkedin_client_secret": "the secret of the app",
    "linkedin_oauth_url": BASE,
    "linkedin_api_url": BASE,
}
DAY_S = 86_400
PAGE = 2


def id_token(sub: str, **claims: Any) -> str:
    parts = ({"alg": "RS256"}, {"sub": sub, "iss": BASE, **claims})
    coded = [base64.urlsafe_b64encode(msgspec.json.encode(one)).decode().rstrip("=") for one in parts]
    return ".".join([*coded, "signature"])


class FakeLinkedIn:
    """Answers as LinkedIn does, for one app."""

    def __init__(self) -> None:
        self.sub = new_token(length=10)
        self.email = "lea@example.com"
        self.rotates = False
        self.accounts = [
            {"id": n, "name": f"Account {n}", "reference": f"urn:li:organization:{n}"} for n in range(1, 6)
        ]
        self.rules = [{"id": n, "name": f"Rule {n}", "enabled": n != 2} for n in range(1, 4)]
        self.instead: dict[str, Respond] = {}
        self.received: list[Received] = []
        self.good_tokens: set[str] = set()
        self.refresh_tokens: set[str] = set()
        self._codes: dict[str, dict[str, str]] = {}

    def code_for(self, location: str) -> str:
        """Be the page of consent where somebody has agreed: return the code for this request."""
        code = new_token()
        self._codes[code] = dict(parse_qsl(urlsplit(location).query))
        return code

    def back_from(self, location: str) -> str:
        """Return path and query of the address to which the browser is sent back."""
        asked = dict(parse_qsl(urlsplit(location).query))
        query = urlencode({"code": self.code_for(location), "state": asked["state"]})
        return f"{urlsplit(asked['redirect_uri']).path}?{query}"

    async def respond(self, writer: StreamWriter, request: Received) -> None:
        path = urlsplit(request.path).path
        self.received.append(request)
        if path in self.instead:
            await self.instead[path](writer, request)
        elif path == "/oauth/v2/authorization":
            location = f"http://{self.host_of(request)}{self.back_from(request.path)}"
            await answers(302, Location=location)(writer, request)
        else:
            await self._answer(writer, request, path)

    def host_of(self, request: Received) -> str:
        return urlsplit(dict(parse_qsl(urlsplit(request.path).query))["redirect_uri"]).netloc

    async def _answer(self, writer: StreamWriter, request: Received, path: str) -> None:
        if path == "/oauth/v2/accessToken":
            found = self._tokens(request)
        elif request.headers.get("authorization", "").removeprefix("Bearer ") not in self.good_tokens:
            found = (401, {"status": 401, "code": "REVOKED_ACCESS_TOKEN"})
        elif path == "/rest/adAccounts":
            found = (200, self._by_token(request))
        elif path == "/rest/conversions":
            found = (200, self._by_start(request))
        else:
            found = (404, {})
        await answers(found[0], msgspec.json.encode(found[1]), Content_Type="application/json")(
            writer, request
        )

    def _tokens(self, request: Received) -> tuple[int, dict[str, Any]]:
        given = {key: value[0] for key, value in parse_qs(request.body.decode()).items()}
        if (given.get("client_id"), given.get("client_secret")) != (
            SETTINGS["linkedin_client_id"],
            SETTINGS["linkedin_client_secret"],
        ):
            return 401, {"error": "invalid_client"}
        if given["grant_type"] == "authorization_code":
            asked = self._codes.pop(given["code"], None)
            if asked is None or asked["redirect_uri"] != given["redirect_uri"]:
                return 400, {"error": "invalid_grant"}
            return 200, self.new_tokens() | {
                "id_token": id_token(self.sub, email=self.email),
                "scope": "r_ads",
            }
        if given.get("refresh_token") not in self.refresh_tokens:
            return 400, {"error": "invalid_grant"}
        if self.rotates:
            self.refresh_tokens.discard(given["refresh_token"])
        return 200, self.new_tokens(given["refresh_token"])

    def new_tokens(self, refresh_token: str | None = None) -> dict[str, Any]:
        """Make tokens; return the answer that has them."""
        access = new_token("access-")
        refresh = new_token("refresh-") if self.rotates or refresh_token is None else refresh_token
        self.good_tokens.add(access)
        self.refresh_tokens.add(refresh)
        return {
            "access_token": access, "expires_in": 60 * DAY_S,
            "refresh_token": refresh, "refresh_token_expires_in": 365 * DAY_S,
        }  # fmt: skip

    def _by_token(self, request: Received) -> dict[str, Any]:
        start = int(parse_qs(urlsplit(request.path).query).get("pageToken", ["0"])[0])
        more = {"metadata": {"nextPageToken": str(start + PAGE)}} if start + PAGE < len(self.accounts) else {}
        return {"elements": self.accounts[start : start + PAGE], **more}

    def _by_start(self, request: Received) -> dict[str, Any]:
        start = int(parse_qs(urlsplit(request.path).query).get("start", ["0"])[0])
        links = [{"rel": "next", "href": "http://169.254.169.254/latest/meta-data"}]
        paging = {"start": start, "count": PAGE, "total": len(self.rules), "links": links}
        return {"elements": self.rules[start : start + PAGE], "paging": paging}


class LinkedInWorld:
    """A cast whose server is registered with the fake LinkedIn."""

    def __init__(self, cast: Cast, fake: FakeLinkedIn, queue: Queue) -> None:
        self.cast = cast
        self.fake = fake
        self.services: Services = cast.services
        self.queue = queue

    def path(self, member: Member) -> str:
        return f"/api/projects/{member.project_id}/integrations/"

    async def begin(self, client: httpx.AsyncClient, member: Member, **query: str) -> str:
        """Return the address of the consent page."""
        asked = {"kind": "linkedin-ads", **query}
        answer = await client.get(f"{self.path(member)}authorize", params=asked)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def connect(self, member: Member | None = None) -> int:
        """Connect an account by the API, with a key; return the id of the integration."""
        member = member or self.cast.alice
        location = await self.begin(member.client, member)
        state = dict(parse_qsl(urlsplit(location).query))["state"]
        config = {"code": self.fake.code_for(location), "state": state, "next": "/"}
        body = {"kind": "linkedin-ads", "config": config}
        answer = await member.client.post(self.path(member), json=body)
        assert answer.status_code == 201, answer.text
        id: int = answer.json()["id"]
        return id


@asynccontextmanager
async def linkedin_world(settings: Settings, clock: Clock) -> AsyncIterator[LinkedInWorld]:
    """Yield a fresh cast on an application that knows the fake LinkedIn, while that runs."""
    fake = FakeLinkedIn()
    async with receiving(port=PORT) as receiver, limited_app(settings, "off", clock, **SETTINGS) as app:
        receiver.respond = fake.respond
        cast = Cast(app, app.app.state.services)
        await cast.enter()
        yield LinkedInWorld(cast, fake, app.app.state.queue)
        await cast.leave()
