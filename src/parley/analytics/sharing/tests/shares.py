"""Shares for tests."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.cast import Member

PASSWORD = "correct horse battery"


@dataclass
class Share:
    """A share of one recording, and who manages it."""

    member: Member
    recording_id: str

    @property
    def path(self) -> str:
        return f"/api/projects/{self.member.project_id}/session_recordings/{self.recording_id}/sharing"

    async def show(self) -> Any:
        answer = await self.member.client.get(self.path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def change(self, **body: Any) -> Any:
        answer = await self.member.client.patch(self.path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refresh(self) -> Any:
        answer = await self.member.client.post(f"{self.path}/refresh")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def add_password(self, password: str | None = PASSWORD, note: str = "") -> Any:
        body = {"raw_password": password, "note": note}
        answer = await self.member.client.post(f"{self.path}/passwords", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def accesses(self) -> Any:
        answer = await self.member.client.get(f"{self.path}/accesses/")
        assert answer.status_code == 200, answer.text
        return answer.json()["results"]

    async def open(self, **body: Any) -> Any:
        """Switch it on and return its secret."""
        return (await self.change(enabled=True, **body))["access_token"]

    async def lock(self, password: str = PASSWORD, note: str = "") -> Any:
        """Switch it on with a password and return its secret."""
        token = await self.open(password_required=True)
        await self.add_password(password, note)
        return token


async def unlocked(client: httpx.AsyncClient, token: str, password: str = PASSWORD) -> Any:
    """Return the proof for a password."""
    answer = await client.post(f"/shared/{token}", json={"password": password})
    assert answer.status_code == 200, answer.text
    client.cookies.clear()
    return answer.json()["shareToken"]


def bearer(proof: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {proof}"}


async def is_locked(client: httpx.AsyncClient, token: str, proof: str | None = None) -> bool | None:
    """Say whether a password is asked for; None where there is nothing at all."""
    answer = await client.get(f"/shared/{token}.json", headers=bearer(proof) if proof else {})
    return {200: False, 401: True}.get(answer.status_code)
