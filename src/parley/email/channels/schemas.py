"""E-mail channels, for other features and on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.email.channels.records import Dmarc, SendingRecord
from parley.kernel.http.body import NAME, TRIM
from parley.kernel.network.emails import MAX_EMAIL_LENGTH

Kind = Literal["support", "customer_communication"]
FromName = Annotated[str, Meta(min_length=1, max_length=200, extra=NAME)]


class EmailChannel(msgspec.Struct, frozen=True, kw_only=True):
    """An address under which a project writes. Mail to it arrives at the forwarding address of its `inbound_token`.

    With `is_test` nothing is ever sent from it: mails are kept, to be read by the team.

    `domain` is in ASCII, as the DNS knows it. `dkim_private_key` is encrypted: a PEM that the vault reads.
    """

    project_id: int
    id: UUID
    kind: Kind
    owner_id: int | None
    from_email: str
    from_name: str
    inbound_token: str
    is_default: bool
    domain: str
    domain_verified_at: datetime | None
    dkim_selector: str
    dkim_private_key: str
    is_test: bool
    created_at: datetime

    @property
    def is_verified(self) -> bool:
        """Say whether mail may be sent from this address."""
        return self.domain_verified_at is not None


class EmailDomain(msgspec.Struct, frozen=True, kw_only=True):
    """A domain from which a project writes.

    `verified_at` is since when its records prove that it is the project's, `failing_since` since when they are not
    there any more. `findings` are the last answers of the DNS, a `records.Findings`.
    """

    project_id: int
    name: str
    dkim_selector: str
    dkim_public_key: str
    is_test: bool
    verified_at: datetime | None
    failing_since: datetime | None
    checked_at: datetime | None
    findings: dict[str, Any] | None


class ConnectedChannel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel with its domain."""

    channel: EmailChannel
    domain: EmailDomain


class DnsRecords(msgspec.Struct, frozen=True, kw_only=True):
    """What to publish: sending is verified by exactly the first records; DMARC is only shown.

    `receiving_dns_records` are for the operator of the server, and empty where it takes no mail by SMTP.
    """

    sending_dns_records: list[SendingRecord]
    receiving_dns_records: list[SendingRecord]
    dmarc: Dmarc


class ChannelOut(msgspec.Struct, frozen=True, kw_only=True):
    """A channel as its team sees it.

    `connection_status` is `pending` until the domain is verified, then `connected`, and `failing` while the records
    are not found any more but mail still goes out. Two fields are there for PostHog's clients and never change: a channel
    may wait for its records as long as it takes (`setup_expires_at` is null), and there is nothing to confirm, since the
    records alone prove a domain (`confirmation_available` is false). `hint` says why the domain can't be verified, where it
    is one of a public provider such as gmail.com; null otherwise. A test address (`is_test`) has no records.
    """

    id: UUID
    kind: Kind
    owner_id: int | None
    from_email: str
    from_name: str
    forwarding_address: str
    domain: str
    domain_verified: bool
    dns_records: DnsRecords
    is_default: bool
    connection_status: Literal["pending", "connected", "failing"]
    setup_expires_at: None = None
    confirmation_available: Literal[False] = False
    hint: str | None
    is_test: bool
    checked_at: datetime | None
    failing_since: datetime | None
    created_at: datetime


class NewChannel(msgspec.Struct, frozen=True, kw_only=True):
    """An address to write from. `owner_id` is for channels of one person; without it they are the caller's own.

    With `is_test`, which never changes, it is a test address: one at a domain that can't exist. What is written from it
    is kept in Parley, as the mail would look, and is never sent.
    """

    from_email: Annotated[str, Meta(min_length=1, max_length=MAX_EMAIL_LENGTH, extra=TRIM)]
    from_name: FromName
    kind: Kind = "support"
    owner_id: int | None = None
    is_test: bool = False


class ChannelPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What may change of a channel; another one becomes the default one instead of this one."""

    from_name: FromName | UnsetType = UNSET
    is_default: Literal[True] | UnsetType = UNSET


class ConnectRequest(NewChannel, frozen=True, kw_only=True):
    """A new channel, in the caller's current project unless one is named."""

    project_id: int | None = None


class ChannelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A channel, in the caller's current project unless one is named."""

    config_id: UUID
    project_id: int | None = None


class ChannelAnswer(msgspec.Struct, frozen=True):
    """One channel."""

    config: ChannelOut


class ChannelsAnswer(msgspec.Struct, frozen=True):
    """All channels of the project, oldest first."""

    configs: list[ChannelOut]


class DisconnectedAnswer(msgspec.Struct, frozen=True):
    """The channels that are left, oldest first."""

    success: bool
    configs: list[ChannelOut]


class ChannelProblem(msgspec.Struct, frozen=True):
    """Why a request was refused, in a sentence."""

    error: str
