"""Accounts are connected and disconnected."""

from typing import Any

from sqlalchemy import delete, insert, update

from parley.accounts.activity_log.actions import record
from parley.accounts.activity_log.schemas import Detail, Entry
from parley.accounts.projects.actions.audit import record_in_project
from parley.integrations.connections.kinds import IntegrationKind, OutsideAccount, display_name_of
from parley.integrations.connections.queries.integrations import (
    id_of_account,
    integration_by_id,
    integration_key,
    n_integrations,
)
from parley.integrations.connections.rules import MOST_INTEGRATIONS, half_life
from parley.integrations.connections.schemas import StoredIntegration
from parley.integrations.connections.sealing import sealed
from parley.integrations.connections.tables import MAX_OUTSIDE_ID, integration
from parley.kernel.database.dialect import take_turn
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import new_number
from parley.kernel.jobs import emit
from parley.kernel.services import Services
from parley.kernel.text.json_text import repaired

SCOPE = "Integration"
TURN = 0x696E
"""Of those who connect something to one project at the same time."""
CONNECTED, DISCONNECTED = "integration.connected", "integration.disconnected"
"""Events with `id`, `kind` and `integration_id`, for features above that react."""


async def store_account(
    db: Db, services: Services, actor: Actor, kind: IntegrationKind, account: OutsideAccount
) -> StoredIntegration:
    """Connect an account; the same one again gets its new secrets, its error is gone, and its id stays.

    Raises Invalid where the project has too many, and what the kind raises for one that this project may not have.
    """
    _check_account(account)
    await take_turn(db, TURN, actor.project_id)
    if kind.check is not None:
        await kind.check(db, actor.project_id, account)
    old = await id_of_account(db, actor.project_id, kind.name, account.integration_id)
    values = _values(services, actor, account)
    if old is None:
        id = await _insert(
            db, actor.project_id, {"kind": kind.name, "created_at": services.clock.now()} | values
        )
    else:
        id = old
        await db.execute(update(integration).where(integration_key(actor.project_id, id)).values(values))
    stored = await integration_by_id(db, actor.project_id, str(id))
    await _announce(db, services, actor, stored, "connected" if old is None else "reconnected")
    return stored


def _check_account(account: OutsideAccount) -> None:
    id = account.integration_id
    if not 0 < len(id) <= MAX_OUTSIDE_ID or not id.isprintable():
        raise Invalid("The service has sent no usable id of the account.")


def _values(services: Services, actor: Actor, account: OutsideAccount) -> dict[str, Any]:
    now = services.clock.now()
    has_refresh_token = bool(account.sensitive_config.get("refresh_token"))
    return {
        "integration_id": account.integration_id,
        "config": repaired(account.config),
        "sensitive_config": sealed(services.vault, account.sensitive_config),
        "errors": "",
        "created_by": actor.user_id,
        "refreshed_at": now,
        "next_refresh_at": half_life(now, account.config.get("expires_in")) if has_refresh_token else None,
        "refreshing_until": None,
    }


async def _insert(db: Db, project_id: int, values: dict[str, Any]) -> int:
    if await n_integrations(db, project_id) >= MOST_INTEGRATIONS:
        raise Invalid(f"A project can have at most {MOST_INTEGRATIONS} integrations.", code="limit_reached")
    id = new_number()
    await db.execute(insert(integration).values(project_id=project_id, id=id, **values))
    return id


async def disconnect(db: Db, services: Services, actor: Actor, given: str) -> None:
    """Forget an account with its secrets; raises NotFound. What hangs on it above ends by the event."""
    stored = await integration_by_id(db, actor.project_id, given)
    gone = await db.execute(delete(integration).where(integration_key(actor.project_id, stored.id)))
    if not gone.rowcount:
        raise NotFound  # somebody else was faster
    await _announce(db, services, actor, stored, "disconnected")


async def _announce(db: Db, services: Services, actor: Actor, stored: StoredIntegration, what: str) -> None:
    name = f"{stored.kind}: {display_name_of(stored.kind, stored.config, stored.integration_id)}"
    target = ("integration", str(stored.id), name)
    await record_in_project(db, services, stored.project_id, f"integration.{what}", target=target)
    activities = {"connected": "created", "reconnected": "updated", "disconnected": "deleted"}
    entry = Entry(
        project_id=stored.project_id,
        user_id=actor.user_id,
        activity=activities[what],
        scope=SCOPE,
        item_id=str(stored.id),
        detail=Detail(name=name),
        created_at=services.clock.now(),
    )
    await record(db, entry)
    event = DISCONNECTED if what == "disconnected" else CONNECTED
    payload = {"id": stored.id, "kind": stored.kind, "integration_id": stored.integration_id}
    await emit(db, event, payload, project_id=stored.project_id)
