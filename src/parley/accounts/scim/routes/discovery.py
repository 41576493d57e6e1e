"""What the endpoint says of itself, and its answers where there is nothing (RFC 7644, section 4)."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post, route
from litestar.params import FromPath

from parley.accounts.scim import PATH
from parley.accounts.scim.access import scim_token
from parley.accounts.scim.serving import COMMON, ScimAnswer, ScimCall, answer
from parley.accounts.scim_messages.errors import MethodRefused, NotOffered, ResourceNotFound
from parley.accounts.scim_messages.rules.discovery import resource_types, schemas, service_provider_config
from parley.accounts.scim_messages.rules.resources import list_resource
from parley.kernel.database.transaction import Db
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.http.request import ParleyRequest

CONFIG, TYPES, SCHEMAS = f"{PATH}/ServiceProviderConfig", f"{PATH}/ResourceTypes", f"{PATH}/Schemas"


def _named(resources: Sequence[dict[str, Any]], id: str) -> dict[str, Any]:
    found = next((one for one in resources if one["id"].lower() == id.lower()), None)
    if found is None:
        raise ResourceNotFound("There is no such resource.")
    return found


@get(CONFIG, guards=[scim_token], **COMMON)
async def show_service_provider_config(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Say what the endpoint can do."""

    async def do(_: Db, call: ScimCall) -> ScimAnswer:
        return ScimAnswer(service_provider_config(call.base))

    return await answer(request, services, do)


@get([TYPES, f"{TYPES}/{{id:str}}"], guards=[scim_token], **COMMON)
async def show_resource_types(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """List the kinds of resources, or show one."""

    async def do(_: Db, call: ScimCall) -> ScimAnswer:
        found = resource_types(call.base)
        id = request.path_params.get("id")
        return ScimAnswer(list_resource(found, len(found)) if id is None else _named(found, id))

    return await answer(request, services, do)


@get([SCHEMAS, f"{SCHEMAS}/{{id:str}}"], guards=[scim_token], **COMMON)
async def show_schemas(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """List the schemas, or show one."""

    async def do(_: Db, call: ScimCall) -> ScimAnswer:
        found = schemas()
        id = request.path_params.get("id")
        return ScimAnswer(list_resource(found, len(found)) if id is None else _named(found, id))

    return await answer(request, services, do)


@route(
    [CONFIG, TYPES, f"{TYPES}/{{id:str}}", SCHEMAS, f"{SCHEMAS}/{{id:str}}"],
    http_method=["POST", "PUT", "PATCH", "DELETE"],
    guards=[scim_token],
    **COMMON,
)
async def refuse_to_change_discovery(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Say that these documents can't be changed."""

    async def do(_: Db, __: ScimCall) -> ScimAnswer:
        raise MethodRefused(headers={"Allow": "GET"})

    return await answer(request, services, do)


@post(f"{PATH}/.search", guards=[scim_token], **COMMON)
async def search_everything(request: ParleyRequest, services: ServicesDependency) -> Response[Any]:
    """Say that a search over all kinds of resources isn't offered."""

    async def do(_: Db, __: ScimCall) -> ScimAnswer:
        raise NotOffered

    return await answer(request, services, do)


@route(
    f"{PATH}/{{rest:path}}",
    http_method=["GET", "POST", "PUT", "PATCH", "DELETE"],
    guards=[scim_token],
    **COMMON,
)
async def show_nothing(
    rest: FromPath[str], request: ParleyRequest, services: ServicesDependency
) -> Response[Any]:
    """Say that there is no such endpoint; Bulk and Me are none."""

    async def do(_: Db, __: ScimCall) -> ScimAnswer:
        raise ResourceNotFound("There is no such endpoint.")

    return await answer(request, services, do)


handlers: list[Any] = [
    show_service_provider_config,
    show_resource_types,
    show_schemas,
    refuse_to_change_discovery,
    search_everything,
    show_nothing,
]
