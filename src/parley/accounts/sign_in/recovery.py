"""Break-glass: how an owner gets in when single sign-on is enforced and broken.

It takes the password and a recovery code, each code once. Whoever owns the organization that has the domain may; owning
another one is of no use. Every owner is told by mail, and the audit log has it.
"""

from uuid import UUID

from parley.accounts.audit_log.actions import record_for_user
from parley.accounts.domains.queries import verified_domain_of
from parley.accounts.memberships.queries import owned_organizations, owners
from parley.accounts.sign_in.actions import check_password, finish_sign_in, held_account
from parley.accounts.sign_in.failed_attempts import report_failure
from parley.accounts.sign_in.second_step import second_factor_attempt
from parley.accounts.two_factor.actions.recovery_codes import take_recovery_code
from parley.accounts.users.queries import UserCredentials
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.cookies import OpenedSession
from parley.kernel.jobs import enqueue
from parley.kernel.services import Services

METHOD = "recovery"


async def recover(
    services: Services, *, email: str, password: str, recovery_code: str, address: str, old_token: str | None
) -> OpenedSession:
    """Sign an owner in by password and recovery code, also where the domain enforces single sign-on.

    Raises Invalid, the same for everything that is wrong, and Throttled. Opens its own transactions.
    """
    try:
        user = await check_password(
            services, email=email, password=password, address=address, session_token=old_token
        )
    except Invalid as error:
        raise _refused() from error
    async with second_factor_attempt(services, user.email, address).throttled():
        try:
            async with services.database.transaction() as db:
                return await _recovered(db, services, user, recovery_code, old_token)
        except Invalid as error:
            await report_failure(services, user.email)
            raise _refused() from error


async def _recovered(
    db: Db, services: Services, user: UserCredentials, code: str, old_token: str | None
) -> OpenedSession:
    user = await held_account(db, user)
    owned = await _owned_by(db, user)
    if not owned:
        raise _refused()
    await take_recovery_code(db, services, user.user_id, code)
    await record_for_user(db, services, user.user_id, "sign_in.break_glass")
    told = {owner for organization_id in owned for owner in await owners(db, organization_id)}
    for owner in sorted(told):
        payload = {"user_id": owner, "who": user.email}
        await enqueue(db, "accounts.mail_break_glass", payload, project_id=0, queue="mail")
    return await finish_sign_in(db, services, user.user_id, method=METHOD, old_token=old_token)


async def _owned_by(db: Db, user: UserCredentials) -> list[UUID]:
    """Return the organizations whose owner somebody is: of these that which has the domain, where one has it."""
    owned = await owned_organizations(db, user.user_id)
    domain = await verified_domain_of(db, user.email)
    return owned if domain is None else [one for one in owned if one == domain.organization_id]


def _refused() -> Invalid:
    return Invalid("Invalid email, password or recovery code.", code="invalid_credentials")
