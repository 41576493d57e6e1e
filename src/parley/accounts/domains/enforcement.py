"""What the domain of an address says about signing in. It is the same whether somebody has the address or nobody."""

from urllib.parse import urlencode

import msgspec

from parley.accounts.domains.errors import SsoEnforced
from parley.accounts.domains.queries import Domain, verified_domain_of
from parley.accounts.domains.rules import PROVIDER_NAMES, UNUSABLE
from parley.accounts.domains.schemas import Precheck
from parley.kernel.config.settings import Settings
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services

NO_RESET = "Password reset is disabled because SSO login is enforced for this domain."


class SignInDoor(msgspec.Struct, frozen=True):
    """Where people of a domain sign in; pages offer it by `domains/_door.html`."""

    label: str
    href: str


def door_of(provider: str, email: str) -> SignInDoor:
    """Return the place where somebody with this address signs in with a provider."""
    label = "single sign-on" if provider == "saml" else PROVIDER_NAMES[provider]
    return SignInDoor(label, f"/login/{provider}/?{urlencode({'email': email})}")


def provider_in_force(domain: Domain, settings: Settings) -> str | None:
    """Return the provider that people of a domain must use; None while it isn't verified or the provider isn't set up."""
    wanted = domain.sso_enforcement
    if not wanted or not domain.is_verified:
        return None
    return wanted if _is_set_up(domain, settings) else None


def _is_set_up(domain: Domain, settings: Settings) -> bool:
    wanted = domain.sso_enforcement
    return domain.has_saml if wanted == "saml" else settings.sign_in_provider(wanted) is not None


def unusable_provider(domain: Domain, settings: Settings) -> str | None:
    """Return the provider that a domain names as the only way in and that isn't set up, so that nobody has to use it."""
    wanted = domain.sso_enforcement
    return wanted if wanted and not _is_set_up(domain, settings) else None


def policy_problem(domain: Domain, settings: Settings) -> str | None:
    """Return why the policy of a domain has no effect, and what that means, in sentences; None where it has."""
    unusable = unusable_provider(domain, settings)
    if unusable is None:
        return None
    return (
        f"{UNUSABLE[unusable]}, so this policy has no effect: people sign in as they like. "
        "It takes effect by itself once that is set up."
    )


async def enforced_sso(db: Db, services: Services, email: str) -> str | None:
    """Return the provider that whoever has this address must use, or None."""
    domain = await verified_domain_of(db, email)
    return provider_in_force(domain, services.settings) if domain else None


async def precheck(db: Db, services: Services, email: str) -> Precheck:
    """Return how somebody with this address signs in; nothing else is looked up, so it tells nothing of accounts."""
    domain = await verified_domain_of(db, email)
    return Precheck(
        sso_enforcement=provider_in_force(domain, services.settings) if domain else None,
        saml_available=domain is not None and domain.has_saml,
        sso_not_set_up=unusable_provider(domain, services.settings) if domain else None,
    )


async def check_password_allowed(services: Services, email: str) -> None:
    """Raise SsoEnforced when nobody with such an address signs in with a password. Before the password is looked at."""
    async with services.database.transaction(write=False) as db:
        provider = await enforced_sso(db, services, email)
    if provider is not None:
        raise SsoEnforced(f"You can only login with SSO for this account ({provider}).", provider=provider)


async def check_reset_allowed(services: Services, email: str) -> None:
    """Raise SsoEnforced when a new password would be of no use to whoever has this address."""
    async with services.database.transaction(write=False) as db:
        provider = await enforced_sso(db, services, email)
    if provider is not None:
        raise SsoEnforced(NO_RESET, provider=provider)
