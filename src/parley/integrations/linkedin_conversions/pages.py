"""The settings page of conversions: what is told to LinkedIn, and what came of it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from parley.accounts.memberships.rules import check_admin
from parley.conversations.tickets.rules.fields import STATUSES
from parley.integrations.connections import PAGE as INTEGRATIONS_PAGE
from parley.integrations.connections.kinds import PageOfUse, add_page_of_use
from parley.integrations.connections.queries.connected import connected_of_kind
from parley.integrations.connections.queries.integrations import shown_account
from parley.integrations.linkedin_ads.rules import KIND_NAME
from parley.integrations.linkedin_conversions.actions import rules as actions
from parley.integrations.linkedin_conversions.queries.conversions import conversions_page
from parley.integrations.linkedin_conversions.queries.rules import rule_by_id, rules_page
from parley.integrations.linkedin_conversions.rules import MOST_RULES
from parley.integrations.linkedin_conversions.schemas import (
    ConversionOut,
    ConversionRuleOut,
    ConversionRulePatch,
    NewConversionRule,
)
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.http.body import TRIM, read
from parley.kernel.http.paging import PageRequest
from parley.kernel.http.request import ParleyRequest
from parley.kernel.ids import uuid_or_none
from parley.kernel.services import Services
from parley.web.guards import page_session
from parley.web.rendering import page, redirect

PATH = f"{INTEGRATIONS_PAGE}/linkedin-conversions"
ONE = f"{PATH}/{{conversion_rule:str}}"
SHOWN = 5
TRIGGERS = {
    "ticket_opened": "a ticket is opened",
    "ticket_status_changed": "a ticket gets this status",
    "ticket_tagged": "a ticket gets this tag",
    "event_captured": "this event is captured",
}
NOTICES = {"added": "The rule is added. What happens from now on is sent.", "deleted": "The rule is deleted."}
PROBLEMS = {
    "ad_account_id": "Enter the number of the advertising account: digits only.",
    "conversion_rule_id": "Enter the number of the conversion rule: digits only.",
    "amount": "Enter a number with at most two digits after a point, such as 49.90.",
    "currency": "Enter the three capital letters of a currency, such as EUR.",
}
"""What people read where the API says that a text does not have the form that it must have."""
Text = Annotated[str, Meta(extra=TRIM)]

add_page_of_use(KIND_NAME, PageOfUse(label="Conversions", path=PATH))


class RuleForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form of a new rule."""

    integration_id: Text = ""
    ad_account_id: Text = ""
    conversion_rule_id: Text = ""
    trigger: Text = "ticket_opened"
    trigger_value: Text = ""
    amount: Text = ""
    currency: Text = ""


class ShownRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule with the latest of its conversions; `account` is what the connected account is called."""

    rule: ConversionRuleOut
    account: str
    when: str
    count: int
    latest: Sequence[ConversionOut]


class ConversionsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Context of `linkedin_conversions/conversions.html`; `problem` belongs to the field `at`, or to the form."""

    rules: Sequence[ShownRule]
    accounts: Mapping[int, str]
    triggers: Mapping[str, str]
    statuses: Sequence[str]
    form: RuleForm
    may_change: bool
    back: str = INTEGRATIONS_PAGE
    path: str = PATH
    problem: str | None = None
    at: str | None = None
    notice: str | None = None


async def _page(
    request: ParleyRequest,
    services: Services,
    actor: Actor,
    form: RuleForm,
    error: Invalid | None = None,
) -> Response[Any]:
    project_id = actor.project_id
    async with services.database.transaction(write=False) as db:
        found = await connected_of_kind(db, services.vault, project_id, KIND_NAME)
        accounts = {one.id: shown_account(one) for one in found}
        _, rules = await rules_page(db, project_id, PageRequest(limit=MOST_RULES))
        shown = []
        for rule in rules:
            count, latest = await conversions_page(db, project_id, rule.id, None, PageRequest(limit=SHOWN))
            account = accounts.get(rule.integration_id, "")
            when = TRIGGERS[rule.trigger]
            shown.append(ShownRule(rule=rule, account=account, when=when, count=count, latest=latest))
    context = ConversionsPage(
        rules=shown,
        accounts=accounts,
        triggers=TRIGGERS,
        statuses=STATUSES,
        form=form,
        may_change=actor.is_admin,
        problem=_words(error) if error else None,
        at=error.attr if error else None,
        notice=None if error else NOTICES.get(request.query_params.get("notice", "")),
    )
    return page(request, "linkedin_conversions/conversions.html", context, status=422 if error else 200)


def _words(error: Invalid) -> str:
    known = PROBLEMS.get(error.attr or "") if error.code == "invalid_input" else None
    return known or error.detail


@get(PATH, guards=[page_session], include_in_schema=False)
async def show_conversions(
    request: ParleyRequest, actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Show what is told to LinkedIn, and a form for more."""
    return await _page(request, services, actor, RuleForm())


@post(PATH, guards=[page_session], include_in_schema=False)
async def add_conversion_rule(
    request: ParleyRequest, data: JSONBody[RuleForm], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Add a rule, or show the form with the problem."""
    check_admin(actor)
    try:
        new = read(NewConversionRule, _fields(data))
        async with services.database.transaction() as db:
            await actions.create_rule(db, services, actor, new)
    except Invalid as error:
        return await _page(request, services, actor, data, error)
    return redirect(f"{PATH}?notice=added")


def _fields(form: RuleForm) -> dict[str, Any]:
    fields: dict[str, Any] = {name: value for name, value in msgspec.structs.asdict(form).items() if value}
    number = form.integration_id
    is_number = number.isascii() and number.isdigit() and len(number) < 11
    return fields | {"integration_id": int(number) if is_number else 0}


@post(f"{ONE}/switch", guards=[page_session], include_in_schema=False)
async def switch_conversion_rule(
    conversion_rule: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Switch a rule off, or on again."""
    check_admin(actor)
    rule_id = uuid_or_none(conversion_rule)
    async with services.database.transaction() as db:
        rule = await rule_by_id(db, actor.project_id, rule_id)
        patch = ConversionRulePatch(enabled=not rule.enabled)
        await actions.change_rule(db, services, actor, rule_id, patch)
    return redirect(PATH)


@post(f"{ONE}/delete", guards=[page_session], include_in_schema=False)
async def delete_rule_from_page(
    conversion_rule: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> Response[Any]:
    """Delete a rule with its log."""
    check_admin(actor)
    async with services.database.transaction() as db:
        await actions.delete_rule(db, services, actor, uuid_or_none(conversion_rule))
    return redirect(f"{PATH}?notice=deleted")


handlers: list[Any] = [
    show_conversions,
    add_conversion_rule,
    switch_conversion_rule,
    delete_rule_from_page,
]
