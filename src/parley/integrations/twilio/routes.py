"""What a connected account at Twilio has (docs/wire/integrations.md)."""

from typing import Any

from litestar import get
from litestar.params import FromPath

from parley.integrations.connections import INTEGRATION
from parley.integrations.connections.errors import errors_of_calls
from parley.integrations.connections.queries.connected import connected
from parley.integrations.connections.queries.integrations import number_or_not_found
from parley.integrations.twilio import KIND_NAME
from parley.integrations.twilio.numbers import listed_numbers
from parley.integrations.twilio.schemas import PhoneNumberOut, PhoneNumbersOut
from parley.kernel.dependencies import ActorDependency, ServicesDependency
from parley.kernel.http.authorization import needs
from parley.kernel.http.request import ParleyRequest
from parley.kernel.openapi.documented import Query, documented

FORCE = Query("force_refresh", "`true` asks Twilio again, although the list is not an hour old.")


@get(
    INTEGRATION + "/twilio_phone_numbers",
    guards=[needs("integration:read")],
    opt=documented(
        query=[FORCE],
        errors=errors_of_calls("Twilio"),
    ),
)
async def list_twilio_phone_numbers(
    integration_id: FromPath[str],
    request: ParleyRequest,
    actor: ActorDependency,
    services: ServicesDependency,
) -> PhoneNumbersOut:
    """List the phone numbers of a connected account; what Twilio has said is kept for an hour."""
    id = number_or_not_found(integration_id)
    async with services.database.transaction(write=False) as db:
        account = await connected(db, services.vault, actor.project_id, id, KIND_NAME)
    anew = request.query_params.get("force_refresh", "").lower() == "true"
    found = await listed_numbers(services, account, anew=anew)
    return PhoneNumbersOut(
        phone_numbers=[PhoneNumberOut(one.sid, one.phone_number, one.friendly_name) for one in found.numbers],
        last_refreshed_at=found.at,
    )


handlers: list[Any] = [list_twilio_phone_numbers]
