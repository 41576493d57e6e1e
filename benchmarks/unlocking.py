"""What a try at the password of a shared link costs, with many passwords, beside one bare hash."""

import time
from pathlib import Path

import httpx
import msgspec
from argon2.low_level import Type, hash_secret

from benchmarks.processes import cpu_seconds
from benchmarks.programs import parley
from benchmarks.world import make_world
from parley.accounts.passwords.hashing import HASH_BYTES, LANES, MEMORY_KIB, PASSES

LINKS, PASSWORDS, TRIES = 5, 100, 50
N_BARE = 50


class Unlocked(msgspec.Struct, frozen=True):
    """Processor time of the server for one try, right or wrong, and of one hash without a server."""

    passwords: int
    right_ms: float
    wrong_ms: float
    bare_ms: float

    def figures(self) -> dict[str, float]:
        return {"right.ms": self.right_ms, "wrong.ms": self.wrong_ms}


def measure_unlocking(folder: Path) -> Unlocked:
    """Try passwords at links of a server on SQLite; each link takes 60 tries a minute, and 10 wrong ones."""
    folder.mkdir(parents=True)
    world = make_world(folder, f"sqlite:///{folder}/parley.sqlite3", 1, agents=0)
    with parley(folder) as program, httpx.Client(base_url=program.address) as client:
        links = [_locked_link(client, world.headers, world.project_id, f"shared-{n}") for n in range(LINKS)]
        pid = program.process.pid
        wrong_ms = _cost_ms(client, pid, [link for link in links for _ in range(10)], "not this one", 401)
        tries = [link for link in links for _ in range(TRIES - 10)]
        right_ms = _cost_ms(client, pid, tries, _password(0), 200)
    return Unlocked(PASSWORDS, right_ms, wrong_ms, bare_hash_ms())


def _password(number: int) -> str:
    return f"password {number} of many"


def _locked_link(client: httpx.Client, headers: dict[str, str], project_id: int, recording: str) -> str:
    sharing = f"/api/projects/{project_id}/session_recordings/{recording}/sharing"
    switched = client.patch(sharing, headers=headers, json={"enabled": True, "password_required": True})
    for number in range(PASSWORDS):
        body = {"raw_password": _password(number)}
        client.post(f"{sharing}/passwords", headers=headers, json=body).raise_for_status()
    return f"/shared/{switched.raise_for_status().json()['access_token']}"


def _cost_ms(client: httpx.Client, pid: int, links: list[str], password: str, status: int) -> float:
    before = cpu_seconds(pid)
    for link in links:
        answer = client.post(link, json={"password": password})
        assert answer.status_code == status, answer.text
    return 1000 * (cpu_seconds(pid) - before) / len(links)


def bare_hash_ms() -> float:
    """Return the processor time of one hash of a password."""
    before = time.process_time()
    for _ in range(N_BARE):
        hash_secret(b"a password", b"0" * 16, PASSES, MEMORY_KIB, LANES, HASH_BYTES, Type.ID)
    return 1000 * (time.process_time() - before) / N_BARE
