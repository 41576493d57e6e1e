"""Who is let in after a provider has said who they are. Rules of organizations come before what a provider says."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from msgspec.structs import replace

from parley.accounts.domains.queries import Domain, domain_of
from parley.accounts.single_sign_on.errors import PasswordFirst, SsoFailed

NOT_CONFIGURED = "Signing in with SAML is not set up for this address."
FOREIGN_ADDRESS = "Your identity provider named an address that doesn't belong to its domain."
UNVERIFIED = "The provider has not verified your e-mail address. Verify it there, then try again."
DEACTIVATED = "Your account is deactivated. Ask an admin of your organization."
OTHER_PROVIDER = "Your organization wants you to sign in another way. Enter your e-mail address to go on."
OLD_PROOF = (
    "There is an account with your address, but nobody has ever verified it. If it is yours, sign in with its password now; "
    "then it is connected. If not, ask an admin of your organization to remove it."
)
OWNS_ANOTHER = (
    "The account with your address is a member of your organization and owns another one alone, and nobody has ever "
    "verified the address. If it is yours, sign in to it first without single sign-on (owners can with a recovery code); "
    "then it is connected. If not, ask an admin of your organization to remove it from the members; then you get another."
)
JIT_DISABLED = "There is no account for you yet. Ask an admin of your organization for an invitation."


class ProvenIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody is, as a provider has proven it just now.

    `subject` names the person for ever, `email` as of now. `domain` is whose identity provider spoke, for SAML alone.
    `vouches_for_domain` says that whoever has the domain of the address runs this account: many providers keep an address
    verified for years after its owner has left the company. None where the provider doesn't know: then a domain must have
    chosen it. `authenticated_at` is when the person last proved to the provider who they are, where it says that.
    """

    provider: str
    subject: str
    email: str
    first_name: str = ""
    last_name: str = ""
    domain: Domain | None = None
    is_email_verified: bool = True
    vouches_for_domain: bool | None = None
    authenticated_at: datetime | None = None

    @property
    def is_saml(self) -> bool:
        return self.provider == "saml"


