"""Fixtures of the stream's tests."""

import httpx
import pytest
import pytest_asyncio

from parley.conversations.stream.tests.listener import Heard, heard_since, present_place
from parley.conversations.tickets.tests.factories import Desk
from tests.cast import Member, TestProject


@pytest.fixture
def desk(alice: Member, project: TestProject) -> Desk:
    """Alice at work in her project."""
    return Desk(alice, project)


class Ear:
    """Hears what a client of the project is sent, a part at a time."""

    def __init__(self, client: httpx.AsyncClient, project: TestProject) -> None:
        self.client = client
        self.project = project
        self.last_id = ""

    async def news(self) -> list[Heard]:
        """Return the events since it was last asked."""
        heard = await heard_since(self.client, self.project.id, self.last_id)
        self.last_id = heard[-1].id if heard else self.last_id
        return heard

    async def names(self) -> list[tuple[str, int]]:
        """Return name and number of the ticket of each event since it was last asked."""
        return [one.about for one in await self.news()]


@pytest_asyncio.fixture
async def ear(api: httpx.AsyncClient, project: TestProject) -> Ear:
    """Alice's key, listening from now on."""
    made = Ear(api, project)
    made.last_id = await present_place(api, project.id)
    return made
