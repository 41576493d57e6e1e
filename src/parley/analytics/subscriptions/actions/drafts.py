"""Drafts: what a subscription is to become, checked as a whole before anything is stored."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from parley.analytics.insights.actions.insights import check_may_edit
from parley.analytics.subscriptions.actions.targets import DeliveryTarget, channel_target, checked_target
from parley.analytics.subscriptions.queries.contents import check_contents
from parley.analytics.subscriptions.queries.owners import is_owner_there
from parley.analytics.subscriptions.rules import schedules
from parley.analytics.subscriptions.rules.contents import checked_selection, content_type_of
from parley.analytics.subscriptions.rules.limits import BUFFER, UNASKED_LIMIT
from parley.analytics.subscriptions.rules.targets import listed_addresses, new_addresses
from parley.analytics.subscriptions.schemas import StoredSubscription
from parley.analytics.subscriptions.workspaces import Workspaces
from parley.kernel.errors import Invalid, PermissionDenied
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services
from parley.kernel.text.time_zones import zone

NO_SUMMARIES = "AI data processing must be approved by your organization before enabling AI summaries"
KIND_IS_FIXED = "content_type cannot be changed after the subscription is created."
_CONTENT = ("insight", "dashboard", "dashboard_export_insights")
_PLAIN = (
    "dashboard_export_all", "title", "frequency", "interval", "byweekday", "bysetpos", "count", "start_date",
    "until_date", "skip_if_empty", "attachments", "enabled", "deleted",
)  # fmt: skip


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of a subscription, and who is to be told of it. `before` is None for a new one."""

    before: StoredSubscription | None
    values: dict[str, Any]
    invited: list[str]
    is_introduced: bool
    invite_message: str | None


async def checked_draft(
    services: Services,
    actor: Actor,
    workspaces: Workspaces,
    fields: Mapping[str, Any],
    before: StoredSubscription | None = None,
) -> Draft:
    """Return what the fields make of a subscription, or of a new one, of which they name every field.

    Raises PermissionDenied, Invalid, and Throttled where too many people would be told of it.
    """
    check_may_edit(actor)
    if fields.get("summary_enabled"):
        raise PermissionDenied(NO_SUMMARIES)
    values = _fields_of(before) | {name: fields[name] for name in (*_CONTENT, *_PLAIN) if name in fields}
    await _check_content(services, actor, values, fields, before)
    target = await _target(services, actor, workspaces, fields, before)
    _schedule(values, fields, before, actor.project.timezone, services.clock.now())
    values |= msgspec.structs.asdict(target)
    if before is not None and not before.enabled and values["enabled"]:
        values |= await _owner(services, actor, before)
    is_live = values["enabled"] and not values["deleted"]
    invited, is_introduced = _told(target, before) if is_live else ([], False)
    n_unasked = len(invited) + (_n_hurried(values, before) if is_live else 0)
    if n_unasked:
        await services.throttles.hit(*[(UNASKED_LIMIT, str(actor.project_id))] * n_unasked)
    return Draft(
        before=before,
        values=_columns(values),
        invited=invited,
        is_introduced=is_introduced,
        invite_message=fields.get("invite_message"),
    )


def _fields_of(before: StoredSubscription | None) -> dict[str, Any]:
    if before is None:
        return {}
    found = {name: getattr(before, name) for name in (*_PLAIN, "dashboard_export_insights")}
    return found | {"insight": before.insight_id, "dashboard": before.dashboard_id}


async def _check_content(
    services: Services,
    actor: Actor,
    values: dict[str, Any],
    fields: Mapping[str, Any],
    before: StoredSubscription | None,
) -> None:
    given, names = fields.get("content_type"), ("insight", "dashboard")
    if before is not None:
        if given not in (None, before.kind):
            raise Invalid(KIND_IS_FIXED, attr="content_type")
        given = before.kind
    kind = content_type_of(given, *(values[name] for name in names))
    chosen = values["dashboard_export_insights"]
    if "dashboard_export_insights" in fields:
        chosen = values["dashboard_export_insights"] = checked_selection(chosen, kind)
    is_new = before is None or any(values[name] != getattr(before, f"{name}_id") for name in names)
    if is_new or "dashboard_export_insights" in fields:
        async with services.database.transaction(write=False) as db:
            await check_contents(db, actor.project_id, values["insight"], values["dashboard"], chosen)


