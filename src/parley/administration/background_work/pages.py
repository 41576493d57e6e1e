"""Background work in the settings, for owners."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody

from parley.administration.background_work.actions import retry_work
from parley.administration.background_work.queries import MOST_SHOWN, background_work, projects_shown
from parley.administration.background_work.schemas import BackgroundWorkOut
from parley.integrations.webhooks.actions.endpoints import retry_endpoint
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid, NotFound, PermissionDenied
from parley.kernel.http.authorization import OWNER, Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import uuid_or_none
from parley.kernel.services import Services
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = "/settings/background"
OWNERS_ONLY = "Only owners of the organization see its background work."
QUEUES = {
    "event": "Events",
    "replies": "Replies that are held",
    "mail": "Mails",
    "inbound": "Inbound mail",
    "imap": "Mailboxes",
    "outbound": "Mail to customers",
    "queries": "Queries of insights",
    "reports": "Reports of subscriptions",
    "upstream": "Integrations",
    "webhooks": "Webhooks",
    "index": "Index of older tickets",
    "demo": "Demo data",
    "work": "Other work",
}
NOTICES = {
    "retried": "It is tried again now.",
    "gone": "There was nothing to try again: it is done, or somebody was faster.",
    "off": "The webhook is switched off. Switch it on first, through the API.",
}


class WorkForm(msgspec.Struct, frozen=True):
    """Which work to try again; all of it where no id is given."""

    id: str = ""


class WebhookForm(msgspec.Struct, frozen=True):
    """Which webhook to send to again."""

    project_id: str = ""
    id: str = ""


class BackgroundPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `background_work/background.html`; `projects` are the names of the projects by their ids."""

    found: BackgroundWorkOut
    projects: Mapping[int, str]
    names: Mapping[str, str]
    is_whole: bool
    most_shown: int = MOST_SHOWN
    notice: str | None = None


def _organization_of(actor: Actor) -> UUID:
    """Return the organization that the caller owns; raises PermissionDenied."""
    if actor.level < OWNER:
        raise PermissionDenied(OWNERS_ONLY)
    return actor.project.organization_id


def _uuid(given: str) -> UUID:
    found = uuid_or_none(given)
    if found is None:
        raise NotFound
    return found


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_background(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show the work that waits or has failed."""
    organization_id = _organization_of(actor)
    async with services.database.transaction(write=False) as db:
        projects = await projects_shown(db, organization_id)
        found = await background_work(db, list(projects), services.clock.now())
    shown = BackgroundPage(
        found=found,
        projects=projects,
        names=QUEUES,
        is_whole=0 in projects,
        notice=NOTICES.get(request.query_params.get("notice", "")),
    )
    return page(request, "background_work/background.html", shown)


@post(f"{PATH}/retry", guards=[page_session], include_in_schema=False)
async def retry_failed_work(
    data: JSONBody[WorkForm], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Try one piece of work again, or all that failed."""
    organization_id = _organization_of(actor)
    try:
        async with services.database.transaction() as db:
            retried = await retry_work(db, organization_id, _uuid(data.id) if data.id else None)
    except NotFound:
        retried = 0
    return redirect(f"{PATH}?notice={'retried' if retried else 'gone'}")


@post(f"{PATH}/webhooks/retry", guards=[page_session], include_in_schema=False)
async def retry_failed_deliveries(
    data: JSONBody[WebhookForm], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Send to a webhook what waits and what has failed."""
    notice = await _retry_webhook(services, _organization_of(actor), data)
    return redirect(f"{PATH}?notice={notice}")


async def _retry_webhook(services: Services, organization_id: UUID, form: WebhookForm) -> str:
    try:
        async with services.database.transaction() as db:
            projects = {str(id): id for id in await projects_shown(db, organization_id)}
            if form.project_id not in projects:
                return "gone"
            await retry_endpoint(db, services, projects[form.project_id], _uuid(form.id))
    except NotFound:
        return "gone"
    except Invalid:
        return "off"
    return "retried"


handlers = [show_background, retry_failed_work, retry_failed_deliveries]
