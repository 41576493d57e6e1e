"""Why somebody is not let in; a browser is redirected to the sign-in page with it."""

from typing import Literal

from parley.accounts.two_factor.errors import TwoFactorRequired
from parley.kernel.errors import AppError, Invalid

SsoFailure = Literal[
    "saml_not_configured",
    "saml_invalid",
    "jit_disabled",
    "improperly_configured_sso",
    "oauth_failed",
    "sso_enforced",
]


class CodeBeforeLinking(TwoFactorRequired):
    """A code is wanted, and then the provider once more: only now it may be connected to the account."""


class SsoFailed(AppError):
    """Nobody is signed in. The detail is one of our own sentences: the page shows it, so it never quotes a request."""

    status, type = 302, "authentication_error"

    next_path = ""
    """Where signing in another way leads to."""

    def __init__(self, code: SsoFailure, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class OwnsAnother(Invalid):
    """An account can't be given to the owner of its address, since it owns another organization alone by now."""


class PasswordFirst(SsoFailed):
    """The account is its holder's, whoever has its address: they sign in by themselves, then by the provider once more."""
