"""Identities at providers, and the accounts that they lead to."""

from typing import Any
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import Select, select

from parley.accounts.domains.enforcement import provider_in_force
from parley.accounts.domains.queries import domain_by_id, verified_domain_of
from parley.accounts.invitations.queries import inviting_organizations
from parley.accounts.memberships.queries import joined_at_of, organizations_owned_alone
from parley.accounts.sessions.queries import opening_of
from parley.accounts.single_sign_on.rules import Account, Facts, ProvenIdentity
from parley.accounts.single_sign_on.tables import external_identity
from parley.accounts.two_factor.actions.steps import STEP_LASTS
from parley.accounts.users.tables import user_account
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.ids import token_hash
from parley.kernel.services import Services

_ACCOUNT = StructColumns(Account, user_account)
_ACCOUNTS: Select[Any] = select(*_ACCOUNT.columns)


OWN_WAYS = frozenset({"password", "totp", "recovery_code", "passkey", "recovery"})
"""How somebody may have proven that an account is theirs, without a provider."""


async def facts_of(db: Db, services: Services, who: ProvenIdentity, session_token: str | None) -> Facts:
    """Return what is known of somebody whose address has its normal form. The domain is read anew.

    `session_token` is that of the browser.
    """
    account = await _account_of_subject(db, who)
    is_linked = account is not None
    account = account or await _account_of_email(db, who.email)
    email = account.email if account else who.email
    organizations = frozenset(await joined_at_of(db, account.id)) if account else frozenset[UUID]()
    invited_to = await inviting_organizations(db, email, services.clock.now())
    if who.domain is not None:
        invited_to &= {who.domain.organization_id}  # what it proves concerns its own organization
        who = replace(who, domain=await domain_by_id(db, who.domain.id))
    home = await verified_domain_of(db, email)
    return Facts(
        who=who,
        account=account,
        is_linked=is_linked,
        home=home,
        enforced=provider_in_force(home, services.settings) if home else None,
        organizations=organizations,
        owned_alone=await organizations_owned_alone(db, account.id) if account else frozenset(),
        invited_to=invited_to,
        is_signed_in=account is not None and await _is_signed_in(db, services, account, session_token),
    )


async def _is_signed_in(db: Db, services: Services, account: Account, session_token: str | None) -> bool:
    """Say whether the browser's session is of this account and was opened a moment ago in one of its own ways."""
    opened = await opening_of(db, token_hash(session_token)) if session_token else None
    if (
        opened is None
        or opened.user_id != account.id
        or opened.created_at <= services.clock.now() - STEP_LASTS
    ):
        return False
    ways = OWN_WAYS if account.two_factor_at is None else OWN_WAYS - {"password"}
    return opened.method in ways


async def _account_of_subject(db: Db, who: ProvenIdentity) -> Account | None:
    """Return the account that an identity leads to (primary key)."""
    mine = (external_identity.c.provider == who.provider, external_identity.c.subject == who.subject)
    found = _ACCOUNTS.join(external_identity, external_identity.c.user_id == user_account.c.id).where(*mine)
    row = (await db.execute(found)).first()
    return _ACCOUNT(row) if row else None


async def _account_of_email(db: Db, email: str) -> Account | None:
    """Return the account with this address (unique index), held until the transaction ends."""
    found = _ACCOUNTS.where(user_account.c.email == email).with_for_update(key_share=True)
    row = (await db.execute(found)).first()
    return _ACCOUNT(row) if row else None
