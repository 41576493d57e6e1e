"""Pictures of a report for Slack and URLs: each has a signed address (a JWT, RFC 7519), while what was sent is kept."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import zip_longest
from uuid import UUID

import msgspec

from parley.analytics.reports.schemas import Report
from parley.analytics.sharing.queries.configurations import may_share_publicly
from parley.analytics.subscription_deliveries.letters import stored_pictures
from parley.analytics.subscription_deliveries.rules import LETTERS_KEPT_FOR
from parley.analytics.subscription_deliveries.schemas import OpenDelivery
from parley.kernel.errors import NotFound
from parley.kernel.network.mail import MailFile
from parley.kernel.secrets import Vault
from parley.kernel.services import Services
from parley.kernel.signed_tokens import read_signed_token, signed_token
from parley.kernel.storage.errors import NoSuchObject

AUDIENCE, PATH = "report_picture", "/report_pictures"


class PictureLink(msgspec.Struct, frozen=True):
    """Which picture of which delivery a link is about."""

    project_id: int
    delivery_id: str
    number: int


class LinkedPicture(msgspec.Struct, frozen=True):
    """A picture that is sent as an address, with the name of its insight."""

    url: str
    name: str


@lru_cache(maxsize=4)
def _keys(vault: Vault) -> tuple[str, ...]:
    return vault.signatures("subscriptions", "report pictures")


async def linked_pictures(
    services: Services, delivery: OpenDelivery, letter: Report
) -> Sequence[LinkedPicture]:
    """Return the addresses of a report's pictures; none where the organization lets nothing be shared publicly."""
    async with services.database.transaction(write=False) as db:
        if not await may_share_publicly(db, delivery.project_id):
            return []
    until = delivery.created_at + LETTERS_KEPT_FOR
    found = []
    for number, (picture, name) in enumerate(zip_longest(letter.pictures, letter.picture_names)):
        link = PictureLink(delivery.project_id, str(delivery.id), number)
        token = signed_token(_keys(services.vault)[0], AUDIENCE, link, until)
        found.append(LinkedPicture(f"{services.settings.site_url}{PATH}/{token}.png", name or picture.name))
    return found


async def picture_by_token(services: Services, token: str) -> MailFile:
    """Return the picture of an address.

    Raises NotFound for a token that is wrong or over, once what was sent is deleted, and while the organization lets
    nothing be shared publicly.
    """
    now = services.clock.now()
    link = read_signed_token(_keys(services.vault), AUDIENCE, token, PictureLink, now)
    if link is None:
        raise NotFound
    async with services.database.transaction(write=False) as db:
        if not await may_share_publicly(db, link.project_id):
            raise NotFound
    try:
        pictures = await stored_pictures(services, link.project_id, UUID(link.delivery_id))
    except NoSuchObject as error:
        raise NotFound from error
    if not 0 <= link.number < len(pictures):
        raise NotFound
    return pictures[link.number]
