"""The same as PostHog's clients ask for it, below `/api/conversations/v1/email/`: a request names its project itself."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import JSONBody

from parley.email.channels import actions
from parley.email.channels.queries import channel_to_change, connected_channels
from parley.email.channels.schemas import (
    ChannelAnswer,
    ChannelProblem,
    ChannelRequest,
    ChannelsAnswer,
    ConnectRequest,
    DisconnectedAnswer,
)
from parley.email.channels.shown import channel_out
from parley.email.channels.trial_mail import send_test
from parley.email.channels.verification import verified_channel
from parley.kernel.dependencies import ServicesDependency, own_transaction
from parley.kernel.errors import AppError
from parley.kernel.http.authorization import Actor, actor_in, needs_in_named_project
from parley.kernel.http.error_responses import answer_app_error
from parley.kernel.http.request import ParleyRequest
from parley.kernel.idempotency import KEEPS, keep
from parley.kernel.openapi.documented import DocumentedAnswer, ErrorBody, Query, documented
from parley.kernel.services import Services

PREFIX = "/api/conversations/v1/email"


def _in_words(request: Request[Any, Any, Any], error: AppError) -> Response[Any]:
    """Render an error as PostHog's clients read it; who isn't let in is told so as everywhere else."""
    answer = answer_app_error(request, error)
    if "principal" in request.scope["state"]:
        answer.content = {"error": error.detail}
    return answer


COMMON: dict[str, Any] = {
    "exception_handlers": {AppError: _in_words},
}
QUERY = [Query("project_id", "The project; without it, the one that the caller works in.", int)]
DOCUMENTED = documented(
    query=QUERY,
    problem=ChannelProblem,
    errors={
        404: "There is no such project or channel.",
        409: "Another channel, of a project that has proved the domain, has the address.",
        502: "The mail server, or the DNS, did not do its part.",
    },
    answers={
        401: DocumentedAnswer("The credentials are missing or not valid.", (ErrorBody,)),
        403: DocumentedAnswer("The caller may not do this.", (ChannelProblem, ErrorBody)),
    },
)


async def _actor(request: ParleyRequest, project_id: int | None = None) -> Actor:
    given = request.query_params.get("project_id")
    return await actor_in(request, str(project_id) if project_id is not None else given)


async def _all(services: Services, actor: Actor) -> ChannelsAnswer:
    async with services.database.transaction(write=False) as db:
        found = await connected_channels(db, actor.project_id)
    return ChannelsAnswer([channel_out(one, services.settings) for one in found])


@get(f"{PREFIX}/status", guards=[needs_in_named_project("ticket:write")], **COMMON, opt=DOCUMENTED)
async def show_email_status(request: ParleyRequest, services: ServicesDependency) -> ChannelsAnswer:
    """List the project's e-mail channels, oldest first."""
    return await _all(services, await _actor(request))


@post(
    f"{PREFIX}/connect",
    guards=[needs_in_named_project("ticket:write")],
    **COMMON,
    status_code=201,
    opt=DOCUMENTED | KEEPS,
)
async def connect_email(
    data: JSONBody[ConnectRequest], request: ParleyRequest, services: ServicesDependency
) -> ChannelAnswer:
    """Connect an address. Admins connect addresses of support, everybody one of their own."""
    actor = await _actor(request, data.project_id)
    key = await actions.key_for(services, actor, data)
    async with own_transaction(request, services) as db:
        made = await actions.connect_channel(db, services, actor.project_id, actor.user_id, data, key)
        answer = ChannelAnswer(channel_out(made, services.settings))
        await keep(request, 201, answer)
    return answer


@post(
    f"{PREFIX}/disconnect",
    guards=[needs_in_named_project("ticket:write")],
    **COMMON,
    status_code=200,
    opt=DOCUMENTED,
)
async def disconnect_email(
    data: JSONBody[ChannelRequest], request: ParleyRequest, services: ServicesDependency
) -> DisconnectedAnswer:
    """Disconnect a channel: mail to its forwarding address is not taken any more. Tickets stay."""
    actor = await _actor(request, data.project_id)
    async with services.database.transaction() as db:
        found = await channel_to_change(db, actor, str(data.config_id))
        await actions.disconnect_channel(db, services, found.channel)
    return DisconnectedAnswer(True, (await _all(services, actor)).configs)


@post(
    f"{PREFIX}/verify-domain",
    guards=[needs_in_named_project("ticket:write")],
    **COMMON,
    status_code=200,
    opt=DOCUMENTED,
)
async def verify_email_domain(
    data: JSONBody[ChannelRequest], request: ParleyRequest, services: ServicesDependency
) -> ChannelAnswer:
    """Look up the listed records now; mail may be sent from the domain once all of them are there."""
    actor = await _actor(request, data.project_id)
    return ChannelAnswer(
        channel_out(await verified_channel(services, actor, str(data.config_id)), services.settings)
    )


@post(
    f"{PREFIX}/set-default",
    guards=[needs_in_named_project("ticket:write")],
    **COMMON,
    status_code=200,
    opt=DOCUMENTED,
)
async def set_default_email(
    data: JSONBody[ChannelRequest], request: ParleyRequest, services: ServicesDependency
) -> ChannelAnswer:
    """Make a support channel the one from which mail goes out where nothing else is said."""
    actor = await _actor(request, data.project_id)
    async with services.database.transaction() as db:
        found = await channel_to_change(db, actor, str(data.config_id))
        await actions.set_default(db, services, found.channel)
        after = await channel_to_change(db, actor, str(data.config_id))
    return ChannelAnswer(channel_out(after, services.settings))


@post(
    f"{PREFIX}/send-test",
    guards=[needs_in_named_project("ticket:write")],
    **COMMON,
    status_code=200,
    opt=DOCUMENTED,
)
async def send_test_email(
    data: JSONBody[ChannelRequest], request: ParleyRequest, services: ServicesDependency
) -> ChannelAnswer:
    """Mail the caller from a verified channel; 502 with the mail server's words when it doesn't take the mail."""
    actor = await _actor(request, data.project_id)
    found = await send_test(services, actor, str(data.config_id))
    return ChannelAnswer(channel_out(found, services.settings))


handlers: list[Any] = [
    show_email_status,
    connect_email,
    disconnect_email,
    verify_email_domain,
    set_default_email,
    send_test_email,
]
