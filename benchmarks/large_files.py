"""A large file up and down again: how long that takes, and by how much the server grows meanwhile."""

import hashlib
import os
import time
from pathlib import Path

import httpx
import msgspec

from benchmarks.processes import tree
from benchmarks.programs import parley
from benchmarks.world import make_world

MIB = 1024 * 1024
SIZE, TIMES = 20 * MIB, 5


class Carried(msgspec.Struct, frozen=True):
    """How long one file takes each way, and by how much the peak of the server's memory has grown over all of them."""

    size_mib: int
    times: int
    up_s: float
    down_s: float
    grown_mib: float

    def figures(self) -> dict[str, float]:
        return {"up.s": self.up_s, "down.s": self.down_s, "grown.mib": self.grown_mib}


def measure_large_files(folder: Path, url: str) -> Carried:
    """Run Parley on a new database of PostgreSQL, and send and fetch a file of 20 MB some times."""
    folder.mkdir(parents=True)
    world = make_world(folder, url, 1, agents=0)
    headers = {"Authorization": world.headers["Authorization"]}
    path, content = f"/api/projects/{world.project_id}/conversations/files/", os.urandom(SIZE)
    digest, up, down = hashlib.sha256(content).digest(), 0.0, 0.0
    with parley(folder, url) as own, httpx.Client(base_url=own.address, headers=headers, timeout=120) as api:
        first = api.post(path, files={"file": ("a", b"x")}).raise_for_status()  # what it loads stays
        api.get(first.json()["url"]).raise_for_status()
        before = _peak_mib(own.process.pid)
        for _ in range(TIMES):
            began = time.perf_counter()
            made = api.post(path, files={"file": ("a", content)}).raise_for_status().json()
            sent = time.perf_counter()
            assert hashlib.sha256(api.get(made["url"]).content).digest() == digest
            up, down = up + sent - began, down + time.perf_counter() - sent
        grown = _peak_mib(own.process.pid) - before
    return Carried(SIZE // MIB, TIMES, up / TIMES, down / TIMES, grown)


def _peak_mib(pid: int) -> float:
    """Return the most memory that the process, and each below it, has had so far."""
    lines = [line for one in tree(pid) for line in Path(f"/proc/{one}/status").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
