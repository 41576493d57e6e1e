"""Targets: checked before anything is stored, since the DNS may be slow."""

import msgspec

from parley.analytics.subscriptions.rules.targets import (
    ATTR,
    ONLY_SLACK,
    OTHER_INTEGRATION,
    UNKNOWN_INTEGRATION,
    TargetType,
    addresses_of,
    check_slack_url,
    checked_channel,
)
from parley.analytics.subscriptions.workspaces import Workspaces
from parley.kernel.errors import Invalid, too_long
from parley.kernel.network.addresses import MAX_URL_LENGTH, AddressRefused
from parley.kernel.network.outbound import Outbound
from parley.kernel.network.webhook_messages import without_secrets
from parley.kernel.services import Services


class DeliveryTarget(msgspec.Struct, frozen=True):
    """A target as it is stored; its names are those of the columns."""

    target_type: TargetType
    target_value: str
    target_url: str | None
    integration_id: int | None = None


async def checked_target(services: Services, kind: TargetType, value: str) -> DeliveryTarget:
    """Return the target; raises Invalid for what can't be one, and for a URL that would not be called.

    It waits for the DNS: don't call it inside a transaction.
    """
    if kind == "email":
        return DeliveryTarget(kind, ",".join(addresses_of(value)), None)
    if len(value) > MAX_URL_LENGTH:
        raise too_long(MAX_URL_LENGTH, ATTR)
    allowed = services.settings.allowed_hosts_out
    if kind == "slack":
        check_slack_url(value, allowed)
    try:
        await Outbound(allowed).check(value)
    except AddressRefused as error:
        raise Invalid(f"Invalid webhook URL: {error}", attr=ATTR) from error
    return DeliveryTarget(kind, without_secrets(value), services.vault.encrypt(value))


async def channel_target(
    services: Services,
    workspaces: Workspaces,
    project_id: int,
    integration_id: int,
    kind: TargetType,
    value: str,
) -> DeliveryTarget:
    """Return a channel of a Slack workspace as a target; raises Invalid where the project isn't connected to it."""
    if kind != "slack":
        raise Invalid(ONLY_SLACK, attr="integration_id")
    found = await workspaces.kind_of(services, project_id, integration_id)
    if found != "slack":
        raise Invalid(OTHER_INTEGRATION if found else UNKNOWN_INTEGRATION, attr="integration_id")
    return DeliveryTarget(kind, checked_channel(value), None, integration_id)
