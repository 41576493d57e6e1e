"""A project that is connected to the LinkedIn of linkedin_ads' tests, and the place to which conversions are posted."""

from dataclasses import dataclass, field
from typing import Any

import pytest_asyncio

from parley.integrations.linkedin_ads.tests.conftest import world
from parley.integrations.linkedin_ads.tests.fake_linkedin import LinkedInWorld
from parley.integrations.linkedin_conversions.actions.collecting import collect_all
from tests.cast import Member
from tests.receiver import Received, answers

__all__ = ["world"]
EVENTS = "/rest/conversionEvents"


@dataclass
class Conversions:
    """The rules of alice's project, by the API, and what LinkedIn has got.

    LinkedIn's answer is made by hand from "Conversions API: Streaming Conversion Events" (learn.microsoft.com/linkedin): 201
    without a body, 4xx with a `message`.
    """

    world: LinkedInWorld
    integration_id: int
    status: int = 201
    more: dict[str, Any] = field(default_factory=dict)
    got: list[Received] = field(default_factory=list)

    @property
    def alice(self) -> Member:
        return self.world.cast.alice

    @property
    def path(self) -> str:
        return f"/api/projects/{self.alice.project_id}/linkedin_conversions/"

    def body(self, **fields: Any) -> dict[str, Any]:
        ids = {"integration_id": self.integration_id, "ad_account_id": "501", "conversion_rule_id": "104012"}
        return {**ids, "trigger": "ticket_opened", **fields}

    async def add(self, **fields: Any) -> dict[str, Any]:
        answer = await self.alice.client.post(self.path, json=self.body(**fields))
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def open_ticket(self, email: str | None = "Ada@Example.com") -> str:
        body = (
            {"email": email, "message": "Hello"} if email else {"distinct_id": "nobody", "message": "Hello"}
        )
        path = f"/api/projects/{self.alice.project_id}/conversations/tickets/"
        answer = await self.alice.client.post(path, json=body)
        assert answer.status_code == 201, answer.text
        id: str = answer.json()["id"]
        return id

    async def change_ticket(self, ticket_id: str, **fields: Any) -> None:
        path = f"/api/projects/{self.alice.project_id}/conversations/tickets/{ticket_id}/"
        answer = await self.alice.client.patch(path, json=fields)
        assert answer.status_code == 200, answer.text

    async def run(self) -> int:
        """Do what the background does in a minute; return how many conversions were new."""
        n_made = await collect_all(self.world.services)
        await self.world.queue.drain()
        return n_made

    async def log(self, rule: dict[str, Any], **query: str) -> list[dict[str, Any]]:
        answer = await self.alice.client.get(f"{self.path}{rule['id']}/deliveries/", params=query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["results"]
        return found


@pytest_asyncio.fixture
async def conversions(world: LinkedInWorld) -> Conversions:
    made = Conversions(world, await world.connect())

    async def respond(writer: Any, request: Received) -> None:
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in world.fake.good_tokens:
            await answers(401, b"{}")(writer, request)
            return
        made.got.append(request)
        body = b'{"message": "Conversion rule is not active"}' if made.status >= 400 else b""
        await answers(made.status, body, **made.more)(writer, request)

    world.fake.instead[EVENTS] = respond
    return made
