"""Connecting and listing against a mock that is made of Twilio's own OpenAPI document."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest
import pytest_asyncio

from tests.servers import free_port

ROOT = Path(__file__).parents[5]
DOCUMENT = ROOT.parent / "shared" / "data" / "twilio" / "accounts-and-numbers.openapi.json"
PRISM = ROOT / "node_modules" / ".bin" / "prism"
EXAMPLE = "AC" + "a" * 32

WHY = "Twilio's OpenAPI document is no part of the repository; it is read from ../shared/data/twilio where that is there."
pytestmark = pytest.mark.skipif(not DOCUMENT.exists(), reason=WHY)


@pytest_asyncio.fixture
async def mock() -> AsyncIterator[str]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        str(PRISM), "mock", str(DOCUMENT), "--port", str(port),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(120):
        while b"listening" not in (line := await process.stdout.readline()):
            assert line, "the mock ended"
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    await process.wait()


async def test_the_documented_api_is_the_one_that_is_called(mock, api, project, services, monkeypatch):
    settings = msgspec.structs.replace(services.settings, twilio_api_url=mock)
    monkeypatch.setattr(services, "settings", settings)
    path = f"/api/projects/{project.id}/integrations/"
    config = {"account_sid": EXAMPLE, "auth_token": "any"}
    made = await api.post(path, json={"kind": "twilio", "config": config})
    assert made.status_code == 201, made.text
    assert made.json()["config"] == {"account_sid": EXAMPLE}
    listed = await api.get(f"{path}{made.json()['id']}/twilio_phone_numbers")
    assert listed.status_code == 200, listed.text
    assert listed.json()["phone_numbers"] == [
        {"sid": "PN" + "a" * 32, "phone_number": "+18089255327", "friendly_name": "(808) 925-5327"}
    ]
    # The mock refuses what the document doesn't allow.
    async with httpx.AsyncClient(base_url=mock) as client:
        wrong = await client.get("/2010-04-01/Accounts/short.json")
    assert wrong.status_code >= 400
