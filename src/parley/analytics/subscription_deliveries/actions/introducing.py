"""A channel of Slack is told that it gets a subscription from now on."""

from typing import Any

import msgspec

from parley.analytics.subscription_deliveries.actions.notices import zone_of
from parley.analytics.subscription_deliveries.slack import introduction
from parley.analytics.subscriptions.mails import schedule_sentence
from parley.analytics.subscriptions.queries.subscriptions import subscription_or_none
from parley.analytics.subscriptions.schemas import StoredSubscription
from parley.kernel.jobs import Work
from parley.kernel.network.outbound import AddressRefused, CallFailed, Outbound, OutgoingRequest
from parley.kernel.services import Services


class NotTold(Exception):
    """Slack has not taken an introduction; the text says why."""


async def to_introduce(services: Services, work: Work) -> StoredSubscription | None:
    """Return the subscription that a channel of Slack is to be told of; None where it is no more for one."""
    async with services.database.transaction(write=False) as db:
        found = await subscription_or_none(db, work.project_id, work.payload["subscription_id"])
    return None if found is None or found.deleted or found.target_type != "slack" else found


async def introduction_of(services: Services, found: StoredSubscription) -> dict[str, Any]:
    """Return the message."""
    zone = await zone_of(services, found.project_id)
    return introduction(found.resource_name, schedule_sentence(found, zone))


async def introduce_to_webhook(services: Services, work: Work) -> None:
    """Tell the channel of an incoming webhook; raises NotTold."""
    found = await to_introduce(services, work)
    if found is None or found.integration_id is not None:
        return
    text = await introduction_of(services, found)
    try:
        url = services.vault.decrypt(found.target_url or "")
        reply = await Outbound(services.settings.allowed_hosts_out).send(_introduction(url, text))
    except (AddressRefused, CallFailed, ValueError) as problem:
        raise NotTold(str(problem)) from problem
    if not 200 <= reply.status < 300:
        raise NotTold(f"Slack answered with status {reply.status}.")


def _introduction(url: str, message: dict[str, Any]) -> OutgoingRequest:
    headers = {"Content-Type": "application/json"}
    return OutgoingRequest(url=url, headers=headers, body=msgspec.json.encode(message))
