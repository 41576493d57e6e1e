"""What a delivery sends: made once, kept in the storage, and the same for all recipients and attempts."""

from typing import Any

import msgspec

from parley.analytics.subscription_deliveries.schemas import OpenDelivery
from parley.analytics.subscriptions.mails import resource_url
from parley.analytics.subscriptions.schemas import StoredSubscription
from parley.kernel.network.mail import one_line
from parley.kernel.services import Services
from parley.kernel.storage.keys import object_key

KIND = "subscription_letter"


class ReportLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A report without what differs from recipient to recipient. `results` is what programs get of it."""

    subject: str
    text: str
    html: str
    results: Any = None
    is_empty: bool = False


async def letter_of(services: Services, found: StoredSubscription, delivery: OpenDelivery) -> ReportLetter:
    """Make the report of a delivery."""
    name, kind = one_line(found.title or found.resource_name), found.kind.title()
    link = resource_url(services.settings.site_url, found, delivery.target_type)
    return ReportLetter(
        subject=f"Parley {kind} report - {name}",
        text=f"Your report of {one_line(found.resource_name)} is here:\n\n{link}\n",
        html="",
    )


def _key_of(delivery: OpenDelivery) -> str:
    return object_key(delivery.project_id, KIND, delivery.id)


async def store_letter(services: Services, delivery: OpenDelivery, letter: ReportLetter) -> None:
    """Keep a letter; safe to repeat."""
    await services.storage.put(_key_of(delivery), msgspec.msgpack.encode(letter))


async def stored_letter(services: Services, delivery: OpenDelivery) -> ReportLetter:
    """Return a letter that was kept; raises NoSuchObject."""
    stored = await services.storage.open(_key_of(delivery))
    content = b"".join([chunk async for chunk in stored.chunks])
    return msgspec.msgpack.decode(content, type=ReportLetter)
