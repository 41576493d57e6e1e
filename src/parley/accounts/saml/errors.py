"""What can be wrong with signing in by SAML."""

from collections.abc import Iterator
from contextlib import contextmanager

from parley.kernel.database.error_translation import missing_not_found
from parley.kernel.errors import Invalid, NotFound

NOT_CONFIGURED = "Authentication failed: SAML not configured for this user."


class SamlInvalid(Invalid):
    """The identity provider's answer, or something about it, is not believed; the detail says why."""

    code = "saml_invalid"


class SamlNotConfigured(Invalid):
    """Nobody has set up SAML for this address."""

    code = "saml_not_configured"


@contextmanager
def domain_may_end() -> Iterator[None]:
    """Raise SamlNotConfigured where a domain is deleted while something of it is about to be stored."""
    try:
        with missing_not_found():
            yield
    except NotFound as error:
        raise SamlNotConfigured(NOT_CONFIGURED) from error
