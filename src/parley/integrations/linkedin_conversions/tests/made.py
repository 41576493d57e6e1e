"""A conversion rule with the account that it sends to, made without LinkedIn."""

from parley.integrations.connections.actions.connecting import store_account
from parley.integrations.connections.kinds import OutsideAccount
from parley.integrations.connections.tests.kinds import actor_of
from parley.integrations.linkedin_ads.integration import KIND
from parley.integrations.linkedin_conversions.actions.rules import create_rule
from parley.integrations.linkedin_conversions.schemas import NewConversionRule
from parley.kernel.ids import new_token
from parley.kernel.services import Services
from tests.cast import Member


async def make_conversion_rule(services: Services, member: Member) -> tuple[int, str]:
    """Return the id of an integration with LinkedIn Ads, and that of a rule which sends to it."""
    actor = actor_of(member)
    account = OutsideAccount(
        integration_id=new_token(length=10), config={}, sensitive_config={"access_token": "x"}
    )
    async with services.database.transaction() as db:
        stored = await store_account(db, services, actor, KIND, account)
        new = NewConversionRule(
            integration_id=stored.id, ad_account_id="1", conversion_rule_id="2", trigger="ticket_opened"
        )
        rule = await create_rule(db, services, actor, new)
    return stored.id, str(rule.id)
