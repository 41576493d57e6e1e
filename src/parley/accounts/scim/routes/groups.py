"""Groups: `/Groups`, which are roles here (RFC 7644, section 3)."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, delete, get, patch, post, put
from litestar.params import FromPath

from parley.accounts.scim import PATH
from parley.accounts.scim.access import scim_token
from parley.accounts.scim.actions.groups import change_group, deprovision_group, provision_group
from parley.accounts.scim.queries.groups import all_roles, group_by_id, members_of
from parley.accounts.scim.routes.people import DEFAULT_COUNT, selection_in
from parley.accounts.scim.serving import COMMON, ScimAnswer, ScimCall, answer
from parley.accounts.scim_messages.rules.discovery import MAX_RESULTS
from parley.accounts.scim_messages.rules.filters import GROUP_FILTERS, filter_of, holds
from parley.accounts.scim_messages.rules.groups import group_changes, group_of
from parley.accounts.scim_messages.rules.resources import (
    FoundRole,
    group_resource,
    list_request,
    list_resource,
)
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.http.request import ParleyRequest

GROUPS = f"{PATH}/Groups"
ONE = f"{GROUPS}/{{group_id:str}}"


async def _shown(db: Db, call: ScimCall, roles: Sequence[FoundRole]) -> list[dict[str, Any]]:
    wanted = selection_in(call)
    ids = [one.id for one in roles]
    members = await members_of(db, call.domain, ids) if ids and wanted.has("members") else {}
    return [wanted.of(group_resource(call.base, one, members.get(one.id))) for one in roles]


async def _one(db: Db, call: ScimCall, role: FoundRole, status: int = 200) -> ScimAnswer:
    return ScimAnswer((await _shown(db, call, [role]))[0], status)


@get(GROUPS, guards=[scim_token], **COMMON)
async def list_scim_groups(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """List groups by name; a filter that can't be read finds none."""

    async def do(db: Db, call: ScimCall) -> ScimAnswer:
        query = request.query_params
        asked = list_request(
            query.get("startIndex"), query.get("count"), most=MAX_RESULTS, default=DEFAULT_COUNT
        )
        wanted = filter_of(query["filter"], GROUP_FILTERS) if query.get("filter") else None
        if query.get("filter") and wanted is None:
            return ScimAnswer(list_resource([], 0, asked.start))
        roles = await all_roles(db, call.domain)
        if wanted is not None:
            roles = [one for one in roles if holds(wanted, _values(one))]
        page = roles[asked.start - 1 :][: asked.count]
        return ScimAnswer(list_resource(await _shown(db, call, page), len(roles), asked.start))

    return await answer(request, services, do)


def _values(role: FoundRole) -> dict[str, str | None]:
    return {"id": str(role.id), "displayname": role.name, "externalid": role.external_id}


@post(GROUPS, guards=[scim_token], **COMMON)
async def create_scim_group(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Make a role, or take the one of exactly this name."""

    async def do(db: Db, call: ScimCall) -> ScimAnswer:
        wanted = group_of(call.body, is_whole=False)
        return await _one(db, call, await provision_group(db, services, call.domain, wanted), 201)

    return await answer(request, services, do)


@get(ONE, guards=[scim_token], **COMMON)
async def show_scim_group(
    group_id: FromPath[str], request: ParleyRequest, services: ServicesDependency
) -> Response[Any]:
    """Show one group with its members."""

    async def do(db: Db, call: ScimCall) -> ScimAnswer:
        return await _one(db, call, await group_by_id(db, call.domain, group_id))

    return await answer(request, services, do)


@put(ONE, guards=[scim_token], **COMMON)
async def replace_scim_group(
    group_id: FromPath[str], request: ParleyRequest, services: ServicesDependency
) -> Response[Any]:
    """Replace name and members; without members nobody is in it."""

    async def do(db: Db, call: ScimCall) -> ScimAnswer:
        found = await group_by_id(db, call.domain, group_id)
        wanted = group_of(call.body, is_whole=True)
        changed = await change_group(db, services, call.domain, found, wanted, action="scim_replaced")
        return await _one(db, call, changed)

    return await answer(request, services, do)


@patch(ONE, guards=[scim_token], **COMMON)
async def update_scim_group(
    group_id: FromPath[str], request: ParleyRequest, services: ServicesDependency
) -> Response[Any]:
    """Change a group by operations, all of them or none."""

    async def do(db: Db, call: ScimCall) -> ScimAnswer:
        found = await group_by_id(db, call.domain, group_id)
        changed = await change_group(db, services, call.domain, found, call.read(), action="scim_updated")
        return await _one(db, call, changed)

    return await answer(request, services, do, group_changes)


@delete(ONE, status_code=200, guards=[scim_token], **COMMON)
async def delete_scim_group(
    group_id: FromPath[str], request: ParleyRequest, services: ServicesDependency
) -> Response[Any]:
    """Delete a role."""

    async def do(db: Db, call: ScimCall) -> ScimAnswer:
        await deprovision_group(db, services, call.domain, group_id)
        return ScimAnswer(status=204)

    return await answer(request, services, do)


handlers: list[Any] = [
    list_scim_groups,
    create_scim_group,
    show_scim_group,
    replace_scim_group,
    update_scim_group,
    delete_scim_group,
]
