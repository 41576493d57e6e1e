"""Background work of an organization: what waits, what fails, and trying it again. For owners."""

from typing import Any

from litestar import get, post
from litestar.params import JSONBody

from parley.administration.background_work.actions import retry_work
from parley.administration.background_work.queries import background_work, projects_shown
from parley.administration.background_work.schemas import BackgroundWorkOut, Retried, RetryRequest
from parley.kernel.dependencies import DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.organizations import in_organization, organization_actor, owners_only
from parley.kernel.http.request import ParleyRequest

PATH = "/api/organizations/{organization_id:str}/background_work"


@get(PATH, guards=[needs("organization:read"), in_organization, owners_only])
async def show_background_work(
    request: ParleyRequest, db: DbDependency, services: ServicesDependency
) -> BackgroundWorkOut:
    """Show the background work of the organization's projects that waits or has failed; for owners."""
    projects = await projects_shown(db, organization_actor(request).organization_id)
    return await background_work(db, list(projects), services.clock.now())


@post(f"{PATH}/retry", guards=[needs("organization:write"), in_organization, owners_only], status_code=200)
async def retry_background_work(
    data: JSONBody[RetryRequest], request: ParleyRequest, db: DbDependency
) -> Retried:
    """Try failed work again from the start: the piece with this `work_id`, or all of it; for owners."""
    return Retried(await retry_work(db, organization_actor(request).organization_id, data.work_id))


handlers: list[Any] = [show_background_work, retry_background_work]
