"""What can be asked of a connected workspace."""

from typing import Any

import msgspec
from litestar import get
from litestar.params import FromPath

from parley.integrations.connections import INTEGRATION
from parley.integrations.connections.errors import errors_of_calls
from parley.integrations.connections.queries.connected import connected
from parley.integrations.connections.queries.integrations import number_or_not_found
from parley.integrations.slack.actions import channels_of
from parley.integrations.slack.queries import KIND_NAME
from parley.integrations.slack.schemas import SlackChannels
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import Query, documented

QUERY = [
    Query("search", "Only channels with this in their name."),
    Query("force_refresh", "`true` asks Slack anew; otherwise the list is an hour old at most."),
]


@get(
    INTEGRATION + "/channels",
    guards=[needs("integration:read")],
    opt=documented(query=QUERY, errors=errors_of_calls("Slack")),
)
async def list_slack_channels(
    integration_id: FromPath[str],
    request: ParleyRequest,
    actor: ActorDependency,
    services: ServicesDependency,
) -> SlackChannels:
    """List the channels of a connected Slack workspace, by name; private ones only where the app is in them."""
    number = number_or_not_found(integration_id)
    async with services.database.transaction(write=False) as db:
        one = await connected(db, services.vault, actor.project_id, number, KIND_NAME)
    is_forced = request.query_params.get("force_refresh", "").lower() == "true"
    found = await channels_of(services, one, force_refresh=is_forced)
    search = request.query_params.get("search", "").lower().lstrip("#")
    matching = [channel for channel in found.channels if search in channel.name.lower()]
    return msgspec.structs.replace(found, channels=matching)


handlers: list[Any] = [list_slack_channels]
