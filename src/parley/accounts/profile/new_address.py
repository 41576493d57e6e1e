"""Another address for an account that has lost its own."""

from parley.accounts.audit_log.actions import record_for_user
from parley.accounts.domains.queries import verified_domain_of
from parley.accounts.sessions.queries import check_session
from parley.accounts.users.actions import EMAIL_TAKEN, change_user
from parley.accounts.users.queries import user_id_by_email
from parley.kernel.errors import Invalid, PermissionDenied
from parley.kernel.http.authorization import Principal
from parley.kernel.network.emails import check_email, has_mailbox
from parley.kernel.services import Services
from parley.kernel.throttle import DAY_S, Limit

TRIES = Limit("new-address", 20, DAY_S)
"""How many addresses an account may try: each answer says whether somebody has that one."""
OF_ORGANIZATION = "This address belongs to an organization on this server. Enter one of your own."
NO_MAILBOX = "Nobody gets mail at this address. Enter one of your own."
HAS_ONE = "Your account has an address."


async def set_new_address(services: Services, principal: Principal, typed: str) -> None:
    """Give the caller's account an address; it counts as not verified. Raises Invalid and Throttled.

    Opens its own transaction.
    """
    if has_mailbox(principal.email):
        raise PermissionDenied(HAS_ONE)
    email = check_email(typed)
    if not has_mailbox(email):
        raise Invalid(NO_MAILBOX, attr="email")
    await services.throttles.hit((TRIES, str(principal.user_id)))
    async with services.database.transaction() as db:
        await check_session(db, principal)
        domain = await verified_domain_of(db, email)
        if domain is not None and domain.organization_id not in principal.levels:
            raise Invalid(OF_ORGANIZATION, attr="email")
        if await user_id_by_email(db, email) is not None:
            raise Invalid(EMAIL_TAKEN, code="unique", attr="email")
        changes = {"email": email, "is_email_verified": False, "former_email": None}
        await change_user(db, services, principal.user_id, changes)
        before, after = {"email": principal.email}, {"email": email}
        await record_for_user(db, services, principal.user_id, "user.address_set", before=before, after=after)
