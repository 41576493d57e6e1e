"""Why single sign-on failed, as the address of the sign-in page carries it.

Everybody can send a link to that page. So it shows a sentence only if this server has signed it, and else its own one for
the code.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from parley.kernel.ids import same_token
from parley.kernel.secrets import Vault

SENTENCES = {
    "saml_not_configured": "Signing in with SAML is not set up for this address.",
    "saml_invalid": "What your identity provider sent was not accepted. Try again, or ask an admin of your organization.",
    "jit_disabled": "There is no account for you yet. Ask an admin of your organization for an invitation.",
    "improperly_configured_sso": "This server is not set up for signing in with this provider.",
    "oauth_failed": "Signing in with the provider did not work. Please try again.",
    "sso_enforced": "Your organization wants you to sign in another way. Enter your e-mail address to go on.",
}


def failure_path(vault: Vault, code: str, detail: str, next_path: str = "") -> str:
    """Return the address of the sign-in page that tells of this failure. The detail must not quote a request."""
    proof = _proof(vault, code, detail)
    query = {"error_code": code, "error_detail": detail, "error_proof": proof}
    return "/login?" + urlencode(query | ({"next": next_path} if next_path else {}))


def failure_shown(vault: Vault, query: Mapping[str, str]) -> str | None:
    """Return the sentence that the sign-in page shows for its address, None where there was no failure."""
    code, detail = query.get("error_code", ""), query.get("error_detail", "")
    if detail and same_token(query.get("error_proof", ""), _proof(vault, code, detail)):
        return detail
    return SENTENCES.get(code, SENTENCES["oauth_failed"]) if code else None


def _proof(vault: Vault, code: str, detail: str) -> str:
    return vault.signature("sso-failure", f"{code}\n{detail}")[:32]
