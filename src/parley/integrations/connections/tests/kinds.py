"""A kind of integration for tests, whose service is this module: a mailbox in the street with a number and a key."""

from collections.abc import Mapping
from typing import Any

from parley.integrations.connections.actions.connecting import store_account
from parley.integrations.connections.kinds import IntegrationKind, OutsideAccount, register
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor, Principal, Project
from parley.kernel.services import Services
from tests.cast import Member

NAME = "letterbox"


async def connect(_: Services, __: int, config: Mapping[str, Any]) -> OutsideAccount:
    number, key = str(config.get("number", "")), str(config.get("key", ""))
    if not number or not key:
        raise Invalid("Number and key must be provided.")
    if key == "wrong":
        raise Invalid("This key opens nothing.", attr="key")
    return OutsideAccount(
        integration_id=number,
        config={"number": number, "street": config.get("street", "")},
        sensitive_config={"key": key, "spare": [{"key": f"{key} too"}, 7, None]},
    )


LETTERBOX = register(
    IntegrationKind(
        name=NAME,
        title="Letterbox",
        description="A box in the street.",
        connect=connect,
        display_name=lambda config, integration_id: f"No. {config['number']}",
    )
)


def actor_of(member: Member) -> Actor:
    """Return a member as actions know the caller."""
    project = member.project
    return Actor(
        principal=Principal(
            user_id=member.user_id,
            user_uuid=member.user_uuid,
            email=member.email,
            name="Alice Example",
            levels={member.organization_id: member.level},
            current_project_id=project.id,
        ),
        project=Project(
            id=project.id,
            organization_id=project.organization_id,
            name="Hedgehogs",
            timezone="UTC",
            conversations_enabled=True,
            settings={},
            api_token=project.api_token,
            widget_token=project.widget_token,
        ),
        level=member.level,
    )


async def make_integration(
    services: Services, member: Member, number: str = "7", kind: IntegrationKind = LETTERBOX, **config: Any
) -> int:
    """Connect a letterbox of this number to the member's project; return the id of the integration."""
    account = await connect(
        services, member.project_id, {"number": number, "key": "a key that is secret", **config}
    )
    async with services.database.transaction() as db:
        return (await store_account(db, services, actor_of(member), kind, account)).id
