"""Guessing passwords through the pages, on both databases."""

import asyncio
import time
from collections import Counter

import pytest
from sqlalchemy import func, select

from parley.accounts.activity_log.tables import activity_log
from parley.accounts.passwords import hashing
from parley.analytics.sharing.tables import share_access
from parley.analytics.sharing.tests.shares import PASSWORD, Share, is_locked
from tests.limited import client_at

N_GUESSES = 500  # 10,000 leave as little, and take half a minute


@pytest.fixture
def cheap(monkeypatch):
    """Hashes that cost next to nothing, where it is the number of tries that matters."""
    monkeypatch.setattr(hashing, "MEMORY_KIB", 8)
    monkeypatch.setattr(hashing, "PASSES", 1)


@pytest.fixture
def still(clock):
    clock.freeze()


async def guess(client, token, password="not this one"):
    return (await client.post(f"/shared/{token}", json={"password": password})).status_code


def counted_hashes(monkeypatch):
    """Return a list that grows with each password that is hashed."""
    hashed: list[str] = []
    real = hashing._hash_in_form

    def counting(password, form):
        hashed.append(password)
        return real(password, form)

    monkeypatch.setattr(hashing, "_hash_in_form", counting)
    return hashed


async def log_of(alice):
    found = await alice.client.get("/api/projects/@current/activity_log/?scope=Replay&limit=1000")
    return [entry for entry in found.json()["results"] if entry["activity"].startswith("share_login")]


async def test_wrong_ones_are_throttled_and_the_right_one_still_passes(alice, anonymous, cheap, still):
    token = await Share(alice, "one").lock()
    assert [await guess(anonymous, token) for _ in range(12)] == [401] * 10 + [429] * 2
    answer = await anonymous.post(f"/shared/{token}.json", json={"password": "wrong again"})
    assert answer.status_code == 429 and answer.headers["retry-after"] == "60"
    assert await guess(anonymous, token, PASSWORD) == 200
    assert Counter(entry["activity"] for entry in await log_of(alice)) == {
        "share_login_failed": 10,
        "share_login_success": 1,
    }


async def test_the_form_says_that_there_were_too_many(alice, anonymous, cheap, still):
    token = await Share(alice, "one").lock()
    for _ in range(10):
        await guess(anonymous, token)
    page = {"Accept": "text/html"}
    answer = await anonymous.post(f"/shared/{token}", data={"password": "wrong"}, headers=page)
    assert answer.status_code == 429 and answer.headers["retry-after"] == "60"
    assert "Too many tries from here." in answer.text


async def test_many_at_once_get_no_further(alice, anonymous, cheap, still):
    token = await Share(alice, "one").lock()
    found = await asyncio.gather(
        *(guess(anonymous, token, PASSWORD if n % 2 else "wrong one") for n in range(100))
    )
    counted = Counter(found)
    assert counted[401] == 10 and 20 <= counted[200] <= 40 and sum(counted.values()) == 100


async def test_a_flood_of_guesses_costs_little_and_leaves_little(
    alice, app, database, cheap, still, monkeypatch
):
    token, hashed = await Share(alice, "one").lock(), counted_hashes(monkeypatch)
    clients = [client_at(app, f"203.0.113.{n}") for n in range(100)]
    for first in range(0, N_GUESSES, 100):
        tries = (guess(clients[n % 100], token, f"guess number {n}") for n in range(first, first + 100))
        assert set(await asyncio.gather(*tries)) <= {401, 429}
    assert len(hashed) <= 300
    async with database.transaction(write=False) as db:
        for table in (activity_log, share_access):
            mine = select(func.count()).select_from(table).where(table.c.project_id == alice.project_id)
            assert (await db.execute(mine)).scalar_one() <= 30
    for client in clients:
        await client.aclose()


async def test_a_try_costs_one_hash_however_many_passwords_there_are(alice, anonymous):
    share = Share(alice, "one")
    token = await share.lock("the first password")
    for n in range(16):
        await share.add_password(f"password number {n}")
    costs = []
    for password in ("wrong one", "the first password", "password number 15"):
        before = time.process_time()
        await guess(anonymous, token, password)
        costs.append(time.process_time() - before)
    # All that this process did meanwhile; a hash is 20 ms of it, and 17 of them would be 340.
    assert max(costs) < 0.3


async def test_a_try_at_a_share_without_passwords_is_hashed_as_well(alice, anonymous, cheap, monkeypatch):
    token = await Share(alice, "one").open(password_required=True)
    hashed = counted_hashes(monkeypatch)
    assert await guess(anonymous, token) == 401 and len(hashed) == 1


async def test_a_proof_for_one_link_opens_no_other(alice, mallory, anonymous):
    mine, theirs = await Share(alice, "one").lock(), await Share(mallory, "one").lock()
    answer = await anonymous.post(f"/shared/{mine}", json={"password": PASSWORD})
    proof = answer.json()["shareToken"]
    anonymous.cookies.clear()
    assert await is_locked(anonymous, mine, proof) is False
    assert await is_locked(anonymous, theirs, proof) is True
    cookie = {"Cookie": f"posthog_sharing_token={proof}"}
    page = await anonymous.get(f"/shared/{theirs}", headers={"Accept": "application/json", **cookie})
    assert page.headers["content-type"].startswith("text/html")
    assert (await anonymous.get(f"/shared/{theirs}.json", headers=cookie)).status_code == 401
    # A proof is for reading: it makes no wrong password right.
    assert await guess(anonymous, mine, proof) == 401
