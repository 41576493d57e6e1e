"""Making, changing and deleting conversion rules."""

from typing import Any
from uuid import UUID

from msgspec import structs
from sqlalchemy import delete, insert, update

from parley.accounts.audit_log.rules import changed_values
from parley.accounts.projects.actions.audit import record_in_project
from parley.integrations.connections.errors import WrongKind
from parley.integrations.connections.queries.connected import connected
from parley.integrations.linkedin_ads.rules import KIND_NAME
from parley.integrations.linkedin_conversions.queries.rules import n_rules, rule_by_id
from parley.integrations.linkedin_conversions.rules import MOST_RULES, check_trigger, check_value
from parley.integrations.linkedin_conversions.schemas import (
    ConversionRuleOut,
    ConversionRulePatch,
    NewConversionRule,
)
from parley.integrations.linkedin_conversions.tables import linkedin_conversion_rule
from parley.kernel.database.dialect import take_turn
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.patches import patched_fields
from parley.kernel.ids import new_uuid
from parley.kernel.services import Services

TURN = 0x6C63
"""Of those who make rules in one project at the same time."""
NO_ACCOUNT = "The project has no connected account with this id."


async def create_rule(db: Db, services: Services, actor: Actor, new: NewConversionRule) -> ConversionRuleOut:
    """Make a rule, which counts what happens from now on. Raises Invalid for what LinkedIn would not take."""
    value = check_trigger(new.trigger, new.trigger_value)
    check_value(new.amount, new.currency)
    await take_turn(db, TURN, actor.project_id)
    await _check_account(db, services, actor.project_id, new.integration_id)
    if await n_rules(db, actor.project_id) >= MOST_RULES:
        raise Invalid(f"A project can have at most {MOST_RULES} conversion rules.", code="limit_reached")
    now, id = services.clock.now(), new_uuid()
    await db.execute(
        insert(linkedin_conversion_rule).values(
            **structs.asdict(structs.replace(new, trigger_value=value)),
            project_id=actor.project_id,
            id=id,
            created_by=actor.user_id,
            created_at=now,
            looked_until=now,
        )
    )
    made = await rule_by_id(db, actor.project_id, id)
    await _record(
        db, services, actor, made, "created", after={"amount": made.amount, "currency": made.currency}
    )
    return made


async def _check_account(db: Db, services: Services, project_id: int, integration_id: int) -> None:
    try:
        await connected(db, services.vault, project_id, integration_id, KIND_NAME)
    except NotFound as error:
        raise Invalid(NO_ACCOUNT, code="does_not_exist", attr="integration_id") from error
    except WrongKind as error:
        raise Invalid(error.detail, attr="integration_id") from error


async def change_rule(
    db: Db, services: Services, actor: Actor, rule_id: UUID | None, patch: ConversionRulePatch
) -> ConversionRuleOut:
    """Change what the patch names; raises NotFound and Invalid. What happened while a rule was off counts for nothing."""
    before = await rule_by_id(db, actor.project_id, rule_id)
    changes: dict[str, Any] = patched_fields(patch)
    after = structs.replace(before, **changes)
    check_value(after.amount, after.currency)
    if after == before:
        return before
    mine = (
        linkedin_conversion_rule.c.project_id == actor.project_id,
        linkedin_conversion_rule.c.id == before.id,
    )
    looked = {"looked_until": services.clock.now()} if after.enabled and not before.enabled else {}
    await db.execute(update(linkedin_conversion_rule).where(*mine).values(**changes, **looked))
    was, is_now = changed_values({one: getattr(before, one) for one in changes}, changes)
    await _record(db, services, actor, before, "changed", was, is_now)
    return after


async def delete_rule(db: Db, services: Services, actor: Actor, rule_id: UUID | None) -> None:
    """Delete a rule with its log and with what still waits to be sent; raises NotFound."""
    before = await rule_by_id(db, actor.project_id, rule_id)
    mine = (
        linkedin_conversion_rule.c.project_id == actor.project_id,
        linkedin_conversion_rule.c.id == before.id,
    )
    await db.execute(delete(linkedin_conversion_rule).where(*mine))
    await _record(db, services, actor, before, "deleted")


async def _record(
    db: Db,
    services: Services,
    actor: Actor,
    rule: ConversionRuleOut,
    happened: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    name = f"{rule.trigger} {rule.trigger_value}".strip()
    target = ("conversion_rule", str(rule.id), name)
    action = f"conversion_rule.{happened}"
    await record_in_project(db, services, actor.project_id, action, target=target, before=before, after=after)
