"""What signing in with two factors answers (codes as PostHog has them)."""

from parley.kernel.errors import AppError, Invalid


class TwoFactorRequired(AppError):
    """The password was right, or a provider has proven the address; now a code is wanted.

    `step_token` goes into a cookie and nowhere else.
    """

    status, type, code = 401, "authentication_error", "2fa_required"
    default_detail = "2FA is required."

    def __init__(self, step_token: str) -> None:
        super().__init__()
        self.step_token = step_token


def wrong_code(attr: str | None = None) -> Invalid:
    """Return the error for a code that is wrong, used already, or too old."""
    return Invalid("Invalid authentication code", code="2fa_invalid", attr=attr)


def step_is_over() -> Invalid:
    """Return the error for a sign-in that has waited for too long, or was tried too often."""
    return Invalid("Login attempt has expired. Re-enter username/password.", code="2fa_expired")
