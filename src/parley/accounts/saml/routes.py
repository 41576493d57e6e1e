"""This site's metadata for identity providers."""

from typing import Any

from litestar import MediaType, Response, get

from parley.accounts.saml.rules.requests import metadata_of, service_provider
from parley.kernel.dependencies import ServicesDependency
from parley.kernel.errors import PermissionDenied
from parley.kernel.http.authorization import ADMIN, needs
from parley.kernel.http.organizations import in_current_organization, organization_actor
from parley.kernel.http.request import ParleyRequest

ADMINS_ONLY = "You need to be an administrator or owner to access this resource."


@get(
    "/api/saml/metadata",
    guards=[needs("organization:read"), in_current_organization],
    media_type=MediaType.XML,
)
async def show_saml_metadata(request: ParleyRequest, services: ServicesDependency) -> Response[bytes]:
    """Show the metadata of this site as a SAML service provider, as XML; for admins."""
    if organization_actor(request).level < ADMIN:
        raise PermissionDenied(ADMINS_ONLY)
    found = metadata_of(service_provider(services.settings.site_url))
    return Response(found, media_type="application/samlmetadata+xml")


handlers: list[Any] = [show_saml_metadata]
