"""What LinkedIn says about a connected account (docs/integrations.md#linkedin-ads)."""

from functools import partial
from typing import Any

from litestar import get
from litestar.params import FromPath

from parley.integrations.connections import INTEGRATION
from parley.integrations.connections.errors import errors_of_calls
from parley.integrations.linkedin_ads.reading import elements_of, linkedin_account
from parley.integrations.linkedin_ads.rules import accounts_path, check_account_id, rules_path
from parley.integrations.linkedin_ads.schemas import AdAccount, AdAccounts, ConversionRule, ConversionRules
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import Query, documented

ERRORS = errors_of_calls("LinkedIn")
ACCOUNT = documented(query=[Query("accountId", "The number of an advertising account.")], errors=ERRORS)


@get(
    f"{INTEGRATION}/linkedin_ads_accounts",
    guards=[needs("integration:read")],
    opt=documented(errors=ERRORS),
)
async def list_linkedin_accounts(
    integration_id: FromPath[str], actor: ActorDependency, services: ServicesDependency
) -> AdAccounts:
    """List the advertising accounts of a connected LinkedIn account, as LinkedIn has them now."""
    one = await linkedin_account(services, actor.project_id, integration_id)
    found = await elements_of(services, one, accounts_path)
    return AdAccounts([AdAccount(one.id, one.name, one.reference) for one in found])


@get(f"{INTEGRATION}/linkedin_ads_conversion_rules", guards=[needs("integration:read")], opt=ACCOUNT)
async def list_linkedin_rules(
    integration_id: FromPath[str],
    request: ParleyRequest,
    actor: ActorDependency,
    services: ServicesDependency,
) -> ConversionRules:
    """List the conversion rules of one advertising account, as LinkedIn has them now."""
    one = await linkedin_account(services, actor.project_id, integration_id)
    account_id = check_account_id(request.query_params.get("accountId"))
    found = await elements_of(services, one, partial(rules_path, account_id))
    return ConversionRules([ConversionRule(one.id, one.name) for one in found])


handlers: list[Any] = [list_linkedin_accounts, list_linkedin_rules]
