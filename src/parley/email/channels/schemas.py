"""E-mail channels, for other features and on the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from parley.kernel.http.body import NAME, TRIM
from parley.kernel.network.emails import MAX_EMAIL_LENGTH

Kind = Literal["support", "customer_communication"]


class EmailChannel(msgspec.Struct, frozen=True, kw_only=True):
    """An address under which a project writes. Mail to it arrives at the forwarding address of its `inbound_token`.

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
    created_at: datetime

    @property
    def is_verified(self) -> bool:
        """Say whether mail may be sent from this address."""
        return self.domain_verified_at is not None


class NewChannel(msgspec.Struct, frozen=True, kw_only=True):
    """An address to write from. `owner_id` is for channels of one person; without it they are the caller's own."""

    from_email: Annotated[str, Meta(min_length=1, max_length=MAX_EMAIL_LENGTH, extra=TRIM)]
    from_name: Annotated[str, Meta(min_length=1, max_length=200, extra=NAME)]
    kind: Kind = "support"
    owner_id: int | None = None
