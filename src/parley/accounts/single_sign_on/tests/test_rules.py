"""Who is let in, as a table of rules."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from parley.accounts.domains.queries import Domain
from parley.accounts.single_sign_on.errors import SsoFailed
from parley.accounts.single_sign_on.rules import Account, Entrance, Facts, ProvenIdentity, admission_of

NOW = datetime(2026, 11, 29, tzinfo=UTC)
OURS, THEIRS = uuid4(), uuid4()


def domain(organization_id: UUID = OURS, name: str = "a.example", **more: Any) -> Domain:
    saml = {"saml_entity_id": "idp", "saml_acs_url": "https://idp.example/", "saml_x509_cert": "PEM"}
    given = {
        "id": uuid4(),
        "organization_id": organization_id,
        "domain": name,
        "verified_at": NOW,
        **saml,
        **more,
    }
    return Domain(**dict.fromkeys(Domain.__struct_fields__) | given)  # type: ignore[arg-type]


HOME = domain()
JIT = domain(jit_provisioning_enabled=True)
WITH_SCIM = domain(jit_provisioning_enabled=True, scim_enabled=True, scim_token_hash="x")
OTHER = domain(THEIRS, "b.example", jit_provisioning_enabled=True)
GOOGLE = ProvenIdentity(provider="google-oauth2", subject="1", email="lea@a.example", vouches_for_domain=True)
GITHUB = replace(GOOGLE, provider="github", vouches_for_domain=None)
STALE = replace(GOOGLE, vouches_for_domain=False)
UNVERIFIED = replace(GOOGLE, is_email_verified=False)
SAML = ProvenIdentity(provider="saml", subject="d:1", email="lea@a.example", domain=HOME)
JIT_SAML = replace(SAML, domain=JIT)
LEA = Account(1, "lea@a.example", True, True)
NEVER_VERIFIED, GONE = replace(LEA, is_email_verified=False), replace(LEA, is_active=False)
CAREFUL = replace(LEA, two_factor_at=NOW)
ASKED = Entrance("linked", needs_second_factor=True)
MEMBER, NOBODY = frozenset({OURS}), frozenset[UUID]()

LET_IN: dict[str, tuple[dict[str, Any], Entrance]] = {
    "known": ({"account": LEA, "is_linked": True}, Entrance("known")),
    "known, whatever the address is now": (
        {"who": replace(UNVERIFIED, email="new@b.example"), "account": LEA, "is_linked": True},
        Entrance("known"),
    ),
    "an address that was verified here": ({"account": LEA}, Entrance("linked")),
    "an address that nobody had verified": ({"account": NEVER_VERIFIED}, Entrance("taken over")),
    "no account, but an invitation": (
        {"invited_to": frozenset({THEIRS})},
        Entrance("made", None, frozenset({THEIRS})),
    ),
    "whoever has an account answers invitations": (
        {"account": LEA, "invited_to": frozenset({THEIRS})},
        Entrance("linked"),
    ),
    "new in a domain that wants them": ({"home": JIT}, Entrance("made", OURS)),
    "new in a domain that has chosen this provider": (
        {"who": GITHUB, "home": JIT, "enforced": "github"},
        Entrance("made", OURS),
    ),
    "of another organization, in a domain that wants them": (
        {"home": JIT, "account": LEA, "organizations": frozenset({THEIRS})},
        Entrance("linked", OURS),
    ),
    "the invitation has the better level": (
        {"home": JIT, "invited_to": MEMBER},
        Entrance("made", None, frozenset({OURS})),
    ),
    "a member already": ({"home": JIT, "account": LEA, "organizations": MEMBER}, Entrance("linked")),
    "the provider that is enforced": (
        {"home": HOME, "account": LEA, "enforced": "google-oauth2"},
        Entrance("linked"),
    ),
    "an old address of the company joins nothing": ({"who": STALE, "home": JIT, "account": LEA}, Entrance("linked")),
    "the address at the provider is another by now": (
        {"who": replace(GOOGLE, email="x@b.example"), "home": JIT, "account": LEA, "is_linked": True},
        Entrance("known"),
    ),
    "two-factor, and only the address is known": ({"who": GITHUB, "account": CAREFUL}, ASKED),
    "two-factor, in a domain that wants them": ({"home": JIT, "account": CAREFUL}, replace(ASKED, joins=OURS)),
    "two-factor, in a domain that enforces nothing": (
        {"who": GITHUB, "home": HOME, "account": CAREFUL, "organizations": MEMBER},
        ASKED,
    ),
    "two-factor, and known": (
        {"who": GITHUB, "account": CAREFUL, "is_linked": True},
        Entrance("known", needs_second_factor=True),
    ),
    "two-factor, and the code was given": ({"who": GITHUB, "account": CAREFUL, "is_signed_in": True}, Entrance("linked")),
    "two-factor, the code was given, and the domain wants them": (
        {"home": JIT, "account": CAREFUL, "is_signed_in": True},
        Entrance("linked", OURS),
    ),
    "two-factor, and the provider that is enforced": (
        {"who": GITHUB, "home": HOME, "account": CAREFUL, "enforced": "github"},
        Entrance("linked"),
    ),
    "two-factor, at an address that nobody had verified": (
        {"who": GITHUB, "account": replace(NEVER_VERIFIED, two_factor_at=NOW), "organizations": MEMBER},
        ASKED,
    ),
    "two-factor, at an address that nobody had verified, in a domain that has chosen the provider": (
        {"who": GITHUB, "home": HOME, "account": replace(NEVER_VERIFIED, two_factor_at=NOW), "enforced": "github"},
        Entrance("taken over"),
    ),
    "never verified, and signed in by its password": (
        {"account": NEVER_VERIFIED, "organizations": MEMBER, "is_signed_in": True},
        Entrance("linked"),
    ),
    "never verified, and owns another organization alone": (
        {
            "who": JIT_SAML,
            "home": JIT,
            "account": NEVER_VERIFIED,
            "organizations": frozenset({THEIRS}),
            "owned_alone": frozenset({THEIRS}),
        },
        Entrance("made", OURS, releases_address=True),
    ),
    "never verified, and owns the organization of the domain": (
        {
            "who": SAML,
            "home": HOME,
            "account": NEVER_VERIFIED,
            "organizations": frozenset({OURS, THEIRS}),
            "owned_alone": MEMBER,
        },
        Entrance("taken over", leaves=frozenset({THEIRS})),
    ),
    "verified, and owns another organization alone": (
        {
            "who": JIT_SAML,
            "home": JIT,
            "account": LEA,
            "organizations": frozenset({THEIRS}),
            "owned_alone": frozenset({THEIRS}),
        },
        Entrance("linked", OURS),
    ),
    "never verified, a member here and elsewhere": (
        {"who": SAML, "home": HOME, "account": NEVER_VERIFIED, "organizations": frozenset({OURS, THEIRS})},
        Entrance("taken over", leaves=frozenset({THEIRS})),
    ),
    "two-factor, and saml": (
        {"who": SAML, "home": HOME, "account": CAREFUL, "organizations": MEMBER},
        Entrance("linked"),
    ),
    "saml: a member": ({"who": SAML, "home": HOME, "account": LEA, "organizations": MEMBER}, Entrance("linked")),
    "saml: enforced": (
        {"who": SAML, "home": HOME, "account": LEA, "organizations": MEMBER, "enforced": "saml"},
        Entrance("linked"),
    ),
    "saml: new": ({"who": JIT_SAML, "home": JIT}, Entrance("made", OURS)),
    "saml: of another organization": (
        {"who": JIT_SAML, "home": JIT, "account": LEA, "organizations": frozenset({THEIRS})},
        Entrance("linked", OURS),
    ),
    "saml: known, and a member no more": (
        {"who": JIT_SAML, "home": JIT, "account": LEA, "is_linked": True},
        Entrance("known", OURS),
    ),
    "saml: invited": (
        {"who": SAML, "home": HOME, "account": LEA, "invited_to": MEMBER},
        Entrance("linked", None, MEMBER),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LET_IN)
def test_who_is_let_in(case):
    given, wanted = LET_IN[case]
    assert admission_of(Facts(**{"who": GOOGLE, **given})) == wanted


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "nobody knows them": ({}, "jit_disabled"),
    "their identity provider alone makes members": ({"home": WITH_SCIM}, "jit_disabled"),
    "their domain wants nobody by itself": ({"home": HOME}, "jit_disabled"),
    "an address that the provider has not verified": ({"who": UNVERIFIED, "account": LEA}, "oauth_failed"),
    "the same, where everybody is wanted": ({"who": UNVERIFIED, "home": JIT}, "oauth_failed"),
    "an old address of the company": ({"who": STALE, "home": JIT}, "jit_disabled"),
    "a provider that doesn't know, and isn't chosen": ({"who": GITHUB, "home": JIT}, "jit_disabled"),
    "an old address of the company, though the provider is chosen": (
        {"who": STALE, "home": JIT, "enforced": "google-oauth2"},
        "jit_disabled",
    ),
    "never verified, and a member": ({"account": NEVER_VERIFIED, "organizations": MEMBER}, "oauth_failed"),
    "never verified, and a member in a domain that enforces nothing": (
        {"account": NEVER_VERIFIED, "home": HOME, "organizations": MEMBER},
        "oauth_failed",
    ),
    "never verified, a member, and owns another organization alone": (
        {
            "who": SAML,
            "home": HOME,
            "account": NEVER_VERIFIED,
            "organizations": frozenset({OURS, THEIRS}),
            "owned_alone": frozenset({THEIRS}),
        },
        "saml_invalid",
    ),
    "never verified, owns another organization alone, and nobody new is wanted": (
        {
            "who": SAML,
            "home": HOME,
            "account": NEVER_VERIFIED,
            "organizations": frozenset({THEIRS}),
            "owned_alone": frozenset({THEIRS}),
        },
        "jit_disabled",
    ),
    "deactivated": ({"account": GONE}, "oauth_failed"),
    "deactivated, and known": ({"account": GONE, "is_linked": True}, "oauth_failed"),
    "saml is enforced": ({"account": LEA, "home": HOME, "enforced": "saml"}, "sso_enforced"),
    "saml is enforced, and they are known": (
        {"account": LEA, "is_linked": True, "home": HOME, "enforced": "saml"},
        "sso_enforced",
    ),
    "saml is enforced for who is new": ({"home": JIT, "enforced": "saml"}, "sso_enforced"),
    "saml: google is enforced": (
        {"who": SAML, "home": HOME, "account": LEA, "organizations": MEMBER, "enforced": "google-oauth2"},
        "sso_enforced",
    ),
    "saml: without its domain": ({"who": replace(SAML, domain=None), "home": HOME}, "saml_not_configured"),
    "saml: not verified any more": (
        {"who": replace(SAML, domain=domain(verified_at=None)), "home": HOME},
        "saml_not_configured",
    ),
    "saml: half set up": (
        {"who": replace(SAML, domain=domain(saml_x509_cert="")), "home": HOME},
        "saml_not_configured",
    ),
    "saml: an address of another domain": (
        {"who": replace(JIT_SAML, email="x@b.example"), "home": OTHER},
        "saml_invalid",
    ),
    "saml: an address below the domain": (
        {"who": replace(JIT_SAML, email="x@sub.a.example"), "home": None},
        "saml_invalid",
    ),
    "saml: the account has moved to another domain": (
        {"who": JIT_SAML, "home": OTHER, "account": replace(LEA, email="lea@b.example"), "is_linked": True},
        "saml_invalid",
    ),
    "saml: nobody, and no one is wanted": ({"who": SAML, "home": HOME}, "jit_disabled"),
    "saml: of another organization": (
        {"who": SAML, "home": HOME, "account": LEA, "organizations": frozenset({THEIRS})},
        "jit_disabled",
    ),
    "saml: known, and a member no more": (
        {"who": SAML, "home": HOME, "account": LEA, "is_linked": True},
        "jit_disabled",
    ),
    "saml: deactivated": (
        {"who": SAML, "home": HOME, "account": GONE, "organizations": MEMBER},
        "saml_invalid",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_who_is_refused_and_with_which_code(case):
    given, code = REFUSED[case]
    with pytest.raises(SsoFailed) as failed:
        admission_of(Facts(**{"who": GOOGLE, **given}))
    assert failed.value.code == code
    assert failed.value.detail.endswith(".")
