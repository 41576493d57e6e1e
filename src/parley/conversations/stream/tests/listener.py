"""A reader of server-sent events that does what the WHATWG's rules say, and nothing more."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec

PATIENCE_S = 60.0


class Heard(msgspec.Struct):
    """One event; `id` is the last event id after it."""

    id: str
    name: str
    data: Any

    @property
    def about(self) -> tuple[str, int]:
        return self.name, self.data["ticket_number"]


def place_of(id: str) -> int:
    """Return the place in an id, which is a number and a check of what is there."""
    return int(id.split("-")[0])


class Listener:
    """Reads one answer. `last_id` and `retry_ms` are what a browser would remember."""

    def __init__(self, answer: httpx.Response, last_id: str = "") -> None:
        self.answer = answer
        self.last_id = last_id
        self.retry_ms = 3000
        self.comments: list[str] = []
        self._lines = answer.aiter_lines()
        self._fields: dict[str, list[str]] = {}

    async def line(self) -> Heard | None:
        """Read a line; return the event that it ends, if it ends one."""
        text = await asyncio.wait_for(anext(self._lines), PATIENCE_S)
        if text.startswith(":"):
            self.comments.append(text[1:].strip())
        elif text:
            name, _, value = text.partition(":")
            self._fields.setdefault(name, []).append(value.removeprefix(" "))
            if name == "retry":
                self.retry_ms = int(value)
            return None
        else:
            return self._dispatched()
        return None

    def _dispatched(self) -> Heard | None:
        fields, self._fields = self._fields, {}
        if "id" in fields:
            self.last_id = fields["id"][-1]
        if "data" not in fields:
            return None
        name = fields.get("event", ["message"])[-1]
        return Heard(self.last_id, name, json.loads("\n".join(fields["data"])))

    async def next(self) -> Heard:
        """Return the next event."""
        while True:
            heard = await self.line()
            if heard is not None:
                return heard

    async def events(self, count: int) -> list[Heard]:
        """Return the next events."""
        return [await self.next() for _ in range(count)]

    async def rest(self) -> list[Heard]:
        """Return everything until the answer ends."""
        found: list[Heard] = []
        while True:
            try:
                heard = await self.line()
            except StopAsyncIteration:
                return found
            if heard is not None:
                found.append(heard)

    async def known_place(self) -> str:
        """Read until the stream has said where it begins."""
        while not self.last_id:
            await self.line()
        return self.last_id


@asynccontextmanager
async def listening(
    client: httpx.AsyncClient, project_id: int, last_id: str | None = None, **query: str
) -> AsyncIterator[Listener]:
    """Open a stream, as a browser would that has seen `last_id`."""
    headers = {} if last_id is None else {"Last-Event-ID": last_id}
    url = f"/api/projects/{project_id}/conversations/stream/"
    # Beats come for ever, so that reading alone never times out.
    async with (
        asyncio.timeout(3 * PATIENCE_S),
        client.stream("GET", url, headers=headers, params=query, timeout=PATIENCE_S) as answer,
    ):
        answer.raise_for_status()
        listener = Listener(answer, last_id or "")
        if last_id is None:
            await listener.known_place()
        yield listener


async def caught_up(client: httpx.AsyncClient, project_id: int, last_id: str | None) -> Listener:
    """Return a listener of what there is and not more, whose answer is complete."""
    headers = {} if last_id is None else {"Last-Event-ID": last_id}
    url = f"/api/projects/{project_id}/conversations/stream"
    answer = await client.get(url, headers=headers, params={"follow": "false"})
    assert answer.status_code == 200, answer.text
    return Listener(answer, last_id or "")


async def heard_since(client: httpx.AsyncClient, project_id: int, last_id: str) -> list[Heard]:
    """Return the events that follow an id."""
    return await (await caught_up(client, project_id, last_id)).rest()


async def present_place(client: httpx.AsyncClient, project_id: int) -> str:
    """Return the id from which on everything is yet to come."""
    listener = await caught_up(client, project_id, None)
    assert await listener.rest() == []
    return listener.last_id
