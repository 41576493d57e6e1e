"""Who opened a share, and when, on both databases."""

import asyncio
import traceback
from datetime import timedelta
from typing import Any

from prometheus_client import generate_latest
from structlog.testing import capture_logs

from parley.analytics.sharing.actions import accesses as accesses_kept
from parley.analytics.sharing.jobs import forget_expired_shares
from parley.analytics.sharing.rules import accesses
from parley.analytics.sharing.tests.shares import PASSWORD, Share, bearer, is_locked, unlocked
from parley.kernel.errors import Unavailable
from tests.limited import client_at


async def test_openings_are_listed_with_the_password_that_was_used(alice, anonymous, clock):
    share = Share(alice, "one")
    token = await share.lock(note="for Ada")
    [password] = (await share.show())["share_passwords"]
    await anonymous.post(f"/shared/{token}", json={"password": "not this one"})
    proof = await unlocked(anonymous, token)
    await is_locked(anonymous, token, proof)
    found = {entry["kind"]: entry for entry in await share.accesses()}
    assert set(found) == {"share_login_failed", "share_login_success", "opened"}
    assert found["share_login_failed"]["password_id"] is None
    for kind in ("share_login_success", "opened"):
        assert found[kind]["password_id"] == password["id"] and found[kind]["password_note"] == "for Ada"
    for entry in found.values():
        assert entry["ip"] == "127.0.0.1" and entry["count"] == 1
        assert entry["access_token_suffix"] == token[-6:]


async def test_repeats_are_one_entry_an_hour(alice, anonymous, clock):
    share = Share(alice, "one")
    token = await share.open()
    clock.freeze(clock.now().replace(minute=1))
    for _ in range(4):
        await is_locked(anonymous, token)
    assert [entry["count"] for entry in await share.accesses()] == [1]
    clock.advance(timedelta(minutes=6))
    await is_locked(anonymous, token)
    [entry] = await share.accesses()
    assert entry["count"] == 2 and entry["first_at"] < entry["last_at"]
    clock.advance(timedelta(hours=1))
    await is_locked(anonymous, token)
    assert [entry["count"] for entry in await share.accesses()] == [1, 2]


async def test_a_crowd_is_one_entry(alice, app, clock, monkeypatch):
    monkeypatch.setattr("parley.analytics.sharing.actions.accesses.MOST_ADDRESSES", 3)
    clock.freeze()
    share = Share(alice, "one")
    token = await share.open()
    for n in range(6):
        async with client_at(app, f"203.0.113.{n}") as client:
            await is_locked(client, token)
    assert sorted((entry["ip"], entry["count"]) for entry in await share.accesses()) == [
        ("203.0.113.0", 1),
        ("203.0.113.1", 1),
        ("203.0.113.2", 1),
        ("many", 3),
    ]


async def test_looking_without_seeing_is_no_access(alice, anonymous):
    share = Share(alice, "one")
    token = await share.open()
    await anonymous.head(f"/shared/{token}")
    await anonymous.get(f"/shared/{token}x")
    assert await share.accesses() == []


async def test_old_entries_and_replaced_links_are_deleted(alice, anonymous, clock, services):
    async def forget():
        async with services.database.transaction() as db:
            return await forget_expired_shares(db, services)

    share = Share(alice, "one")
    old = await share.lock()
    proof = await unlocked(anonymous, old)
    await is_locked(anonymous, old, proof)
    new = await share.refresh()
    clock.advance(timedelta(hours=2))
    assert await forget() >= 1 and await forget() == 0
    assert (await share.show()) == new and len(await share.accesses()) == 2
    clock.advance(accesses.KEPT_FOR)
    assert await forget() >= 2 and await forget() == 0
    assert await share.accesses() == []
    assert (await share.show())["share_passwords"] == new["share_passwords"]


async def test_one_run_deletes_all_that_is_over(alice, app, clock, services, monkeypatch):
    monkeypatch.setattr("parley.analytics.sharing.jobs.BATCH", 1)
    share = Share(alice, "one")
    token = await share.open()
    for n in range(3):
        async with client_at(app, f"203.0.113.{n}") as client:
            await is_locked(client, token)
        await share.refresh()
    clock.advance(accesses.KEPT_FOR + timedelta(hours=1))
    async with services.database.transaction() as db:
        assert await forget_expired_shares(db, services) >= 6
        assert await forget_expired_shares(db, services) == 0
    assert await share.accesses() == []


