"""People: `/Users` (RFC 7644, section 3)."""

from typing import Any

from litestar import Response, delete, get, patch, post, put
from litestar.params import FromPath
from msgspec.structs import replace

from parley.accounts.scim import PATH
from parley.accounts.scim.access import scim_token
from parley.accounts.scim.actions.people import change_person, deprovision, provision
from parley.accounts.scim.queries.people import groups_of, person_by_id, person_page
from parley.accounts.scim.serving import COMMON, ScimAnswer, ScimCall, answer
from parley.accounts.scim_messages.rules.discovery import MAX_RESULTS
from parley.accounts.scim_messages.rules.filters import USER_FILTERS, filter_of
from parley.accounts.scim_messages.rules.resources import (
    FoundPerson,
    Selection,
    list_request,
    list_resource,
    selection_of,
    user_resource,
)
from parley.accounts.scim_messages.rules.users import ScimPerson, patched_person, person_of, person_operations
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.http.request import ParleyRequest

USERS = f"{PATH}/Users"
ONE = f"{USERS}/{{user_id:str}}"
DEFAULT_COUNT = 100


def selection_in(call: ScimCall) -> Selection:
    """Return which attributes the query asks for."""
    query = call.request.query_params
    return selection_of(query.get("attributes"), query.get("excludedAttributes"))


async def _shown(db: Db, call: ScimCall, people: list[FoundPerson]) -> list[dict[str, Any]]:
    wanted = selection_in(call)
    ids = [one.user_id for one in people]
    groups = await groups_of(db, call.domain, ids) if ids and wanted.has("groups") else {}
    return [wanted.of(user_resource(call.base, one, groups.get(one.user_id, []))) for one in people]


async def _one(db: Db, call: ScimCall, text: str, status: int = 200) -> ScimAnswer:
    found = await person_by_id(db, call.domain, text)
    return ScimAnswer((await _shown(db, call, [found]))[0], status)


def _as_stored(before: FoundPerson, person: ScimPerson) -> ScimPerson:
    """Return the person with the names that their account has kept."""
    given, family = before.person.given_name, before.person.family_name
    return replace(person, given_name=person.given_name or given, family_name=person.family_name or family)


@get(USERS, guards=[scim_token], **COMMON)
async def list_scim_users(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """List people by their ids; a filter that can't be read finds nobody."""

    async def do(db: Db, call: ScimCall) -> ScimAnswer:
        query = request.query_params
        asked = list_request(
            query.get("startIndex"), query.get("count"), most=MAX_RESULTS, default=DEFAULT_COUNT
        )
        wanted = filter_of(query["filter"], USER_FILTERS) if query.get("filter") else None
        if query.get("filter") and wanted is None:
            return ScimAnswer(list_resource([], 0, asked.start))
        found, total = await person_page(db, call.domain, asked, wanted)
        return ScimAnswer(list_resource(await _shown(db, call, list(found)), total, asked.start))

    return await answer(request, services, do)


@post(USERS, guards=[scim_token], **COMMON)
async def create_scim_user(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Make somebody a member, with a new account where the address has none."""

    async def do(db: Db, call: ScimCall) -> ScimAnswer:
        person = person_of(call.body)
        before = await provision(db, services, call.domain, person)
        if before.level is not None:
            return await _one(db, call, str(before.user_id), 201)
        made = FoundPerson(user_id=before.user_id, person=_as_stored(before, person))
        return ScimAnswer(selection_in(call).of(user_resource(call.base, made, [])), 201)

    return await answer(request, services, do)


@get(ONE, guards=[scim_token], **COMMON)
async def show_scim_user(
    user_id: FromPath[str], request: ParleyRequest, services: ServicesDependency
) -> Response[Any]:
    """Show one person."""

    async def do(db: Db, call: ScimCall) -> ScimAnswer:
        return await _one(db, call, user_id)

    return await answer(request, services, do)


@put(ONE, guards=[scim_token], **COMMON)
async def replace_scim_user(
    user_id: FromPath[str], request: ParleyRequest, services: ServicesDependency
) -> Response[Any]:
    """Replace what is known of a person; names that are missing become empty."""

    async def do(db: Db, call: ScimCall) -> ScimAnswer:
        found = await person_by_id(db, call.domain, user_id)
        person = person_of(call.body, found.person)
        await change_person(db, services, call.domain, found, person, action="scim_replaced")
        return await _one(db, call, user_id)

    return await answer(request, services, do)


@patch(ONE, guards=[scim_token], **COMMON)
async def update_scim_user(
    user_id: FromPath[str], request: ParleyRequest, services: ServicesDependency
) -> Response[Any]:
    """Change a person by operations, all of them or none."""

    async def do(db: Db, call: ScimCall) -> ScimAnswer:
        found = await person_by_id(db, call.domain, user_id)
        person = patched_person(found.person, call.read())
        await change_person(db, services, call.domain, found, person, action="scim_updated")
        return await _one(db, call, user_id)

    return await answer(request, services, do, person_operations)


@delete(ONE, status_code=200, guards=[scim_token], **COMMON)
async def delete_scim_user(
    user_id: FromPath[str], request: ParleyRequest, services: ServicesDependency
) -> Response[Any]:
    """End a membership; the account stays."""

    async def do(db: Db, call: ScimCall) -> ScimAnswer:
        await deprovision(db, services, call.domain, user_id)
        return ScimAnswer(status=204)

    return await answer(request, services, do)


handlers: list[Any] = [
    list_scim_users,
    create_scim_user,
    show_scim_user,
    replace_scim_user,
    update_scim_user,
    delete_scim_user,
]
