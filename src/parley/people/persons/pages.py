"""The list of persons, and the forms on the page of one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.body import TRIM
from parley.kernel.http.paging import PageRequest
from parley.kernel.http.request import ParleyRequest
from parley.kernel.network.emails import check_email
from parley.kernel.text.forms import storable
from parley.people.persons.actions.editing import change_properties
from parley.people.persons.queries.shown import PersonFilters, persons_page
from parley.people.persons.rules.names import checked_name, heading_name
from parley.people.persons.rules.shown_properties import shown_text
from parley.people.persons.schemas import PersonOut
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PER_PAGE, MOST_SEARCHED = 50, 400


class PersonLine(msgspec.Struct, frozen=True, kw_only=True):
    """A person in the list."""

    id: UUID
    name: str
    email: str
    created_at: datetime
    last_seen_at: datetime | None


class PersonsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `persons/persons.html`; `count` is of all that match."""

    persons: Sequence[PersonLine]
    search: str
    count: int
    older_path: str | None
    most: int = MOST_SEARCHED


class PersonNameForm(msgspec.Struct, frozen=True):
    """The name of a person; empty takes it away. `conversation` is where somebody came from."""

    # Not trimmed: a name that nobody can see is refused, not taken for an empty one.
    name: Annotated[str, Meta(max_length=400)]
    conversation: str = ""


class PersonEmailForm(msgspec.Struct, frozen=True):
    """The e-mail address of a person; empty takes it away. `conversation` is where somebody came from."""

    email: Annotated[str, Meta(max_length=400, extra=TRIM)] = ""
    conversation: str = ""


@get("/persons", guards=[page_session], include_in_schema=False)
async def show_persons(request: ParleyRequest, actor: ActorDependency, db: DbDependency) -> Response[Any]:
    """List the project's persons, the newest first, or those whose name or address begins with a text."""
    query = request.query_params
    search = storable(query.get("search", "").strip())[:MOST_SEARCHED]
    asked = PageRequest(limit=PER_PAGE + 1, cursor=query.get("after_mark"))
    count, found = await persons_page(db, actor, PersonFilters(search=search), asked)
    shown = found[:PER_PAGE]
    kept = {"search": search} if search else {}
    mark = {"after_mark": str(shown[-1].id)} if len(found) > PER_PAGE else None
    older = f"/persons?{urlencode(kept | mark)}" if mark else None
    context = PersonsPage(persons=[_line(one) for one in shown], search=search, count=count, older_path=older)
    return page(request, "persons/persons.html", context)


def _line(one: PersonOut) -> PersonLine:
    return PersonLine(
        id=one.id,
        name=heading_name(one.properties, one.name),
        email=shown_text(one.properties.get("email") or ""),
        created_at=one.created_at,
        last_seen_at=one.last_seen_at,
    )


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
    return redirect(_path(person, data.conversation))


@post("/persons/{person_id:str}/email", guards=[page_session], include_in_schema=False)
async def set_email_of_person(
    person_id: FromPath[str],
    data: JSONBody[PersonEmailForm],
    actor: ActorDependency,
    db: DbDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Set the e-mail address of a person, or take it away. Where answers go is set beside each conversation."""
    email = check_email(data.email) if data.email else None
    change: dict[str, Any] = {"sets": {"email": email}} if email else {"unsets": ("email",)}
    person = await change_properties(db, actor, person_id, services.clock, **change)
    return redirect(_path(person, data.conversation))


def _path(person: PersonOut, conversation: str) -> str:
    asked = f"?{urlencode({'conversation': conversation})}" if conversation else ""
    return f"/persons/{person.id}{asked}"


handlers: list[Any] = [show_persons, rename_person, set_email_of_person]
