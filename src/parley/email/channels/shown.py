"""Channels as people and programs see them."""

import msgspec

from parley.email.channels.records import (
    Dmarc,
    Findings,
    dkim_record,
    dmarc_of,
    mx_record,
    spf_mechanism,
    spf_record,
)
from parley.email.channels.rules import connection_status, forwarding_address
from parley.email.channels.schemas import ChannelOut, ConnectedChannel, DnsRecords, EmailDomain
from parley.kernel.config.settings import Settings
from parley.kernel.network.mailbox_providers import hint_about

OF_TEST = Dmarc(record=None, policy=None, detail="A test address needs no records.")


def dns_records(domain: EmailDomain, settings: Settings) -> DnsRecords:
    """Return what the owner of a domain publishes, and what the last look at the DNS found of it."""
    if domain.is_test:
        return DnsRecords(sending_dns_records=[], receiving_dns_records=[], dmarc=OF_TEST)
    found = msgspec.convert(domain.findings, Findings) if domain.findings else None
    mx = mx_record(settings, found.mx if found else None)
    return DnsRecords(
        sending_dns_records=[
            dkim_record(
                domain.name, domain.dkim_selector, domain.dkim_public_key, found.dkim if found else None
            ),
            spf_record(domain.name, spf_mechanism(settings), found.spf if found else None),
        ],
        receiving_dns_records=[mx] if mx else [],
        dmarc=dmarc_of(found.dmarc if found else None),
    )


def channel_out(connected: ConnectedChannel, settings: Settings) -> ChannelOut:
    """Return a channel with its forwarding address and its records."""
    channel, domain = connected.channel, connected.domain
    return ChannelOut(
        id=channel.id,
        kind=channel.kind,
        owner_id=channel.owner_id,
        from_email=channel.from_email,
        from_name=channel.from_name,
        forwarding_address=forwarding_address(channel.inbound_token, settings.inbound_domain),
        domain=channel.domain,
        domain_verified=channel.is_verified,
        dns_records=dns_records(domain, settings),
        is_default=channel.is_default,
        connection_status=connection_status(domain.verified_at, domain.failing_since),
        hint=None if channel.is_verified else hint_about(channel.domain),
        is_test=channel.is_test,
        checked_at=domain.checked_at,
        failing_since=domain.failing_since,
        created_at=channel.created_at,
    )
