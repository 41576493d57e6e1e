"""The demo page: a small website that carries the widget of a project, so that anybody can be its visitor."""

from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from parley.accounts.authentication.authenticator import CachingAuthenticator
from parley.conversations.widget import queries
from parley.conversations.widget.rules.config import preview_config
from parley.conversations.widget.rules.origins import DEMO_VISITORS, is_allowed
from parley.kernel.dependencies import ActorDependency
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Principal, Project, public
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import new_token
from parley.kernel.services import Services
from parley.kernel.throttle import pages_counted
from parley.web.guards import page_session, signed_in_principal
from parley.web.rendering import page


class DemoPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `widget/demo.html` needs. The project's name is for its members; its token is public anyway."""

    api_token: str | None
    project_name: str | None
    obstacle: str | None
    origin: str
    nonce: str
    visitors: str = DEMO_VISITORS


@get("/demo", guards=[public, pages_counted], include_in_schema=False)
async def show_demo(request: ParleyRequest) -> Response[bytes]:
    """Show the demo of the signed-in person's project, or of the only organization's first one."""
    access: CachingAuthenticator = request.app.state.authenticator
    principal = await signed_in_principal(request)
    project_id = principal.current_project_id if principal else None
    if project_id is None:
        services: Services = request.app.state.services
        project_id = await queries.only_demo_project_id(services.database)
    project = await access.project(project_id) if project_id is not None else None
    return _rendered(request, project, principal)


@get("/demo/{api_token:str}", guards=[public, pages_counted], include_in_schema=False)
async def show_demo_of(request: ParleyRequest, api_token: FromPath[str]) -> Response[bytes]:
    """Show the demo of the project with this public token."""
    access: CachingAuthenticator = request.app.state.authenticator
    project = await access.project_by_api_token(api_token)
    if project is None:
        raise NotFound
    return _rendered(request, project, await signed_in_principal(request))


def _rendered(
    request: ParleyRequest, project: Project | None, principal: Principal | None
) -> Response[bytes]:
    is_member = bool(project and principal and project.organization_id in principal.levels)
    nonce = new_token(length=22)
    context = DemoPage(
        api_token=project.api_token if project else None,
        project_name=project.name if project and is_member else None,
        obstacle=_obstacle(project, request.origin_url),
        origin=request.origin_url,
        nonce=nonce,
    )
    # The SDK writes its own styles into the page; scripts stay limited to our own.
    policy = (
        f"default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return page(request, "widget/demo.html", context, headers={"Content-Security-Policy": policy})


def _obstacle(project: Project | None, origin: str) -> str | None:
    """Say why the widget cannot show up, if it can't."""
    if project is None:
        return "Sign in to see the widget of your project here, or open /demo/ followed by its project token."
    if not project.conversations_enabled:
        return "Conversations are switched off in this project."
    if not project.settings.get("widget_enabled"):
        return "The widget is switched off in this project."
    if not is_allowed(origin, project.settings.get("widget_domains") or ()):
        return "This project's list of domains doesn't allow the widget on this site."
    return None


class PreviewPage(msgspec.Struct, frozen=True):
    """Context of `widget/preview.html`."""

    config: dict[str, Any]
    nonce: str


@get("/settings/widget-preview", guards=[page_session], include_in_schema=False)
async def show_preview(request: ParleyRequest, actor: ActorDependency) -> Response[bytes]:
    """Show the widget as it is stored, or with `is_draft` as the form of the settings has it; it can send nothing."""
    access: CachingAuthenticator = request.app.state.authenticator
    project = await access.project(actor.project_id)
    if project is None:
        raise NotFound
    draft = dict(request.query_params) if request.query_params.get("is_draft") else {}
    nonce = new_token(length=22)
    policy = (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    return page(
        request,
        "widget/preview.html",
        PreviewPage(preview_config(project, draft), nonce),
        headers={"Content-Security-Policy": policy, "X-Frame-Options": "SAMEORIGIN"},
    )


handlers: list[Any] = [show_demo, show_demo_of, show_preview]
