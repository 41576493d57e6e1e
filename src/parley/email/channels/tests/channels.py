"""Channels for tests, also for those of other features."""

from functools import lru_cache

import msgspec
from sqlalchemy import update

from parley.email.channels.actions import connect_channel
from parley.email.channels.dkim import NewDkimKey, new_dkim_key
from parley.email.channels.queries import channel_by_id
from parley.email.channels.schemas import EmailChannel, NewChannel
from parley.email.channels.tables import email_domain
from parley.kernel.ids import new_token


@lru_cache(maxsize=1)
def one_key() -> NewDkimKey:
    """A key for all channels of the tests: making one takes a tenth of a second."""
    return new_dkim_key()


def cheap_key() -> NewDkimKey:
    """Return the same key under a selector of its own, as each domain has one."""
    return msgspec.structs.replace(one_key(), selector=f"parley-{new_token(length=8).lower()}")


def domain_of(member) -> str:
    """Return a domain for the member's project alone."""
    return f"project{member.project_id}.example"


async def make_channel(
    services, member, from_email: str = "support", *, is_verified: bool = True, **more
) -> EmailChannel:
    """Connect a channel in the member's project; its domain is proved unless said otherwise.

    What has no domain gets one of the project's own: all tests share a database, and a proved address is taken.
    """
    if "@" not in from_email:
        from_email = f"{from_email}@{domain_of(member)}"
    new = NewChannel(from_email=from_email, from_name=more.pop("from_name", "Support"), **more)
    async with services.database.transaction() as db:
        connected = await connect_channel(db, services, member.project_id, member.user_id, new, cheap_key())
        made = connected.channel
        if is_verified:
            mine = (email_domain.c.project_id == made.project_id, email_domain.c.name == made.domain)
            now = services.clock.now()
            await db.execute(update(email_domain).where(*mine).values(verified_at=now, checked_at=now))
        found = await channel_by_id(db, made.project_id, made.id)
    assert found is not None
    return found
