"""Making, changing and deleting endpoints."""

from typing import Any
from uuid import UUID

from msgspec import structs
from sqlalchemy import and_, delete, insert, update

from parley.accounts.audit_log.rules import changed_values
from parley.accounts.projects.actions.audit import record_in_project
from parley.integrations.webhooks.actions.delivery_queue import send_when_due
from parley.integrations.webhooks.actions.listening import note_listening
from parley.integrations.webhooks.queries.deliveries import failed_deliveries
from parley.integrations.webhooks.queries.endpoints import (
    endpoint_by_id,
    endpoint_key,
    endpoint_locked,
    endpoints_page,
)
from parley.integrations.webhooks.rules import (
    MOST_ENDPOINTS,
    MOST_RETRIED,
    SWITCHED_OFF,
    check_events,
)
from parley.integrations.webhooks.schemas import EndpointOut, EndpointPatch, NewEndpoint
from parley.integrations.webhooks.tables import PENDING, webhook_delivery, webhook_endpoint
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.http.patches import patched_fields
from parley.kernel.ids import new_uuid
from parley.kernel.network.addresses import AddressRefused
from parley.kernel.network.outbound import Outbound
from parley.kernel.network.webhook_messages import without_secrets
from parley.kernel.services import Services


async def check_url(services: Services, url: str) -> None:
    """Raise Invalid for a URL that would not be called. It waits for the DNS, so it stands before a transaction."""
    try:
        await Outbound(services.settings.allowed_hosts_out).check(url)
    except AddressRefused as error:
        raise Invalid(str(error), code="invalid_url", attr="url") from error


async def create_endpoint(db: Db, services: Services, actor: Actor, new: NewEndpoint) -> EndpointOut:
    """Make an endpoint, whose URL was checked; raises Invalid."""
    events, id, now = check_events(new.events), new_uuid(), services.clock.now()
    count, _ = await endpoints_page(db, actor.project_id, PageRequest(limit=1))
    if count >= MOST_ENDPOINTS:
        raise Invalid(f"A project can have at most {MOST_ENDPOINTS} webhooks.", code="limit_reached")
    await db.execute(
        insert(webhook_endpoint).values(
            **structs.asdict(new) | {"events": events},
            project_id=actor.project_id,
            id=id,
            created_by=actor.user_id,
            created_at=now,
            updated_at=now,
        )
    )
    await note_listening(db, services, actor.project_id)
    made = await endpoint_by_id(db, actor.project_id, id)
    target = ("webhook", str(id), without_secrets(new.url))
    await record_in_project(
        db, services, actor.project_id, "webhook.made", target=target, after={"events": events}
    )
    return made


async def change_endpoint(
    services: Services, actor: Actor, endpoint_id: UUID, patch: EndpointPatch
) -> EndpointOut:
    """Change what the patch names, in a transaction of its own; raises NotFound and Invalid."""
    changes = patched_fields(patch)
    if "events" in changes:
        changes["events"] = check_events(changes["events"])
    async with services.database.transaction(write=False) as db:
        await endpoint_by_id(db, actor.project_id, endpoint_id)
    if "url" in changes:
        await check_url(services, changes["url"])
    async with services.database.transaction() as db:
        await _change(db, services, actor.project_id, endpoint_id, changes)
        return await endpoint_by_id(db, actor.project_id, endpoint_id)


async def _change(
    db: Db, services: Services, project_id: int, endpoint_id: UUID, changes: dict[str, Any]
) -> None:
    row = await endpoint_locked(db, project_id, endpoint_id)
    if row is None:
        raise NotFound
    if changes.get("url", row.url) != row.url or (changes.get("enabled") and not row.enabled):
        # Another address, or somebody who says that it works again: what failed before is of no meaning.
        changes |= {"failure_count": 0, "paused_until": None, "disabled_reason": None}
    if changes:
        now = services.clock.now()
        mine = endpoint_key(project_id, endpoint_id)
        await db.execute(update(webhook_endpoint).where(mine).values(**changes, updated_at=now))
        await note_listening(db, services, project_id)
        await _record_change(db, services, project_id, row, changes)
        await send_when_due(db, project_id, endpoint_id, now)


async def _record_change(
    db: Db, services: Services, project_id: int, row: Any, changes: dict[str, Any]
) -> None:
    """Record what somebody has changed, without what is secret in the URL."""
    named = {name: value for name, value in changes.items() if name in EndpointPatch.__struct_fields__}
    before, after = changed_values({name: getattr(row, name) for name in named}, named)
    for values in (before, after):
        if "url" in values:
            values["url"] = without_secrets(values["url"])
    target = ("webhook", str(row.id), without_secrets(row.url))
    if after:
        await record_in_project(
            db, services, project_id, "webhook.changed", target=target, before=before, after=after
        )


async def retry_endpoint(db: Db, services: Services, project_id: int, endpoint_id: UUID) -> EndpointOut:
    """End the endpoint's rest and send now what waits for it and what has failed; raises NotFound and Invalid.

    Of what has failed, the oldest thousands at a time; what was sent of somebody who is forgotten by now isn't sent.
    """
    row, now = await endpoint_locked(db, project_id, endpoint_id), services.clock.now()
    if row is None:
        raise NotFound
    if not row.enabled:
        raise Invalid(SWITCHED_OFF, code="webhook_disabled")
    c = webhook_delivery.c
    mine = and_(c.project_id == project_id, c.endpoint_id == endpoint_id)
    await db.execute(update(webhook_delivery).where(mine, PENDING, c.next_at > now).values(next_at=now))
    failed = await failed_deliveries(db, project_id, endpoint_id, MOST_RETRIED)
    again = {"state": "pending", "attempts": 0, "next_at": now, "finished_at": None}
    those = is_one_of(c.id, listed("ids", c.id))
    await db.execute(update(webhook_delivery).where(mine, those).values(again), {"ids": failed})
    at_once = {"paused_until": None, "wake_at": None}
    await db.execute(update(webhook_endpoint).where(endpoint_key(project_id, endpoint_id)).values(at_once))
    await send_when_due(db, project_id, endpoint_id, now)
    target = ("webhook", str(endpoint_id), without_secrets(row.url))
    await record_in_project(db, services, project_id, "webhook.retried", target=target)
    return await endpoint_by_id(db, project_id, endpoint_id)


async def delete_endpoint(db: Db, services: Services, actor: Actor, endpoint_id: UUID) -> None:
    """Delete an endpoint with its deliveries; raises NotFound."""
    ended = delete(webhook_endpoint).where(endpoint_key(actor.project_id, endpoint_id))
    url = (await db.execute(ended.returning(webhook_endpoint.c.url))).scalar_one_or_none()
    if url is None:
        raise NotFound
    target = ("webhook", str(endpoint_id), without_secrets(url))
    await record_in_project(db, services, actor.project_id, "webhook.deleted", target=target)
    await note_listening(db, services, actor.project_id)
