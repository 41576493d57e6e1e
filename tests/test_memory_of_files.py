"""A large file goes through the server in pieces: up and down again, the process grows by less than the file has."""

import hashlib
import os
import sys
from pathlib import Path

import pytest

from tests.parley_server import ParleyServer

MIB = 1024 * 1024
SIZE = 20 * MIB


def peak_of(server: ParleyServer) -> int:
    """Return the most memory that the process has had so far, in bytes (Linux)."""
    [pid] = server.children()
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak of a process")
async def test_a_file_of_20_mb_costs_less_than_20_mb(tmp_path):
    server = ParleyServer(tmp_path, {})
    server.start()
    try:
        project = server.bootstrap("owner@example.com")
        files = f"/api/projects/{project.project_id}/conversations/files/"
        content = os.urandom(SIZE)
        digest = hashlib.sha256(content).hexdigest()
        async with server.client(project) as client:
            first = await client.post(files, files={"file": ("a", b"x")})  # what a first file loads stays
            await client.get(first.json()["url"])
            before = peak_of(server)
            sent = await client.post(files, files={"file": ("a", content)}, timeout=60)
            announced = {"name": "b", "size": SIZE, "sha256": digest}
            upload = (await client.post(files + "uploads/", json=announced)).json()
            again = await client.put(upload["upload_url"], content=content, timeout=60)
            assert (sent.status_code, again.status_code) == (201, 200)
            for made in (sent, again):
                got = await client.get(made.json()["url"], timeout=60)
                assert hashlib.sha256(got.content).hexdigest() == digest
            large = await client.post(files, files={"file": ("a", content + content[: 6 * MIB])}, timeout=60)
            assert (large.status_code, large.json()["code"]) == (413, "file_too_large")
            assert peak_of(server) - before < SIZE
    finally:
        server.stop()
