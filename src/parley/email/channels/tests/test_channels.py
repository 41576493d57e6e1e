"""Channels as other features find them."""

import pytest

from parley.email.channels.actions import connect_channel, disconnect_channel
from parley.email.channels.errors import AddressInUse
from parley.email.channels.queries import (
    channel_by_id,
    channel_by_token,
    channels_of,
    own_addresses,
    verified_channel_for,
)
from parley.email.channels.rules import forwarding_address, token_of_recipient
from parley.email.channels.schemas import NewChannel
from parley.email.channels.tests.channels import domain_of, make_channel, one_key
from parley.kernel.errors import Invalid

TOKEN = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("address", "token"),
    [
        (forwarding_address(TOKEN, "inbound.localhost"), TOKEN),
        (f"<TEAM-{TOKEN.upper()}@inbound.localhost>", TOKEN),
        (f"team-{TOKEN}+12-0123456789abcdef0123@inbound.localhost", TOKEN),
        (f"team-{TOKEN[1:]}@inbound.localhost", None),
        (f"team-{TOKEN}0@inbound.localhost", None),
        (f"team-{TOKEN}", None),
        (f"xteam-{TOKEN}@inbound.localhost", None),
        ("support@example.com", None),
        ("", None),
    ],
)
def test_a_channel_is_known_by_the_token_in_its_address(address, token):
    assert token_of_recipient(address) == token


async def test_a_channel_is_found_by_its_token_and_sends_only_once_its_domain_is_proved(alice, services):
    claimed = await make_channel(services, alice, is_verified=False)
    async with services.database.transaction(write=False) as db:
        assert await channel_by_token(db, claimed.inbound_token) == claimed
        assert await verified_channel_for(db, alice.project_id, claimed.id) is None
        assert await verified_channel_for(db, alice.project_id) is None
    proved = await make_channel(services, alice, f"b@mail.{domain_of(alice)}")
    async with services.database.transaction(write=False) as db:
        assert await verified_channel_for(db, alice.project_id, proved.id) == proved
        assert await verified_channel_for(db, alice.project_id) == proved  # the default one is only claimed
        assert await own_addresses(db, alice.project_id) == {claimed.from_email, proved.from_email}
    assert claimed.is_default and not proved.is_default


async def test_the_key_belongs_to_the_domain_and_is_never_stored_as_it_is(alice, services):
    first = await make_channel(services, alice, "a")
    second = await make_channel(services, alice, f"b@{domain_of(alice).upper()}")
    assert (first.dkim_selector, first.dkim_private_key) == (second.dkim_selector, second.dkim_private_key)
    assert "PRIVATE KEY" not in first.dkim_private_key
    assert services.vault.decrypt(first.dkim_private_key).startswith("-----BEGIN PRIVATE KEY-----")


async def test_nobody_finds_the_channels_of_another_project(alice, mallory, services):
    mine = await make_channel(services, alice)
    async with services.database.transaction(write=False) as db:
        assert await channel_by_id(db, mallory.project_id, mine.id) is None
        assert await verified_channel_for(db, mallory.project_id, mine.id) is None
        assert await own_addresses(db, mallory.project_id) == frozenset()


async def test_a_claim_keeps_nobody_from_an_address_and_a_proof_does(alice, mallory, services):
    address = f"help@{domain_of(alice)}"
    await make_channel(services, mallory, address, is_verified=False)
    await make_channel(services, alice, address)
    again = NewChannel(from_email=address.title(), from_name="Help")
    for member in (alice, mallory):
        with pytest.raises(AddressInUse):
            async with services.database.transaction() as db:
                await connect_channel(db, services, member.project_id, member.user_id, again, one_key())


async def test_a_project_has_at_most_ten(alice, services):
    for number in range(10):
        await make_channel(services, alice, str(number), is_verified=False)
    with pytest.raises(Invalid):
        await make_channel(services, alice, "eleventh")


async def test_disconnecting_leaves_another_default_and_the_last_one_switches_email_off(alice, services):
    async def settings():
        return (await alice.client.get("/api/projects/@current/")).json()["conversations_settings"]

    first = await make_channel(services, alice, f"a@one.{domain_of(alice)}")
    second = await make_channel(services, alice, "b", is_verified=False)
    assert (await settings())["email_enabled"] is True
    for channel, left in ((first, [second.id]), (first, [second.id]), (second, [])):
        async with services.database.transaction() as db:
            await disconnect_channel(db, services, channel)
            found = await channels_of(db, alice.project_id)
        assert [one.id for one in found] == left
        assert all(one.is_default for one in found)
    assert (await settings())["email_enabled"] is False
