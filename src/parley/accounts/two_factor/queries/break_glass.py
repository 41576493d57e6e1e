"""Whether an owner gets in when the provider of a domain fails."""

from uuid import UUID

from sqlalchemy import exists, select

from parley.accounts.domains.enforcement import enforced_sso
from parley.accounts.domains.queries import domain_of
from parley.accounts.memberships.queries import owners
from parley.accounts.passwords.hashing import NO_PASSWORD
from parley.accounts.two_factor.tables import recovery_code
from parley.accounts.users.tables import user_account
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services


async def owner_gets_in(db: Db, services: Services, organization_id: UUID, domain: str) -> bool:
    """Say whether an owner of the organization would get in by password, if people of a domain had to use a provider.

    Where an address is free of such a rule the password is enough; otherwise it takes recovery codes that are left, too.
    """
    unused = exists().where(recovery_code.c.user_id == user_account.c.id, recovery_code.c.used_at.is_(None))
    able = (user_account.c.password_hash != NO_PASSWORD, user_account.c.is_active)
    mine = user_account.c.id.in_(await owners(db, organization_id))
    found = await db.execute(select(user_account.c.email, unused.label("has_codes")).where(mine, *able))
    for row in found.mappings().all():
        is_free = domain_of(row["email"]) != domain
        if row["has_codes"] or (is_free and await enforced_sso(db, services, row["email"]) is None):
            return True
    return False
