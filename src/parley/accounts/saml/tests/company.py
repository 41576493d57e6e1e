"""A verified domain whose identity provider is the tests' own, and people who sign in through it."""

import base64
import zlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
from lxml import etree
from sqlalchemy import insert, update

from parley.accounts.domains.tables import organization_domain
from parley.accounts.saml.tests.identity_provider import ISSUER, SIGN_ON, Said, key, posted, signed
from parley.kernel.ids import new_token, new_uuid
from tests.cast import Cast


@dataclass
class Company:
    """A domain of alice's organization with SAML."""

    cast: Cast
    id: UUID
    name: str

    @property
    def email(self) -> str:
        return f"ada@{self.name}"

    def said(self, **changes: Any) -> Said:
        """Return what the identity provider says of ada now."""
        fields = {
            "email": self.email,
            "name_id": f"ada-{self.id}",
            "assertion_id": f"_{new_token()}",
        } | changes
        return Said(now=self.cast.services.clock.now(), **fields)

    async def start(self, client: httpx.AsyncClient, **more: str) -> str:
        """Begin to sign in; return the ID of the request."""
        answer = await client.get("/login/saml/", params={"email": self.email, **more})
        assert answer.status_code == 302, answer.text
        return request_id_of(answer.headers["location"])

    async def finish(
        self, client: httpx.AsyncClient, response: str, relay_state: str | None = None
    ) -> httpx.Response:
        """Bring an answer as the page of the identity provider does it."""
        form = {"SAMLResponse": response, "RelayState": str(self.id) if relay_state is None else relay_state}
        headers = {"origin": "https://idp.test", "sec-fetch-site": "cross-site"}
        session = client.cookies.get("parley_session")
        client.cookies.delete("parley_session") if session else None  # the page is on another site
        answer = await client.post("/complete/saml/", data=form, headers=headers)
        if session and "parley_session" not in client.cookies:
            client.cookies.set("parley_session", session, domain="parley.test", path="/")
        unasked = answer.headers.get("location") == "/complete/saml/arrival"
        return await client.get("/complete/saml/arrival") if unasked else answer

    async def sign_in(self, client: httpx.AsyncClient, **changes: Any) -> httpx.Response:
        """Sign in from beginning to end, in one browser."""
        said = self.said(in_response_to=await self.start(client), **changes)
        return await self.finish(client, posted(signed(said)))

    async def set(self, **values: Any) -> None:
        async with self.cast.services.database.transaction() as db:
            await db.execute(
                update(organization_domain).where(organization_domain.c.id == self.id).values(**values)
            )


async def made_company(cast: Cast) -> Company:
    """Make a company with a domain of its own."""
    made = Company(cast, new_uuid(), f"{new_token(length=12).lower()}.test")
    now = cast.services.clock.now()
    async with cast.services.database.transaction() as db:
        await db.execute(
            insert(organization_domain).values(
                id=made.id, organization_id=cast.alice.organization_id, domain=made.name,
                verification_challenge="x", verified_at=now, created_at=now, jit_provisioning_enabled=True,
                saml_entity_id=ISSUER, saml_acs_url=SIGN_ON, saml_x509_cert=key().certificate,
            )
        )  # fmt: skip
    return made


def request_id_of(url: str) -> str:
    """Return the ID of the request that a URL of the identity provider carries."""
    packed = parse_qs(urlsplit(url).query)["SAMLRequest"][0]
    found: str = etree.fromstring(zlib.decompress(base64.b64decode(packed), -15)).get("ID")
    return found


def failure_of(answer: httpx.Response) -> tuple[str, str]:
    """Return code and sentence of a sign-in that failed."""
    assert answer.status_code == 302, answer.text
    assert answer.headers["location"].startswith("/login?")
    assert "parley_session" not in answer.cookies
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return query["error_code"][0], query["error_detail"][0]
