"""What the tests of merging do with tickets."""

from typing import Any

import pytest


class Pair:
    """What the tests of merging do with tickets."""

    def __init__(self, desk):
        self.desk = desk
        self.path = desk.tickets

    async def merge(self, one: dict[str, Any], into: Any) -> dict[str, Any]:
        answer = await self.desk.client.post(f"{self.path}{one['id']}/merge/", json={"into": into})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def unmerge(self, key: Any) -> dict[str, Any]:
        answer = await self.desk.client.post(f"{self.path}{key}/unmerge/")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def refused(self, one: dict[str, Any], into: Any) -> dict[str, Any]:
        answer = await self.desk.client.post(f"{self.path}{one['id']}/merge/", json={"into": into})
        assert answer.status_code == 400, answer.text
        return dict(answer.json())

    async def texts(self, key: Any) -> list[str]:
        answer = await self.desk.client.get(f"{self.path}{key}/messages/")
        assert answer.status_code == 200, answer.text
        return [message["content"] for message in answer.json()["results"]]

    async def counts(self) -> dict[str, int]:
        found = {}
        for status in ("new", "open", "pending", "on_hold", "resolved"):
            found[status] = (await self.desk.listed(status=status))["count"]
        return found


@pytest.fixture
def pair(desk):
    return Pair(desk)
