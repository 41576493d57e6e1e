"""The persons to whom a new conversation may go, as somebody types."""

from collections.abc import Sequence

import msgspec

from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services
from parley.kernel.text.forms import storable
from parley.kernel.text.search_terms import MAX_SEARCH
from parley.people.persons.queries.shown import persons_beginning
from parley.people.persons.rules.names import visitor_name
from parley.people.persons.schemas import PersonOut

MOST_RECIPIENTS, SHORTEST = 6, 2


class KnownRecipient(msgspec.Struct, frozen=True):
    """A person; `name`, `address` and `phone` are empty where they have told none."""

    label: str
    name: str
    address: str
    phone: str
    distinct_id: str


class RecipientsPart(msgspec.Struct, frozen=True):
    """Context of `new_conversation/_recipients.html`."""

    recipients: Sequence[KnownRecipient]


async def recipients_for(services: Services, actor: Actor, text: str) -> RecipientsPart:
    """Return persons whose name or address begins so; nobody for less than two letters."""
    search = storable(text).strip()[:MAX_SEARCH]
    if len(search) < SHORTEST:
        return RecipientsPart([])
    async with services.database.transaction(write=False) as db:
        found = await persons_beginning(db, actor, search, MOST_RECIPIENTS)
    return RecipientsPart([_recipient(one) for one in found if one.distinct_ids])


def _recipient(person: PersonOut) -> KnownRecipient:
    name, address, phone = (
        text.strip() if isinstance(text := person.properties.get(key), str) else ""
        for key in ("name", "email", "phone")
    )
    label = name or address or visitor_name(person.distinct_ids[0])
    return KnownRecipient(label, name, address, phone, person.distinct_ids[0])
