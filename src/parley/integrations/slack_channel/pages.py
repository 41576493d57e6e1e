"""The settings page of the Slack channel."""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody

from parley.integrations.connections.errors import CredentialsRejected, UpstreamFailed
from parley.integrations.connections.kinds import PageOfUse, add_page_of_use
from parley.integrations.slack.actions import channels_of
from parley.integrations.slack.queries import KIND_NAME, workspace_or_none
from parley.integrations.slack.rules import display_name
from parley.integrations.slack.schemas import SlackChannel
from parley.integrations.slack_channel.actions.configuring import SlackChannelForm, save_form, send_test
from parley.integrations.slack_channel.rules.decisions import emoji_of
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import AppError, Invalid, PermissionDenied, Throttled
from parley.kernel.http.authorization import Actor
from parley.kernel.http.request import ParleyRequest
from parley.kernel.services import Services
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = "/settings/integrations/slack"
EVENTS_PATH = "/api/conversations/v1/slack/events"
NOTICES = {"saved": "Saved.", "tested": "The test is posted. Look into the channel in Slack."}
PROBLEMS = (Invalid, UpstreamFailed, CredentialsRejected, Throttled)
ADMINS_ONLY = "Only admins and owners change the Slack channel."


class SlackPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `slack_channel/settings.html`; `problem` belongs to the field named `at`, or to all of them."""

    workspace: str | None
    is_revoked: bool
    form: SlackChannelForm
    channels: Sequence[SlackChannel]
    events_url: str
    has_signing_secret: bool
    is_admin: bool
    problem: str | None = None
    at: str | None = None
    notice: str | None = None


async def _shown(
    request: ParleyRequest,
    services: Services,
    actor: Actor,
    error: AppError | None = None,
    form: SlackChannelForm | None = None,
) -> Response[Any]:
    workspace = await workspace_or_none(services, actor.project_id)
    channels: Sequence[SlackChannel] = ()
    problem = error.detail if error else None
    if workspace is not None:
        try:
            channels = (await channels_of(services, workspace)).channels
        except PROBLEMS as failed:
            problem = problem or failed.detail
    context = SlackPage(
        workspace=display_name(workspace.config, workspace.integration_id) if workspace else None,
        is_revoked=bool(workspace and workspace.errors),
        form=form or _stored(actor.project.settings),
        channels=channels,
        events_url=services.settings.site_url + EVENTS_PATH,
        has_signing_secret=bool(services.settings.slack_signing_secret),
        is_admin=actor.is_admin,
        problem=problem,
        at=error.attr if isinstance(error, Invalid) else None,
        notice=None if problem else NOTICES.get(request.query_params.get("notice", "")),
    )
    return page(request, "slack_channel/settings.html", context, status=422 if error else 200)


def _stored(settings: dict[str, Any]) -> SlackChannelForm:
    texts = {name: settings.get(name) for name in ("slack_channel_id", "slack_notification_channel_id")}
    return SlackChannelForm(
        slack_enabled="on" if settings.get("slack_enabled") is True else "",
        slack_ticket_emoji=f":{emoji_of(settings)}:",
        **{name: text for name, text in texts.items() if isinstance(text, str)},
    )


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_slack_channel(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show how Slack is used, and what is still to be done."""
    return await _shown(request, services, actor)


@post(PATH, guards=[page_session], include_in_schema=False)
async def save_slack_channel(
    request: ParleyRequest,
    data: JSONBody[SlackChannelForm],
    actor: ActorDependency,
    services: ServicesDependency,
) -> Response[Any]:
    """Save the form, or show it with the problem."""
    _check_admin(actor)
    try:
        await save_form(services, actor, data)
    except PROBLEMS as error:
        return await _shown(request, services, actor, error, data)
    return redirect(f"{PATH}?notice=saved")


@post(f"{PATH}/test", guards=[page_session], include_in_schema=False)
async def post_slack_test(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Post a test into the support channel."""
    _check_admin(actor)
    try:
        await send_test(services, actor)
    except PROBLEMS as error:
        return await _shown(request, services, actor, error)
    return redirect(f"{PATH}?notice=tested")


def _check_admin(actor: Actor) -> None:
    if not actor.is_admin:
        raise PermissionDenied(ADMINS_ONLY)


add_page_of_use(KIND_NAME, PageOfUse(label="Channel and notices", path=PATH))
handlers: list[Any] = [show_slack_channel, save_slack_channel, post_slack_test]
