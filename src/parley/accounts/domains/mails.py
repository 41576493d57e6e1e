"""Mails to the admins about domains: a record that is missing, and ways in that somebody has changed."""

from datetime import datetime
from urllib.parse import urlsplit

from parley.accounts.domains.queries import Domain
from parley.accounts.domains.rules import PROVIDER_NAMES, record_name, withdrawn_on
from parley.kernel.config.settings import Settings
from parley.kernel.network.mail import Mail

PAGE = "/settings/domains"


def missing_record(to: str, domain: Domain, since: datetime, settings: Settings, id: str) -> Mail:
    """Return the mail that says that the record of a verified domain is gone, and what happens when."""
    day = f"{withdrawn_on(since):%d %B %Y}".lstrip("0")
    text = (
        f"Parley looks every day for the record that proves that {domain.domain} is yours. "
        f"It has not been found since {since:%d %B %Y}.\n\n"
        f"On {day} the domain stops being verified, and with that {_effects(domain)}\n\n"
        f"To keep it, put this record back into the DNS:\n\n{_record(domain, settings)}\n\n"
        f"See the domain and check again: {settings.site_url}{PAGE}/{domain.id}\n"
    )
    return _mail(to, f"The DNS record of {domain.domain} is missing", text, settings, id)


def withdrawn(to: str, domain: Domain, settings: Settings, id: str) -> Mail:
    """Return the mail that says that a domain is not verified any more."""
    text = (
        f"The record that proves that {domain.domain} is yours has not been found for 14 days. The domain is not verified "
        f"any more. What has ended with that: {_effects(domain)}\n\n"
        f"To verify it again, put this record back into the DNS:\n\n{_record(domain, settings)}\n\n"
        f"Then check it: {settings.site_url}{PAGE}/{domain.id}\n"
    )
    return _mail(to, f"{domain.domain} is not verified any more", text, settings, id)


def changed_ways_in(to: str, domain: Domain, by: str, settings: Settings, id: str) -> Mail:
    """Return the mail that says that somebody has changed how people of a domain sign in."""
    text = (
        f"{by} has changed how people with addresses in {domain.domain} sign in to Parley: the settings of SAML, or the "
        f"only way in. Whoever runs the identity provider that is set there can sign in as any of them.\n\n"
        f"If you did not expect this, look at once: {settings.site_url}{PAGE}/{domain.id}\n\n"
        f"What was changed stands in the audit log: {settings.site_url}/settings/audit-log\n"
    )
    return _mail(to, f"How people of {domain.domain} sign in has changed", text, settings, id)


def saml_in_force(to: str, domain: Domain, settings: Settings, id: str) -> Mail:
    """Return the mail that says that a domain is verified, and what was set up before counts from now on."""
    text = (
        f"{domain.domain} is verified now. SAML was set up for it before, without a mail to anybody, and works from now on: "
        f"whoever runs the identity provider that is set there can sign in as any of its people.\n\n"
        f"If you do not know this identity provider, look at once: {settings.site_url}{PAGE}/{domain.id}\n\n"
        f"Who has set it up stands in the audit log: {settings.site_url}/settings/audit-log\n"
    )
    return _mail(to, f"People of {domain.domain} can sign in with SAML now", text, settings, id)


def _effects(domain: Domain) -> str:
    ends = []
    if domain.sso_enforcement:
        name = PROVIDER_NAMES.get(domain.sso_enforcement, domain.sso_enforcement)
        ends.append(f"people are no longer made to sign in with {name}")
    if domain.has_saml:
        ends.append("nobody signs in with SAML")
    if domain.jit_provisioning_enabled:
        ends.append("nobody joins by signing in")
    if domain.has_scim:
        ends.append("SCIM is refused")
    return ", ".join(ends or ["nothing else changes: no policy rests on it"]) + "."


def _record(domain: Domain, settings: Settings) -> str:
    name = record_name(domain.domain, settings)
    return f"Type: TXT\nName: {name}\nValue: {domain.verification_challenge}"


def _mail(to: str, subject: str, text: str, settings: Settings, id: str) -> Mail:
    host = urlsplit(settings.site_url).hostname or "localhost"
    return Mail(to=to, subject=subject, text=text, message_id=f"organization-domain.{id}@{host}")
