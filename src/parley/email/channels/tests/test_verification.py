"""Verified domains are looked at each day; whoever loses the records is told before mail stops."""

from datetime import timedelta

import pytest_asyncio
from sqlalchemy import update

from parley.email.channels.jobs import check_domains
from parley.email.channels.queries import channel_by_id, domain_key, verified_channel_for
from parley.email.channels.renewal import renew_unreadable_keys
from parley.email.channels.tables import email_domain
from parley.email.channels.tests.channels import make_channel, one_key
from parley.email.channels.verification import check_domain
from parley.kernel.network.dns import DnsResolver
from parley.kernel.secrets import Vault
from tests.dns_server import dns_server

DAY = timedelta(days=1, minutes=1)


@pytest_asyncio.fixture
async def dns(services, monkeypatch):
    async with dns_server() as server:
        monkeypatch.setattr(services, "dns", DnsResolver(server.address))
        yield server


async def a_day_later(services, queue, clock, project_id):
    clock.advance(DAY)
    async with services.database.transaction() as db:
        await check_domains(db, services)
    await queue.drain()
    async with services.database.transaction(write=False) as db:
        return await verified_channel_for(db, project_id)


def publish(dns, channel, key):
    dns.publish(f"{channel.dkim_selector}._domainkey.{channel.domain}", "TXT", f"p={key}")
    dns.publish(channel.domain, "TXT", "v=spf1 a:parley.test -all")


async def test_a_domain_that_loses_its_records_is_warned_of_then_withdrawn_then_proved_again(
    alice, bob, services, queue, clock, dns, sent_mail
):
    channel = await make_channel(services, alice)
    publish(dns, channel, one_key().public_key)
    for _ in range(2):
        assert await a_day_later(services, queue, clock, alice.project_id)
    assert mails_to(alice, sent_mail) == []
    dns.publish(channel.domain, "TXT")
    for mails in (["are gone"], ["are gone"], ["are gone"]):
        assert await a_day_later(services, queue, clock, alice.project_id)
        assert [subject[-8:] for subject in mails_to(alice, sent_mail)] == mails
    assert await a_day_later(services, queue, clock, alice.project_id) is None
    assert "not sent any more" in mails_to(alice, sent_mail)[-1] and mails_to(bob, sent_mail) == []
    publish(dns, channel, one_key().public_key)
    assert (
        await a_day_later(services, queue, clock, alice.project_id) is None
    )  # who was withdrawn asks for it
    await check_domain(services, alice.project_id, channel.domain, channel.dkim_selector)
    async with services.database.transaction(write=False) as db:
        found = await channel_by_id(db, alice.project_id, channel.id)
    assert found is not None and found.is_verified


async def test_a_domain_is_looked_at_again_though_the_clock_was_set_back_since(
    alice, services, queue, clock, dns, sent_mail
):
    channel = await make_channel(services, alice)
    publish(dns, channel, one_key().public_key)
    clock.advance(timedelta(days=300))
    assert await a_day_later(services, queue, clock, alice.project_id)
    dns.publish(channel.domain, "TXT")
    clock.advance(timedelta(days=-300))
    assert await a_day_later(services, queue, clock, alice.project_id)
    assert len(mails_to(alice, sent_mail)) == 1
    for _ in range(2):
        assert await a_day_later(services, queue, clock, alice.project_id)
    assert await a_day_later(services, queue, clock, alice.project_id) is None


async def test_a_silent_dns_withdraws_nothing(alice, services, queue, clock, dns, sent_mail):
    channel = await make_channel(services, alice)
    dns.broken = {channel.domain}
    for _ in range(4):
        assert await a_day_later(services, queue, clock, alice.project_id)
    assert mails_to(alice, sent_mail) == []


async def test_a_domain_that_was_disconnected_meanwhile_stays_gone(alice, services, dns):
    assert await check_domain(services, alice.project_id, "gone.example", "x") is None


def mails_to(member, sent_mail):
    return [mail["Subject"] for mail in sent_mail if mail["To"] == member.email]


async def test_a_key_that_cannot_be_read_any_more_is_replaced_and_proves_nothing(alice, services):
    channel = await make_channel(services, alice)
    other = Vault("another secret key that is long enough, too")
    async with services.database.transaction() as db:
        assert channel.domain not in await renew_unreadable_keys(db, services)
        sealed = other.encrypt(one_key().private_key)
        mine = domain_key(alice.project_id, channel.domain)
        await db.execute(update(email_domain).where(mine).values(dkim_private_key=sealed))
        assert await renew_unreadable_keys(db, services) == [channel.domain]
        found = await channel_by_id(db, alice.project_id, channel.id)
    assert found is not None and not found.is_verified and found.dkim_selector != channel.dkim_selector
    assert services.vault.decrypt(found.dkim_private_key).startswith("-----BEGIN")
