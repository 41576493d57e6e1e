"""The form on the page of a person."""

from typing import Annotated, Any

import msgspec
from litestar import Response, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.people.persons.actions.editing import change_properties
from parley.people.persons.rules.names import checked_name
from parley.web.guards import page_session
from parley.web.rendering import redirect


class PersonNameForm(msgspec.Struct, frozen=True):
    """The name of a person; empty takes it away."""

    # Not trimmed: a name that nobody can see is refused, not taken for an empty one.
    name: Annotated[str, Meta(max_length=400)]


@post("/persons/{person_id:str}/name", guards=[page_session], include_in_schema=False)
async def rename_person(
    person_id: FromPath[str],
    data: JSONBody[PersonNameForm],
    actor: ActorDependency,
    db: DbDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Set the name of a person, or take it away."""
    name = checked_name(data.name)
    change: dict[str, Any] = {"sets": {"name": name}} if name else {"unsets": ("name",)}
    person = await change_properties(db, actor, person_id, services.clock, **change)
    return redirect(f"/persons/{person.id}")


handlers: list[Any] = [rename_person]
