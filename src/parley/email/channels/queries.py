"""E-mail channels, read."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from parley.email.channels.schemas import EmailChannel
from parley.email.channels.tables import email_channel, email_domain
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db

_CHANNEL = StructColumns(
    EmailChannel,
    email_channel,
    domain_verified_at=email_domain.c.verified_at,
    dkim_selector=email_domain.c.dkim_selector,
    dkim_private_key=email_domain.c.dkim_private_key,
)
_OF_CHANNEL = and_(
    email_domain.c.project_id == email_channel.c.project_id, email_domain.c.name == email_channel.c.domain
)
_CHANNELS: Select[Any] = select(*_CHANNEL.columns).select_from(email_channel).join(email_domain, _OF_CHANNEL)


def channel_key(project_id: int, channel_id: UUID) -> ColumnElement[bool]:
    """Return the condition that names one channel (primary key)."""
    return and_(email_channel.c.project_id == project_id, email_channel.c.id == channel_id)


async def _first(db: Db, found: Select[Any]) -> EmailChannel | None:
    row = (await db.execute(found)).first()
    return _CHANNEL(row) if row else None


async def channel_by_token(db: Db, token: str) -> EmailChannel | None:
    """Return the channel whose forwarding address has this token (index on inbound_token)."""
    return await _first(db, _CHANNELS.where(email_channel.c.inbound_token == token))


async def channel_by_id(db: Db, project_id: int, channel_id: UUID) -> EmailChannel | None:
    """Return a channel of the project, verified or not (primary key)."""
    return await _first(db, _CHANNELS.where(channel_key(project_id, channel_id)))


async def channels_of(db: Db, project_id: int) -> list[EmailChannel]:
    """Return the project's channels, oldest first (primary key)."""
    rows = await db.execute(
        _CHANNELS.where(email_channel.c.project_id == project_id).order_by(email_channel.c.id)
    )
    return [_CHANNEL(row) for row in rows]


async def verified_channel_for(
    db: Db, project_id: int, channel_id: UUID | None = None
) -> EmailChannel | None:
    """Return the channel with this id if mail may be sent from it, else None (primary key).

    Without an id, the project's default channel, or, where mail may not be sent from that one, its oldest support
    channel from which it may.
    """
    verified = _CHANNELS.where(
        email_channel.c.project_id == project_id, email_domain.c.verified_at.is_not(None)
    )
    if channel_id is not None:
        return await _first(db, verified.where(email_channel.c.id == channel_id))
    support = verified.where(email_channel.c.kind == "support")
    return await _first(db, support.order_by(email_channel.c.is_default.desc(), email_channel.c.id).limit(1))


async def own_addresses(db: Db, project_id: int) -> frozenset[str]:
    """Return the addresses of the project's channels in their normal form (unique key of project and address).

    Forwarding addresses are not among them; `token_of_recipient` knows these.
    """
    found = select(email_channel.c.from_email).where(email_channel.c.project_id == project_id)
    return frozenset((await db.execute(found)).scalars())


async def is_taken(db: Db, project_id: int, from_email: str) -> bool:
    """Say whether a channel has the address: of this project, or of another that has proved its domain.

    A claim without proof keeps nobody else from an address, and neither does a proof that is not there any more
    (unique key of project and address, index on from_email).
    """
    proved = and_(email_domain.c.verified_at.is_not(None), email_domain.c.failing_since.is_(None))
    taken = (
        select(email_channel.c.id)
        .join(email_domain, _OF_CHANNEL)
        .where(
            email_channel.c.from_email == from_email, or_(email_channel.c.project_id == project_id, proved)
        )
    )
    return (await db.execute(taken.limit(1))).first() is not None


async def has_domain(db: Db, project_id: int, name: str) -> bool:
    """Say whether the project writes from the domain (primary key)."""
    mine = and_(email_domain.c.project_id == project_id, email_domain.c.name == name)
    return (await db.execute(select(email_domain.c.name).where(mine))).first() is not None
