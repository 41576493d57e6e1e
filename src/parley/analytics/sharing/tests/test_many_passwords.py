"""How many passwords a share may have, and what a try costs then, on both databases."""

from datetime import timedelta

from sqlalchemy import insert

from parley.accounts.passwords import hashing
from parley.analytics.sharing.queries.configurations import current_share, password_by_hash
from parley.analytics.sharing.rules.passwords import MOST_PASSWORDS
from parley.analytics.sharing.tables import share_password
from parley.analytics.sharing.tests.shares import PASSWORD, Share, unlocked

FULL = "A share has at most 100 passwords. Delete one that is no longer needed."


async def add_rows(database, share, number):
    """Give a share passwords that nobody knows, without hashing them."""
    async with database.transaction() as db:
        stored = await current_share(db, share.member.project_id, "recording", share.recording_id)
        assert stored is not None
        rows = [
            {
                "project_id": stored.project_id,
                "id": n,
                "configuration_id": stored.id,
                "original_id": n,
                "password_hash": f"{stored.hash_form}$no-{n}",
                "note": "",
                "is_active": True,
                "created_by": None,
                "created_at": stored.created_at - timedelta(seconds=n),
            }
            for n in range(1, number + 1)
        ]
        await db.execute(insert(share_password), rows)


async def test_a_share_has_at_most_a_hundred_passwords(alice, anonymous, database):
    share = Share(alice, "one")
    token = await share.lock()
    await add_rows(database, share, MOST_PASSWORDS - 1)
    for path in (f"{share.path}/passwords", f"{share.path}/passwords/"):
        answer = await alice.client.post(path, json={"note": "one too many"})
        assert answer.status_code == 400 and answer.json()["detail"] == FULL
    assert len((await share.show())["share_passwords"]) == MOST_PASSWORDS
    await unlocked(anonymous, token)
    assert (await alice.client.delete(f"{share.path}/passwords/7")).status_code == 204
    await share.add_password("another password")
    await unlocked(anonymous, token, "another password")


async def test_a_try_reads_one_password_however_many_there_are(alice, anonymous, database):
    share = Share(alice, "one")
    token = await share.lock()
    await add_rows(database, share, 500)
    assert len((await share.show())["share_passwords"]) == MOST_PASSWORDS
    async with database.transaction(write=False) as db:
        stored = await current_share(db, alice.project_id, "recording", "one")
        assert stored is not None
        hashed = await hashing.hash_in_form(PASSWORD, stored.hash_form, address="")
        found = await password_by_hash(db, stored, hashed)
        assert found is not None and found.password_hash == hashed
        assert await password_by_hash(db, stored, f"{hashed}x") is None
    await unlocked(anonymous, token)