class Account(msgspec.Struct, frozen=True):
    """The account that somebody would get into."""

    id: int
    email: str
    is_active: bool
    is_email_verified: bool
    two_factor_at: datetime | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known before somebody is let in.

    `account` was found by the subject if `is_linked`, else by the address. `home` is the verified domain of the account's
    address, or of the proven one where there is no account; `enforced` the only provider that it lets people in with.
    `organizations` are those that the account is in, `owned_alone` those without another owner, `invited_to` those that
    have invited the address. `is_signed_in` says that this browser has a session of the account, opened a moment ago in
    the account's own ways, with the code where it has two-factor sign-in.
    """

    who: ProvenIdentity
    account: Account | None = None
    is_linked: bool = False
    home: Domain | None = None
    enforced: str | None = None
    organizations: frozenset[UUID] = frozenset()
    owned_alone: frozenset[UUID] = frozenset()
    invited_to: frozenset[UUID] = frozenset()
    is_signed_in: bool = False

    @property
    def is_chosen(self) -> bool:
        """Say whether the organization that has the domain of the address wants its people to come in so."""
        return self.who.is_saml or self.enforced == self.who.provider

    @property
    def at_home(self) -> frozenset[UUID]:
        """Return the organization that has the domain of the address, if one has."""
        return frozenset({self.home.organization_id} if self.home else ())


class Entrance(msgspec.Struct, frozen=True):
    """How somebody is let in: with their account or a new one, and which organizations they join thereby.

    `joins` wants people of its domain as members, `accepts` are those whose invitation is accepted, `leaves` those in which
    the account of another ends. With `releases_address` the account that had the address loses it for the one that is
    made, and stays with its holder. With `needs_second_factor` all waits until a code has opened the account.
    """

    account: Literal["known", "linked", "taken over", "made"]
    joins: UUID | None = None
    accepts: frozenset[UUID] = frozenset()
    leaves: frozenset[UUID] = frozenset()
    needs_second_factor: bool = False
    releases_address: bool = False

    @property
    def changes_something(self) -> bool:
        return self.account != "known" or self.joins is not None or bool(self.accepts)


def admission_of(facts: Facts) -> Entrance:
    """Return how somebody is let in; raises SsoFailed.

    An account whose address nobody had verified is taken over: a stranger may have made it in the owner's name. Nobody takes
    one over that has a second factor, or is a member somewhere, unless the organization of the domain has chosen the
    provider; and what is outside that organization goes to nobody. So an account that owns an organization alone stays
    with its holder, without the address.
    """
    _check_proof(facts)
    account = facts.account
    if account is not None and not account.is_active:
        raise SsoFailed("saml_invalid" if facts.who.is_saml else "oauth_failed", DEACTIVATED)
    if facts.enforced is not None and facts.enforced != facts.who.provider:
        raise SsoFailed("sso_enforced", OTHER_PROVIDER)
    if not _stays_with_its_holder(facts):
        return _entrance(facts)
    return replace(_entrance(replace(facts, account=None, organizations=frozenset())), releases_address=True)


def _entrance(facts: Facts) -> Entrance:
    # Whoever has an account already accepts an invitation by its link, unless they could not come in otherwise.
    may_accept = facts.account is None or facts.who.is_saml
    accepts = facts.invited_to - facts.organizations if may_accept else frozenset[UUID]()
    joins = _joined(facts)
    if joins in accepts:
        joins = None
    _check_has_place(facts, accepts, joins)
    kind, needs_code = _kind_of(facts), _needs_second_factor(facts)
    if kind != "taken over" or needs_code:
        return Entrance(kind, joins, accepts, needs_second_factor=needs_code)
    return Entrance(kind, joins, accepts, leaves=_memberships_ended(facts))


def _stays_with_its_holder(facts: Facts) -> bool:
    """Say whether an account that would be taken over owns an organization which then had no owner; raises SsoFailed.

    An admin of the organization of the domain has let it in where it is a member there, so an admin decides about it.
    """
    if _kind_of(facts) != "taken over" or not facts.is_chosen or not facts.owned_alone - facts.at_home:
        return False
    if facts.organizations & facts.at_home:
        raise SsoFailed("saml_invalid" if facts.who.is_saml else "oauth_failed", OWNS_ANOTHER)
    return True


def _check_proof(facts: Facts) -> None:
    """Raise SsoFailed unless the provider may speak for the address of the account."""
    who = facts.who
    if not who.is_saml:
        if not facts.is_linked and not who.is_email_verified:
            raise SsoFailed("oauth_failed", UNVERIFIED)
        return
    if who.domain is None or not who.domain.is_verified or not who.domain.has_saml:
        raise SsoFailed("saml_not_configured", NOT_CONFIGURED)
    is_at_home = facts.home is not None and facts.home.organization_id == who.domain.organization_id
    if domain_of(who.email) != who.domain.domain or not is_at_home:
        raise SsoFailed("saml_invalid", FOREIGN_ADDRESS)


def _needs_second_factor(facts: Facts) -> bool:
    """Say whether the code is asked for: always, unless the organization of the address has chosen the provider.

    Whoever reads somebody's mail can make an account with the address at most providers.
    """
    account = facts.account
    return (
        account is not None
        and account.two_factor_at is not None
        and not (facts.is_chosen or facts.is_signed_in)
    )


def _memberships_ended(facts: Facts) -> frozenset[UUID]:
    """Return what an account loses that is taken over: who made it has joined there, or was let in by its password.

    Raises SsoFailed where only an address speaks for a member: then it takes the password.
    """
    if facts.organizations and not facts.is_chosen:
        raise PasswordFirst("oauth_failed", OLD_PROOF)
    return facts.organizations - facts.at_home


def _joined(facts: Facts) -> UUID | None:
    """Return the organization that wants everybody of the address's domain as a member, and doesn't have this one yet.

    Where SCIM is on, the identity provider alone makes members: whom it has removed must not come back by signing in.
    """
    who, home = facts.who, facts.home
    if home is None or not home.jit_provisioning_enabled or home.organization_id in facts.organizations:
        return None
    if home.has_scim:
        return None
    vouches = facts.enforced == who.provider if who.vouches_for_domain is None else who.vouches_for_domain
    is_proven = who.is_saml or (who.is_email_verified and vouches)
    return home.organization_id if is_proven and domain_of(who.email) == home.domain else None


def _check_has_place(facts: Facts, accepts: frozenset[UUID], joins: UUID | None) -> None:
    """Raise SsoFailed for somebody who would be in no organization, or not in that of the identity provider."""
    if facts.account is None:
        has_place = bool(accepts) or joins is not None
    else:
        domain = facts.who.domain
        has_place = domain is None or domain.organization_id in {joins, *accepts, *facts.organizations}
    if not has_place:
        raise SsoFailed("jit_disabled", JIT_DISABLED)


def _kind_of(facts: Facts) -> Literal["known", "linked", "taken over", "made"]:
    if facts.account is None:
        return "made"
    if facts.is_linked:
        return "known"
    if facts.account.is_email_verified or facts.is_signed_in:
        return "linked"
    return "taken over" if facts.account.two_factor_at is None or facts.is_chosen else "linked"