async def test_tries_stand_in_the_activity_log_with_the_end_of_the_token_alone(alice, anonymous):
    share = Share(alice, "one")
    token = await share.lock()
    await anonymous.post(f"/shared/{token}", json={"password": "not this one"})
    await unlocked(anonymous, token)
    log = await alice.client.get("/api/projects/@current/activity_log/?scope=Replay&item_id=one")
    right, wrong = log.json()["results"][:2]
    assert (wrong["activity"], right["activity"]) == ("share_login_failed", "share_login_success")
    assert wrong["user"] is None and right["user"] is None
    after = right["detail"]["changes"][0]["after"]
    assert after["access_token_suffix"] == token[-6:] and after["client_ip"] == "127.0.0.1"
    assert after["password_note"] == "Untitled password" and after["password_id"] > 0
    for secret in (token, PASSWORD, "not this one"):
        assert secret not in log.text


async def test_no_secret_gets_into_logs_metrics_or_links(alice, anonymous, monkeypatch):
    share = Share(alice, "one")
    token = await share.lock()
    proof = await unlocked(anonymous, token)

    async def broken(*_: object) -> None:
        raise RuntimeError("something broke")

    monkeypatch.setattr("parley.analytics.sharing.pages.note_opened", broken)
    with capture_logs() as lines:
        answer = await anonymous.get(f"/shared/{token}.json", headers=bearer(proof))
        await anonymous.post(f"/shared/{token}", json={"password": "a wrong password"})
    assert answer.status_code == 500 and answer.headers["referrer-policy"] == "no-referrer"
    [line] = lines
    assert line["route"] == "/shared/{token}"
    failure = "".join(traceback.format_exception(line["exc_info"]))
    told = f"{line}{failure}{generate_latest().decode()}"
    for secret in (token, proof, PASSWORD, "a wrong password"):
        assert secret not in told


async def test_another_organization_sees_no_accesses(alice, mallory, anonymous):
    share = Share(alice, "one")
    await is_locked(anonymous, await share.open())
    assert len(await share.accesses()) == 1
    assert await Share(mallory, "one").accesses() == []
    assert (await mallory.client.get(f"{share.path}/accesses/")).status_code == 403


async def test_what_is_shared_is_seen_while_nothing_can_be_written(alice, anonymous, monkeypatch):
    share = Share(alice, "one")
    token = await share.open()

    async def unable(*_: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patched, capture_logs() as lines:
        patched.setattr("parley.analytics.sharing.actions.accesses._store_opened", unable)
        assert await is_locked(anonymous, token) is False
        assert [line["event"] for line in lines] == ["an opening of a shared link could not be kept"]
    assert await share.accesses() == []
    # It has not counted: the next one within the five minutes is kept.
    assert await is_locked(anonymous, token) is False
    assert [entry["count"] for entry in await share.accesses()] == [1]


async def test_nobody_waits_long_for_the_entry(alice, anonymous, monkeypatch):
    share, free = Share(alice, "one"), asyncio.Event()
    token, store = await share.open(), accesses_kept._store_opened

    async def late(*args: Any) -> None:
        await free.wait()
        await store(*args)

    monkeypatch.setattr(accesses_kept, "_store_opened", late)
    monkeypatch.setattr(accesses_kept, "PATIENCE_S", 0.01)
    assert await is_locked(anonymous, token) is False
    assert await share.accesses() == []
    free.set()
    await asyncio.gather(*accesses_kept._noting)
    assert [entry["count"] for entry in await share.accesses()] == [1]


async def test_an_opening_that_is_one_too_many_is_logged(alice, anonymous, monkeypatch):
    share = Share(alice, "one")
    token = await share.open()
    with monkeypatch.context() as patched, capture_logs() as lines:
        patched.setattr(accesses_kept, "MOST_WAITING", 0)
        assert await is_locked(anonymous, token) is False
        assert [line["event"] for line in lines] == ["an opening of a shared link could not be kept"]
    assert await is_locked(anonymous, token) is False
    assert [entry["count"] for entry in await share.accesses()] == [1]
