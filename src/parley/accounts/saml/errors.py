"""What can be wrong with signing in by SAML."""

from parley.kernel.errors import Invalid

NOT_CONFIGURED = "Authentication failed: SAML not configured for this user."


class SamlInvalid(Invalid):
    """The identity provider's answer, or something about it, is not believed; the detail says why."""

    code = "saml_invalid"


class SamlNotConfigured(Invalid):
    """Nobody has set up SAML for this address."""

    code = "saml_not_configured"
