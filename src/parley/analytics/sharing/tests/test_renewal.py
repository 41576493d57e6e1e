"""Links of shares after the server's key was lost, on both databases."""

from parley.analytics.sharing.actions.renewal import renew_unreadable_links
from parley.analytics.sharing.tests.shares import Share, is_locked, unlocked
from parley.kernel.secrets import Vault


async def renew(services) -> int:
    async with services.database.transaction() as db:
        return await renew_unreadable_links(db, services)


async def test_a_link_that_cannot_be_read_gets_another(alice, anonymous, services, monkeypatch):
    share = Share(alice, "one")
    old = await share.lock()
    await renew(services)  # those of other tests
    assert (await share.show())["access_token"] == old
    monkeypatch.setattr(services, "vault", Vault("another key, which is long enough"))
    assert await renew(services) >= 1 and await renew(services) == 0
    shown = await share.show()
    assert shown["enabled"] and shown["access_token"] != old
    assert await is_locked(anonymous, old) is None
    assert await is_locked(anonymous, shown["access_token"]) is True
    await unlocked(anonymous, shown["access_token"])
    await share.change(enabled=False)
    assert await is_locked(anonymous, shown["access_token"]) is None
