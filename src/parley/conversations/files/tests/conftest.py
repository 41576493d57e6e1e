"""A message that files can be attached to."""

from uuid import UUID

import pytest_asyncio


@pytest_asyncio.fixture
async def a_message(project, api) -> UUID:
    tickets = f"/api/projects/{project.id}/conversations/tickets/"
    made = await api.post(tickets, json={"distinct_id": "a", "message": "Hello"})
    found = await api.get(f"{tickets}{made.json()['id']}/messages/")
    return UUID(found.json()["results"][0]["id"])
