"""Why somebody is not let in; a browser is redirected to the sign-in page with it."""

from typing import Literal

from parley.kernel.errors import AppError

SsoFailure = Literal[
    "saml_not_configured",
    "saml_invalid",
    "jit_disabled",
    "improperly_configured_sso",
    "oauth_failed",
    "sso_enforced",
]


class SsoFailed(AppError):
    """Nobody is signed in. The detail is one of our own sentences: the page shows it, so it never quotes a request."""

    status, type = 302, "authentication_error"

    def __init__(self, code: SsoFailure, detail: str) -> None:
        super().__init__(detail)
        self.code = code
