"""Killed in the middle of tools that write: with an idempotency key, what is sent again has happened once."""

import asyncio
import contextlib
import json
import signal
from collections import Counter
from typing import Any
from uuid import uuid4

import httpx
import pytest

from parley.mcp.tests.clients import rpc
from tests.test_faults import START_S, program

__all__ = ["program"]

N_WRITERS, ENOUGH = 6, 60


class Writers:
    """Assistants that answer tickets and open others without pause, and remember what was sent and acknowledged."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.sent: dict[str, dict[str, Any]] = {}
        self.acknowledged: dict[str, str] = {}
        self.enough = asyncio.Event()

    async def write(self, ticket: str) -> None:
        """Write until the server is gone."""
        with contextlib.suppress(httpx.TransportError):
            for number in range(10_000):
                key = str(uuid4())
                self.sent[key] = _reply(ticket, key) if number % 2 else _opening(key)
                self.acknowledged[key] = await self.send(key)
                if len(self.acknowledged) >= ENOUGH:
                    self.enough.set()

    async def send(self, key: str) -> str:
        """Call the tool that the key stands for, and return the id of what it made."""
        answer = await self.client.post("/mcp", json=rpc("tools/call", self.sent[key]))
        result = answer.raise_for_status().json()["result"]
        assert not result["isError"], result
        made: str = json.loads(result["content"][0]["text"])["id"]
        return made


def _reply(ticket: str, key: str) -> dict[str, Any]:
    arguments = {"id": ticket, "message": f"Answer {key}", "idempotency_key": key}
    return {"name": "conversations-tickets-reply-create", "arguments": arguments}


def _opening(key: str) -> dict[str, Any]:
    arguments = {"distinct_id": key, "message": "Hello", "idempotency_key": key}
    return {"name": "conversations-tickets-create", "arguments": arguments}


async def contents(api: httpx.AsyncClient, path: str) -> Counter[str]:
    """Count what the messages of a ticket say."""
    found = (await api.get(f"{path}messages/", params={"limit": 500})).raise_for_status().json()
    assert found["next"] is None
    return Counter(one["content"] for one in found["results"])


@pytest.mark.slow
async def test_what_is_sent_again_with_its_key_after_a_kill_has_happened_once(program):
    project = program.bootstrap("owner@example.com")
    tickets = f"/api/projects/{project.project_id}/conversations/tickets/"
    async with program.client(project) as api:
        api.timeout = START_S
        opened = [(await api.post(tickets, json={"distinct_id": "a"})).json()["id"] for _ in range(N_WRITERS)]
        writers = Writers(api)
        writing = [asyncio.create_task(writers.write(ticket)) for ticket in opened]
        enough = asyncio.create_task(writers.enough.wait())
        await asyncio.wait([enough, *writing], timeout=START_S, return_when=asyncio.FIRST_COMPLETED)
        assert program.end(signal.SIGKILL) == -signal.SIGKILL
        enough.cancel()
        await asyncio.gather(*writing)
        assert len(writers.acknowledged) >= ENOUGH
    await asyncio.to_thread(program.run)
    async with program.client(project) as api:
        api.timeout = START_S
        writers.client = api
        again = {key: await writers.send(key) for key in writers.sent}
        said = [await contents(api, f"{tickets}{ticket}/") for ticket in opened]
        found = (await api.get(tickets, params={"limit": 1})).json()["count"]
    assert again | writers.acknowledged == again
    answers = [key for key, params in writers.sent.items() if params["name"].endswith("reply-create")]
    assert sum(said, Counter()) == Counter(f"Answer {key}" for key in answers)
    assert found == N_WRITERS + len(writers.sent) - len(answers)
