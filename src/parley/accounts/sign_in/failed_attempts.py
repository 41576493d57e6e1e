"""Sign-ins that failed, for the audit log of whoever has the account."""

from parley.accounts.audit_log.actions import NOBODY, record_for_user
from parley.accounts.users.queries import credentials_by_email
from parley.kernel.errors import Throttled
from parley.kernel.http.origin import NOWHERE, RequestOrigin, on_behalf_of, request_origin
from parley.kernel.jobs import enqueue
from parley.kernel.services import Services
from parley.kernel.throttle import HOUR_S, Limit

LISTED = Limit("sign-in-failures-listed", 10, HOUR_S)
"""How many entries the failures of one account make: no stranger can fill the log of an organization."""


async def report_failure(services: Services, email: str) -> None:
    """Have an entry made if somebody has this address (normal form); takes the same time if nobody has."""
    origin = request_origin() or NOWHERE
    payload = {"email": email, "address": origin.address, "user_agent": origin.user_agent}
    async with services.database.transaction() as db:
        await enqueue(db, "accounts.record_failed_sign_in", payload, project_id=0)


async def record_failure(services: Services, email: str, *, address: str, user_agent: str) -> None:
    """Write the entry; of the failures of an account only the first ten in an hour have one, and the tenth says so."""
    async with services.database.transaction() as db:
        user = await credentials_by_email(db, email)
        if user is None:
            return
        try:
            [count] = await services.throttles.hit((LISTED, str(user.user_id)))
        except Throttled:
            return
        after = {"further_failures_of_this_hour": "not listed"} if count.n >= LISTED.most else None
        with on_behalf_of(RequestOrigin(address, user_agent)):
            await record_for_user(db, services, user.user_id, "sign_in.failed", by=NOBODY, after=after)
