"""Conversion rules of a project, and the log of what was sent (docs/integrations.md#conversions-for-linkedin)."""

from typing import Any

from litestar import delete, get, patch, post
from litestar.params import FromPath, JSONBody

from parley.integrations.linkedin_conversions.actions import rules as actions
from parley.integrations.linkedin_conversions.queries.conversions import conversions_page
from parley.integrations.linkedin_conversions.queries.rules import rule_by_id, rules_page
from parley.integrations.linkedin_conversions.rules import STATES, State
from parley.integrations.linkedin_conversions.schemas import (
    ConversionOut,
    ConversionRuleOut,
    ConversionRulePatch,
    NewConversionRule,
)
from parley.kernel.dependencies import ActorDependency, DbDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.organizations import admins_of_project_only
from parley.kernel.http.paging import Page, page_of, page_request
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import uuid_or_none
from parley.kernel.openapi.documented import Query, documented

RULES = "/api/projects/{project_id:str}/linkedin_conversions"
RULE = f"{RULES}/{{conversion_rule:str}}"
QUERY = documented(query=[Query("state", "Only conversions in this state.", State)])


@get(RULES, guards=[needs("integration:read")])
async def list_conversion_rules(
    request: ParleyRequest, actor: ActorDependency, db: DbDependency
) -> Page[ConversionRuleOut]:
    """List what causes conversions for LinkedIn, oldest first."""
    asked = page_request(request)
    count, found = await rules_page(db, actor.project_id, asked)
    return page_of(request, asked, count, found)


@post(RULES, guards=[needs("integration:write"), admins_of_project_only], status_code=201)
async def create_conversion_rule(
    data: JSONBody[NewConversionRule], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> ConversionRuleOut:
    """Have what happens from now on told to a conversion rule at LinkedIn; for admins."""
    return await actions.create_rule(db, services, actor, data)


@get(RULE, guards=[needs("integration:read")])
async def show_conversion_rule(
    conversion_rule: FromPath[str], actor: ActorDependency, db: DbDependency
) -> ConversionRuleOut:
    """Show one rule."""
    return await rule_by_id(db, actor.project_id, uuid_or_none(conversion_rule))


@patch(RULE, guards=[needs("integration:write"), admins_of_project_only])
async def change_conversion_rule(
    conversion_rule: FromPath[str],
    data: JSONBody[ConversionRulePatch],
    actor: ActorDependency,
    db: DbDependency,
    services: ServicesDependency,
) -> ConversionRuleOut:
    """Switch a rule on or off, or give its conversions another value; for admins."""
    return await actions.change_rule(db, services, actor, uuid_or_none(conversion_rule), data)


@delete(RULE, guards=[needs("integration:write"), admins_of_project_only], status_code=204)
async def delete_conversion_rule(
    conversion_rule: FromPath[str], actor: ActorDependency, db: DbDependency, services: ServicesDependency
) -> None:
    """Delete a rule with its log; what still waits is not sent. For admins."""
    await actions.delete_rule(db, services, actor, uuid_or_none(conversion_rule))


@get(f"{RULE}/deliveries", guards=[needs("integration:read")], opt=QUERY)
async def list_conversions(
    conversion_rule: FromPath[str], request: ParleyRequest, actor: ActorDependency, db: DbDependency
) -> Page[ConversionOut]:
    """List what a rule has caused, newest first: sent, waiting, failed, or skipped for want of an address."""
    rule = await rule_by_id(db, actor.project_id, uuid_or_none(conversion_rule))
    asked, state = page_request(request), request.query_params.get("state")
    wanted = state if state in STATES else None
    count, found = await conversions_page(db, actor.project_id, rule.id, wanted, asked)
    return page_of(request, asked, count, found)


handlers: list[Any] = [
    list_conversion_rules,
    create_conversion_rule,
    show_conversion_rule,
    change_conversion_rule,
    delete_conversion_rule,
    list_conversions,
]