async def _owner(services: Services, actor: Actor, before: StoredSubscription) -> dict[str, int]:
    """Return who owns a subscription from now on: whoever enables it again, where its owner has gone."""
    owner = before.created_by.id if before.created_by else None
    async with services.database.transaction(write=False) as db:
        is_there = await is_owner_there(db, actor.project_id, owner)
    return {} if is_there else {"created_by": actor.user_id}


async def _target(
    services: Services,
    actor: Actor,
    workspaces: Workspaces,
    fields: Mapping[str, Any],
    before: StoredSubscription | None,
) -> DeliveryTarget:
    named = {name: getattr(before, name) for name in DeliveryTarget.__struct_fields__} if before else {}
    kind, value = (fields.get(name, named.get(name)) for name in ("target_type", "target_value"))
    known = named.get("integration_id") if kind == named.get("target_type") else None
    integration_id = fields.get("integration_id", known)
    if integration_id is not None:
        made = DeliveryTarget(kind, value, None, integration_id)
        goes_on = before is not None and not before.enabled and fields.get("enabled")
        if named and made == DeliveryTarget(**named) and not goes_on:
            return made
        return await channel_target(services, workspaces, actor.project_id, integration_id, kind, value)
    if before is None:
        return await checked_target(services, kind, value)
    if before.target_url and value == before.target_value:  # as it was shown, or not sent
        if kind == before.target_type:
            return DeliveryTarget(kind, before.target_value, before.target_url)
        value = services.vault.decrypt(before.target_url)
    if (kind, value, None) == (before.target_type, before.target_value, before.integration_id):
        return DeliveryTarget(kind, value, None)
    return await checked_target(services, kind, value)


def _schedule(
    values: dict[str, Any],
    fields: Mapping[str, Any],
    before: StoredSubscription | None,
    timezone: str,
    now: datetime,
) -> None:
    """Put the next date into the values where the schedule is new, or goes on after a pause; raises Invalid."""
    rule, where = schedules.rule_of(values), zone(timezone)
    schedules.check_rule(rule)
    is_live = values["enabled"] and not values["deleted"]
    if before is not None:
        was_live = before.enabled and not before.deleted
        if rule == before.rule and was_live >= is_live:
            return
    values["counts_from"] = now + BUFFER
    if not is_live and before is not None:
        values["next_delivery_date"] = schedules.first_date(rule, where, now)
        return
    goes_on = before is not None and not before.enabled and values["enabled"]
    attr = "start_date" if before is None else "enabled" if goes_on else None
    found = schedules.checked_first_date(rule, where, now, attr=attr, re_enables=goes_on)
    values["next_delivery_date"] = found
    if goes_on:
        values |= {"failure_count": 0, "disabled_reason": None}


def _n_hurried(values: Mapping[str, Any], before: StoredSubscription | None) -> int:
    """Count those who get a mail sooner than they would have: whoever moves a date again and again mails without end."""
    if before is None or values["target_type"] != "email":
        return 0
    planned, found = before.next_delivery_date, values.get("next_delivery_date")
    is_sooner = found is not None and planned is not None and found < planned
    return len(listed_addresses(values["target_value"])) if is_sooner else 0


def _told(target: DeliveryTarget, before: StoredSubscription | None) -> tuple[list[str], bool]:
    """Return the addresses that get an invitation, and whether Slack gets an introduction: those that are new."""
    if target.target_type == "email":
        known = before.target_value if before is not None and before.target_type == "email" else ""
        return new_addresses(known, target.target_value), False
    is_new = before is None or any(
        getattr(target, name) != getattr(before, name) for name in target.__struct_fields__
    )
    return [], target.target_type == "slack" and is_new


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    columns = {name: value for name, value in values.items() if name not in ("insight", "dashboard")}
    return columns | {"insight_id": values["insight"], "dashboard_id": values["dashboard"]}
