"""Killed while it forgets somebody: they are known as before, or not at all."""

import asyncio
import contextlib
import signal

import httpx
import pytest

from tests.test_faults import program

__all__ = ["program"]

N_TICKETS, N_EVENTS = 12, 300


async def live(client: httpx.AsyncClient, project, who: str) -> None:
    """Give somebody tickets and events, and messages of which webhooks are still to be told."""
    path = f"/api/projects/{project.project_id}/conversations/tickets/"
    ticket = {"email": f"{who}@example.com", "distinct_id": who, "message": f"I am {who}", "tags": [who]}
    for _ in range(N_TICKETS):
        (await client.post(path, json=ticket)).raise_for_status()
    events = [
        {"event": "seen", "distinct_id": who, "properties": {"$set": {"email": ticket["email"]}, "n": n}}
        for n in range(N_EVENTS)
    ]
    body = {"api_key": project.project_token, "batch": events}
    (await client.post("/batch", json=body)).raise_for_status()


async def known(client: httpx.AsyncClient, url: str, who: str) -> dict[str, int]:
    """Return how much is known of somebody; nothing where they are not found."""
    answer = await client.get(url, params={"email": f"{who}@example.com"})
    assert answer.status_code in (200, 404), answer.text
    return {name: len(found) for name, found in answer.json().items() if isinstance(found, list) and found}


@pytest.mark.parametrize("wait_s", [0.01, 0.05], ids=str)
async def test_somebody_is_forgotten_whole_or_not_at_all(program, wait_s):
    project = program.bootstrap("owner@example.com")
    root = f"/api/projects/{project.project_id}"
    url = f"{root}/personal_data/"
    people = ("ada", "bob", "cleo")
    async with program.client(project) as client:
        for who in people:
            await live(client, project, who)
        before = {who: await known(client, url, who) for who in people}
        assert before["ada"]["tickets"] == N_TICKETS and before["ada"]["events"] > N_EVENTS
        asked = [
            asyncio.create_task(client.delete(url, params={"email": f"{who}@example.com"}))
            for who in people[:2]
        ]
        await asyncio.sleep(wait_s)
        assert program.end(signal.SIGKILL) == -signal.SIGKILL
        acknowledged = set()
        for who, task in zip(people, asked, strict=False):
            with contextlib.suppress(httpx.TransportError):
                acknowledged.add(who if (await task).status_code == 200 else None)
    program.run()
    async with program.client(project) as client:
        after = {who: await known(client, url, who) for who in people}
        log = await client.get(f"{root}/activity_log/", params={"scope": "Person", "limit": 100})
        erased = [one for one in log.json()["results"] if one["activity"] == "erased"]
        forgotten = {who for who in people if not after[who]}
        assert all(after[who] in ({}, before[who]) for who in people), (before, after)
        assert forgotten >= acknowledged and "cleo" not in forgotten
        assert len(erased) == len(forgotten)
        listed = await client.get(f"{root}/conversations/tickets/")
        assert listed.json()["count"] == N_TICKETS * (len(people) - len(forgotten))
        for who in set(people) - forgotten:
            (await client.delete(url, params={"email": f"{who}@example.com"})).raise_for_status()
        assert (await client.get(f"{root}/conversations/tickets/")).json()["count"] == 0
