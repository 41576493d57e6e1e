"""The phone numbers of a connected account, asked for once an hour."""

import msgspec

from parley.integrations.connections.actions.state import mark_failed
from parley.integrations.connections.schemas import Connected
from parley.integrations.twilio.calls import calls_of
from parley.integrations.twilio.errors import KeysRejected
from parley.integrations.twilio.schemas import ListedNumbers
from parley.kernel.services import Services

KEPT_FOR_S = 3600


async def listed_numbers(services: Services, account: Connected, *, anew: bool) -> ListedNumbers:
    """Return all phone numbers of an account, at most an hour old; with `anew` as they are now. Not in a transaction.

    Each project has a list of its own, and connecting the account again ends it. A failure is not kept. Raises
    KeysRejected, which is noted at the integration, and UpstreamFailed.
    """
    key = f"twilio-numbers:{account.project_id}:{account.id}:{account.refreshed_at.timestamp()}"
    kept = None if anew else await services.cache.get(key)
    if kept is not None:
        return msgspec.json.decode(kept, type=ListedNumbers)
    try:
        async with calls_of(services, account) as calls:
            numbers = await calls.phone_numbers()
    except KeysRejected:
        async with services.database.transaction() as db:
            await mark_failed(db, account)
        raise
    at = services.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    found = ListedNumbers(numbers, at)
    await services.cache.set(key, msgspec.json.encode(found), KEPT_FOR_S)
    return found
