"""Killed in the middle of a change of many tickets: all of it has happened, or nothing."""

import asyncio
import contextlib
import signal

import httpx

from tests.test_faults import program

__all__ = ["program"]

STATUSES = ("open", "pending", "resolved", "on_hold")


async def move_all(client: httpx.AsyncClient, path: str, ids: list[str], answered: list[str]) -> None:
    """Move the tickets from status to status until the server is gone."""
    with contextlib.suppress(httpx.TransportError):
        for n in range(10_000):
            status = STATUSES[n % 4]
            body = {"ids": ids, "action": "set", "tags": [status]}
            moved = await client.post(f"{path}bulk_update_status/", json={"ids": ids, "status": status})
            assert moved.raise_for_status().json()["updated"] == len(ids)
            (await client.post(f"{path}bulk_update_tags/", json=body)).raise_for_status()
            answered.append(status)


async def test_many_tickets_are_changed_together_or_not_at_all(program):
    project = program.bootstrap("owner@example.com")
    root = f"/api/projects/{project.project_id}"
    path = f"{root}/conversations/tickets/"
    answered: list[str] = []
    async with program.client(project) as client:
        opened = [
            (await client.post(path, json={"distinct_id": "visitor"})).raise_for_status() for _ in range(40)
        ]
        ids = [answer.json()["id"] for answer in opened]
        moving = asyncio.create_task(move_all(client, path, ids, answered))
        while len(answered) < 6 and not moving.done():
            await asyncio.sleep(0.005)
        assert program.end(signal.SIGKILL) == -signal.SIGKILL
        await moving
    program.run()
    async with program.client(project) as client:
        listed = (await client.get(path)).json()
        (status,) = {ticket["status"] for ticket in listed["results"]}
        assert len({tuple(ticket["tags"]) for ticket in listed["results"]}) == 1
        for one in ("new", *STATUSES):
            count = (await client.get(path, params={"status": one})).json()["count"]
            assert count == (len(ids) if one == status else 0)
        logs = [
            (await client.get(f"{root}/activity_log/", params={"scope": "Ticket", "item_id": id})).json()
            for id in ids
        ]
    assert len({log["count"] for log in logs}) == 1
