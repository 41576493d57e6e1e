"""The API of persons (docs/capture.md#through-the-api)."""

from typing import Any

from litestar import delete, get, patch, post
from litestar.params import FromPath, JSONBody

from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import needs
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import Query, documented
from parley.people.persons import PERSON, PERSONS
from parley.people.persons.actions.editing import change_properties, delete_person
from parley.people.persons.queries.shown import PersonFilters, person_by_id, persons_page
from parley.people.persons.rules.distinct_ids import asked_distinct_id
from parley.people.persons.rules.property_filters import PersonPropertyFilter, read_filters
from parley.people.persons.schemas import (
    NewProperty,
    OldProperty,
    PersonOut,
    PersonPatch,
)

MAX_TEXT = 400
QUERY = [
    Query("distinct_id", "Only the person with this distinct id."),
    Query("email", "Only persons with this e-mail address."),
    Query(
        "search",
        "Only persons whose name or e-mail address begins with this, or who have exactly this distinct id.",
    ),
    Query("properties", "A JSON list of conditions on properties, each `{key, value, operator}`."),
]


def _filters(request: ParleyRequest) -> PersonFilters:
    query = request.query_params
    return PersonFilters(
        distinct_id=asked_distinct_id(query.get("distinct_id", "")),
        email=query.get("email", "").replace("\x00", "")[:MAX_TEXT],
        search=query.get("search", "").replace("\x00", ""),
        properties=read_filters(query.get("properties"), PersonPropertyFilter),
    )


@get(PERSONS, guards=[needs("person:read")], opt=documented(query=QUERY))
async def list_persons(request: ParleyRequest, actor: ActorDependency, db: DbDependency) -> Page[PersonOut]:
    """List persons, newest first; `distinct_id`, `email`, `search` and `properties` narrow the list."""
    asked = page_request(request)
    count, results = await persons_page(db, actor, _filters(request), asked)
    cursor = str(results[-1].id) if results else None
    return page_of(request, asked, count, results, cursor=cursor)


@get(PERSON, guards=[needs("person:read")])
async def show_person(person_id: FromPath[str], actor: ActorDependency, db: DbDependency) -> PersonOut:
    """Show one person, by uuid or by one of its distinct ids."""
    return await person_by_id(db, actor, person_id)


@patch(PERSON, guards=[needs("person:write")])
async def change_person(
    person_id: FromPath[str],
    data: JSONBody[PersonPatch],
    actor: ActorDependency,
    db: DbDependency,
    services: ServicesDependency,
) -> PersonOut:
    """Set properties of a person; the others stay as they are."""
    return await change_properties(db, actor, person_id, services.clock, sets=data.properties)


@post(f"{PERSON}/update_property", status_code=200, guards=[needs("person:write")])
async def update_property(
    person_id: FromPath[str],
    data: JSONBody[NewProperty],
    actor: ActorDependency,
    db: DbDependency,
    services: ServicesDependency,
) -> PersonOut:
    """Set one property of a person."""
    return await change_properties(db, actor, person_id, services.clock, sets={data.key: data.value})


@post(f"{PERSON}/delete_property", status_code=200, guards=[needs("person:write")])
async def delete_property(
    person_id: FromPath[str],
    data: JSONBody[OldProperty],
    actor: ActorDependency,
    db: DbDependency,
    services: ServicesDependency,
) -> PersonOut:
    """Remove one property of a person."""
    name = data.key if data.unset is None else data.unset
    if name is None:
        raise Invalid("This field is required.", code="required", attr="$unset")
    return await change_properties(db, actor, person_id, services.clock, unsets=(name,))


@delete(
    PERSON,
    status_code=204,
    guards=[needs("person:write")],
    opt=documented(query=[Query("delete_events", "Whether its events go, too.", bool)]),
)
async def remove_person(
    person_id: FromPath[str],
    request: ParleyRequest,
    actor: ActorDependency,
    db: DbDependency,
    services: ServicesDependency,
) -> None:
    """Delete a person with its distinct ids; `delete_events=true` deletes its events, too, in the background."""
    with_events = request.query_params.get("delete_events", "").lower() in ("true", "1")
    await delete_person(db, actor, person_id, services.clock, with_events=with_events)


handlers: list[Any] = [
    list_persons,
    show_person,
    change_person,
    update_property,
    delete_property,
    remove_person,
]
