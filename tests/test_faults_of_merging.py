"""Killed in the middle of merging and un-merging: each has happened altogether, or not at all."""

import asyncio
import contextlib
import signal

import httpx

from tests.test_faults import program

__all__ = ["program"]

STATUSES = ("new", "open", "pending", "on_hold", "resolved")


async def merge_all(client: httpx.AsyncClient, path: str, ids: list[str], answered: list[str]) -> None:
    """Merge all tickets into the first one and take them out again, until the server is gone."""
    with contextlib.suppress(httpx.TransportError):
        for _ in range(10_000):
            for id in ids[1:]:
                (await client.post(f"{path}{id}/merge/", json={"into": ids[0]})).raise_for_status()
                answered.append(id)
            for id in ids[1:]:
                (await client.post(f"{path}{id}/unmerge/")).raise_for_status()
                answered.append(id)


async def test_tickets_are_merged_altogether_or_not_at_all(program):
    project = program.bootstrap("owner@example.com")
    path = f"/api/projects/{project.project_id}/conversations/tickets/"
    answered: list[str] = []
    async with program.client(project) as client:
        ids = []
        for number in range(6):
            body = {
                "distinct_id": f"visitor {number}",
                "message": f"message {number}",
                "tags": [f"tag {number}"],
            }
            opened = (await client.post(path, json=body)).raise_for_status().json()
            reply = {"message": f"answer {number}"}
            (await client.post(f"{path}{opened['id']}/reply/", json=reply)).raise_for_status()
            ids.append(opened["id"])
        merging = asyncio.create_task(merge_all(client, path, ids, answered))
        while len(answered) < 13 and not merging.done():
            await asyncio.sleep(0.005)
        assert program.end(signal.SIGKILL) == -signal.SIGKILL
        await merging
    program.run()
    async with program.client(project) as client:
        await check_is_whole(client, path, ids)
        for id in ids[1:]:
            await client.post(f"{path}{id}/unmerge/")
        listed = await check_is_whole(client, path, ids)
    assert sorted((one["message_count"], one["tags"], one["unread_team_count"]) for one in listed) == [
        (2, [f"tag {number}"], 1) for number in range(6)
    ]


async def check_is_whole(client: httpx.AsyncClient, path: str, ids: list[str]) -> list[dict[str, object]]:
    """Check that every message is on one live ticket, and that all counts are right; return the tickets."""
    listed = (await client.get(path)).json()
    found = listed["results"]
    n_merged = sum(len(one["merged_ticket_numbers"]) for one in found)
    assert listed["count"] == len(found) == len(ids) - n_merged
    said = []
    for one in found:
        messages = (await client.get(f"{path}{one['id']}/messages/")).json()["results"]
        assert one["message_count"] == len(messages) == 2 * (1 + len(one["merged_ticket_numbers"]))
        said += [message["content"] for message in messages]
    assert sorted(said) == sorted(f"{kind} {n}" for kind in ("answer", "message") for n in range(len(ids)))
    counts = [(await client.get(path, params={"status": status})).json()["count"] for status in STATUSES]
    assert sum(counts) == len(found)
    for id in ids:
        assert (await client.get(f"{path}{id}/messages/")).status_code == 200
    result: list[dict[str, object]] = found
    return result
