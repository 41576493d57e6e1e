"""The documents in which clients read what this server is and can (RFC 8414, RFC 9728)."""

from typing import Any

from parley.accounts.oauth_server.rules.scopes import OFFERED, USUAL

AUTHORIZE, TOKEN, REGISTER, REVOKE = "/oauth/authorize", "/oauth/token", "/oauth/register", "/oauth/revoke"
AUTH_METHODS = ("none", "client_secret_post", "client_secret_basic")
GRANT_TYPES = ("authorization_code", "refresh_token")


def server_metadata(issuer: str) -> dict[str, Any]:
    """Return what an authorization server says of itself (RFC 8414, section 2)."""
    return {
        "issuer": issuer,
        "authorization_endpoint": issuer + AUTHORIZE,
        "token_endpoint": issuer + TOKEN,
        "registration_endpoint": issuer + REGISTER,
        "revocation_endpoint": issuer + REVOKE,
        "scopes_supported": OFFERED,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": GRANT_TYPES,
        "token_endpoint_auth_methods_supported": AUTH_METHODS,
        "revocation_endpoint_auth_methods_supported": AUTH_METHODS,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }


def resource_metadata(issuer: str, resource: str) -> dict[str, Any]:
    """Return which authorization server gives tokens for a resource (RFC 9728, section 2)."""
    return {
        "resource": resource,
        "authorization_servers": [issuer],
        "scopes_supported": USUAL,
        "bearer_methods_supported": ["header"],
        "resource_name": "Parley",
    }
