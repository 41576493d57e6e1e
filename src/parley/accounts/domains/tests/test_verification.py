"""Proving domains by the DNS, now and every day."""

from datetime import timedelta

import pytest

from parley.accounts.domains.jobs import check_domains
from parley.accounts.domains.tests.conftest import DOMAINS, SAML
from parley.kernel.network.dns import DnsResolver


def path(domain):
    return f"{DOMAINS}{domain['id']}/"


def record_of(domain):
    return domain["verification_record_name"], "TXT"


async def verify(by, domain):
    return await by.client.post(f"{path(domain)}verify")


@pytest.fixture
def days(database, services, queue, clock):
    """Let days pass, with the daily look at the DNS on each."""

    async def passed(n):
        for _ in range(n):
            clock.advance(timedelta(days=1, minutes=1))
            for _ in range(2):  # the second time changes nothing
                async with database.transaction() as db:
                    await check_domains(db, services)
                await queue.drain()

    return passed


@pytest.fixture
def mails(alice, sent_mail):
    """Return those to alice: domains of other tests are looked at, too."""
    return lambda: [one for one in sent_mail if one["To"] == alice.email]


async def test_the_record_proves_a_domain_once(alice, domain, dns):
    dns.publish(*record_of(domain), "v=spf1 -all", domain["verification_challenge"])
    answer = await verify(alice, domain)
    assert answer.status_code == 200
    shown = answer.json()
    assert shown["is_verified"] is True and shown["verified_at"].endswith("Z")
    assert (shown["verification_error"], shown["verification_challenge"]) == (
        None,
        domain["verification_challenge"],
    )
    again = await verify(alice, domain)
    assert again.status_code == 400
    assert again.json() == {
        "type": "validation_error", "code": "already_verified", "detail": "This domain has already been verified.",
        "attr": None,
    }  # fmt: skip


async def test_whatever_the_dns_says_is_an_answer(alice, domain, dns, services, monkeypatch):
    monkeypatch.setattr("parley.kernel.network.dns.LOOKUP_S", 60)  # the machine may be busy
    name = domain["verification_record_name"]

    async def error():
        answer = await verify(alice, domain)
        assert answer.status_code == 200 and answer.json()["is_verified"] is False
        return answer.json()["verification_error"]

    assert "There is no TXT record" in await error()
    dns.publish(name, "TXT", "x" * 300)
    assert "isn't the one that was asked for" in await error()
    dns.publish(name, "TXT", *(f"record {n}" for n in range(500)))
    assert "more TXT records than Parley reads" in await error()
    dns.broken.add(name)
    assert "gave no answer" in await error()
    monkeypatch.setattr("parley.kernel.network.dns.LOOKUP_S", 0.2)
    dns.silent.add(name)
    assert "did not answer" in await error() or "gave no answer" in await error()
    services.dns = DnsResolver(("127.0.0.1", 1))
    assert "gave no answer" in await error() or "did not answer" in await error()
    assert (await alice.client.get(path(domain))).json()["verified_at"] is None


async def test_of_two_claims_the_first_proof_counts(alice, mallory, domain, dns, store, clock):
    other = (await mallory.client.post(DOMAINS, json={"domain": domain["domain"]})).json()
    dns.publish(*record_of(domain), domain["verification_challenge"], other["verification_challenge"])
    assert (await verify(alice, domain)).json()["is_verified"] is True
    assert (await verify(mallory, other)).json()["code"] == "unique"


async def test_a_proof_that_was_made_during_the_look_up_is_not_stored_twice(
    alice, mallory, domain, dns, monkeypatch
):
    other = (await mallory.client.post(DOMAINS, json={"domain": domain["domain"]})).json()
    dns.publish(*record_of(domain), domain["verification_challenge"], other["verification_challenge"])
    assert (await verify(alice, domain)).status_code == 200

    async def nobody(*_):
        return False

    monkeypatch.setattr("parley.accounts.domains.verification.is_proven_elsewhere", nobody)
    answer = await verify(mallory, other)
    assert (answer.status_code, answer.json()["code"]) == (400, "unique")


async def test_a_missing_record_is_told_of_three_times_and_then_ends_the_proof(
    alice, domain, dns, days, mails
):
    dns.publish(*record_of(domain), domain["verification_challenge"])
    await verify(alice, domain)
    await days(2)
    assert len(mails()) == 0
    dns.publish(*record_of(domain))
    await days(1)
    shown = (await alice.client.get(path(domain))).json()
    assert shown["is_verified"] is True and shown["failing_since"] is not None
    [mail] = mails()
    assert (mail["To"], mail["Subject"]) == (alice.email, f"The DNS record of {domain['domain']} is missing")
    assert domain["verification_challenge"] in mail.get_content()
    await days(13)
    assert len(mails()) == 3
    assert (await alice.client.get(path(domain))).json()["is_verified"] is True
    await days(1)
    assert len(mails()) == 4 and mails()[3]["Subject"] == f"{domain['domain']} is not verified any more"
    shown = (await alice.client.get(path(domain))).json()
    assert (shown["is_verified"], shown["failing_since"]) == (False, None)
    await days(1)
    assert len(mails()) == 4


async def test_a_record_that_comes_back_ends_the_warning(alice, domain, dns, days, mails):
    dns.publish(*record_of(domain), domain["verification_challenge"])
    await verify(alice, domain)
    dns.broken.add(domain["verification_record_name"])
    await days(1)
    assert len(mails()) == 0  # a DNS that gives no answer says nothing
    dns.broken.clear()
    dns.publish(*record_of(domain))
    await days(1)
    dns.publish(*record_of(domain), domain["verification_challenge"])
    await days(1)
    shown = (await alice.client.get(path(domain))).json()
    assert (shown["is_verified"], shown["failing_since"], shown["verification_error"]) == (True, None, None)
    assert len(mails()) == 1


async def test_a_domain_is_looked_at_again_though_the_clock_was_set_back(alice, domain, dns, days, clock):
    """Else it would not be looked at until the time comes again at which the clock was wrong."""
    dns.publish(*record_of(domain), domain["verification_challenge"])
    clock.advance(timedelta(days=40))
    assert (await verify(alice, domain)).json()["is_verified"] is True
    dns.publish(*record_of(domain))
    clock.advance(-timedelta(days=40))
    await days(1)
    shown = (await alice.client.get(path(domain))).json()
    assert shown["is_verified"] is True and "There is no TXT record" in shown["verification_error"]


async def test_every_admin_hears_of_saml_that_was_set_up_before_the_domain_was_verified(
    alice, domain, dns, queue, mails
):
    """Else an admin could name an identity provider of their own, and have somebody else verify the domain."""
    assert (await alice.client.patch(path(domain), json=SAML)).status_code == 200
    await queue.drain()
    assert not mails()
    dns.publish(*record_of(domain), domain["verification_challenge"])
    assert (await verify(alice, domain)).json()["is_verified"] is True
    for _ in range(2):
        await queue.drain()
    [mail] = mails()
    assert mail["Subject"] == f"People of {domain['domain']} can sign in with SAML now"
    assert f"/settings/domains/{domain['id']}" in mail.get_content()
