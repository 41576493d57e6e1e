"""By what admins manage the token of a domain, and see what its identity provider asks."""

from typing import Any

from litestar import get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath

from parley.accounts.domains.actions import rotate_scim_token
from parley.accounts.domains.queries import domain_of_organization
from parley.accounts.scim.queries.requests import request_filters, request_page
from parley.accounts.scim.schemas import ScimDisabled, ScimRequestOut, ScimTokenOut
from parley.kernel.dependencies import DbDependency, ServicesDependency
from parley.kernel.errors import PermissionDenied
from parley.kernel.http.authorization import ADMIN, Connection, needs, recently_authenticated
from parley.kernel.http.organizations import admins_only, in_organization, organization_actor
from parley.kernel.http.paging import Page
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import uuid_or_none
from parley.kernel.openapi.documented import DocumentedAnswer, Query, documented

DOMAIN = "/api/organizations/{organization_id:str}/domains/{domain_id:str}/scim"
DEFAULT_SIZE, MOST_SIZE, MOST_PAGE = 20, 100, 10_000
QUERY = (
    Query("page", "Which page, from 1.", int),
    Query("page_size", "Requests on a page: 20, or up to 100.", int),
    Query("status_min", "The least status of the answer.", int),
    Query("status_max", "The greatest status of the answer.", int),
    Query("after", "The first moment, in ISO 8601."),
    Query("before", "The last moment, in ISO 8601."),
    Query("search", "A text in the path or in one of the bodies."),
)


async def _admins_see_logs(connection: Connection, _: BaseRouteHandler) -> None:
    if connection.state.organization_actor.level < ADMIN:
        raise PermissionDenied("Only organization admins can view SCIM logs.")


@post(
    f"{DOMAIN}/token",
    guards=[needs("organization:write"), in_organization, admins_only, recently_authenticated],
    status_code=200,
    opt=documented(answers={400: DocumentedAnswer("SCIM is not on for this domain.", (ScimDisabled,))}),
)
async def renew_scim_token(
    domain_id: FromPath[str], request: ParleyRequest, db: DbDependency, services: ServicesDependency
) -> ScimTokenOut:
    """Give the domain a new token, which is shown this once; for admins. The old one ends at once."""
    caller, id = organization_actor(request), uuid_or_none(domain_id)
    token = await rotate_scim_token(db, services, caller, id)
    base_url = f"{services.settings.site_url}/scim/v2/{id}"
    return ScimTokenOut(scim_enabled=True, scim_base_url=base_url, scim_bearer_token=token)


@get(
    f"{DOMAIN}/logs",
    guards=[needs("organization:read"), in_organization, _admins_see_logs],
    opt=documented(query=QUERY),
)
async def list_scim_requests(
    domain_id: FromPath[str], request: ParleyRequest, db: DbDependency
) -> Page[ScimRequestOut]:
    """List what the identity provider of a domain has asked, newest first; for admins. Kept for 30 days."""
    organization_id = organization_actor(request).organization_id
    domain = await domain_of_organization(db, organization_id, uuid_or_none(domain_id))
    number, size = _page_and_size(request)
    filters = request_filters(request.query_params)
    found, count = await request_page(db, domain.id, filters, limit=size, offset=(number - 1) * size)
    return Page(
        count=count,
        next=request.url_with({"page": number + 1}) if number * size < count else None,
        previous=request.url_with({"page": number - 1 if number > 2 else None}) if number > 1 else None,
        results=found,
    )


def _page_and_size(request: ParleyRequest) -> tuple[int, int]:
    """Read which page is wanted, from 1, and how large pages are; what can't be read takes its default."""
    number = _positive(request.query_params.get("page"), 1)
    return min(number, MOST_PAGE), min(
        _positive(request.query_params.get("page_size"), DEFAULT_SIZE), MOST_SIZE
    )


def _positive(text: str | None, default: int) -> int:
    is_number = text is not None and text.isascii() and text.isdigit() and len(text) < 10
    return int(text) or default if is_number and text else default


handlers: list[Any] = [renew_scim_token, list_scim_requests]
