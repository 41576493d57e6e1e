"""The customer that a list is narrowed to: their distinct ids, and what they are called."""

import msgspec

from parley.kernel.database.database import Database
from parley.people.persons.queries.by_identifier import ListedPerson, persons_by_distinct_ids
from parley.people.persons.rules.names import visitor_name


class ListedCustomer(msgspec.Struct, frozen=True):
    """Whose tickets a list shows; `asked` are filters of the API's list."""

    name: str
    asked: dict[str, str]


async def listed_customer(database: Database, project_id: int, distinct_id: str) -> ListedCustomer:
    """Return the customer with a distinct id (primary keys of persons and their ids)."""
    person = (await persons_by_distinct_ids(database, project_id, [distinct_id])).get(distinct_id)
    ids = [distinct_id, *(person.distinct_ids if person else ())]
    # Commas divide the ids of the filter, so one with a comma is looked for as a part, and alone.
    named = [id for id in dict.fromkeys(ids) if "," not in id]
    asked = {"distinct_ids": ",".join(named)} if named else {"distinct_id": distinct_id}
    return ListedCustomer(_name(person, distinct_id), asked)


def _name(person: ListedPerson | None, distinct_id: str) -> str:
    properties = person.properties if person else {}
    told = (properties.get("name"), properties.get("email"))
    found = next((text for text in told if isinstance(text, str) and text.strip()), None)
    return found or visitor_name(distinct_id)
