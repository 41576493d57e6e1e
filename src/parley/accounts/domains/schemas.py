"""Domains on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.accounts.domains.rules import SsoEnforcement
from parley.kernel.http.body import TRIM
from parley.kernel.network.emails import MAX_EMAIL_LENGTH

SamlText = Annotated[str, Meta(max_length=512, extra=TRIM)] | None
Certificates = Annotated[str, Meta(max_length=50_000, extra=TRIM)] | None


class DomainOut(msgspec.Struct, frozen=True, kw_only=True):
    """A domain of an organization.

    A TXT record at `verification_record_name` with `verification_challenge` proves it. `verification_error` says what
    the last look at the DNS found wrong. `failing_since` is since when a verified domain lacks its record; after 14
    days it isn't verified any more. `sso_problem` says why `sso_enforcement` has no effect, where its provider isn't set up.
    """

    id: UUID
    domain: str
    is_verified: bool
    verified_at: datetime | None
    verification_challenge: str
    verification_record_name: str
    verification_error: str | None
    failing_since: datetime | None
    jit_provisioning_enabled: bool
    sso_enforcement: str
    sso_problem: str | None
    has_saml: bool
    saml_entity_id: str | None
    saml_acs_url: str | None
    saml_x509_cert: str | None
    saml_allows_idp_initiated: bool
    has_scim: bool
    scim_enabled: bool
    scim_base_url: str | None
    scim_bearer_token: str | None = None


class NewDomain(msgspec.Struct, frozen=True, kw_only=True):
    """A claim on a domain. The rest can be changed once it is verified."""

    domain: Annotated[str, Meta(extra=TRIM)]
    saml_entity_id: SamlText = None
    saml_acs_url: SamlText = None
    saml_x509_cert: Certificates = None


class DomainPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What may be changed. The name may not; the first two only once the domain is verified."""

    jit_provisioning_enabled: bool | UnsetType = UNSET
    sso_enforcement: SsoEnforcement | UnsetType | None = UNSET
    saml_entity_id: SamlText | UnsetType = UNSET
    saml_acs_url: SamlText | UnsetType = UNSET
    saml_x509_cert: Certificates | UnsetType = UNSET
    saml_allows_idp_initiated: bool | UnsetType = UNSET
    scim_enabled: bool | UnsetType = UNSET


class PrecheckRequest(msgspec.Struct, frozen=True):
    """Who wants to sign in."""

    email: Annotated[str, Meta(min_length=1, max_length=MAX_EMAIL_LENGTH, extra=TRIM)]


class Precheck(msgspec.Struct, frozen=True, kw_only=True):
    """How people with addresses of this domain sign in: `sso_enforcement` is the only way, where it isn't null.

    `sso_not_set_up` is a provider that the domain names as the only way, but that can't be used, so that nobody has to.
    """

    sso_enforcement: str | None
    saml_available: bool
    sso_not_set_up: str | None
