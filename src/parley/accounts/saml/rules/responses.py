"""Reading a response from its first byte to what is believed of it."""

from collections.abc import Sequence

import msgspec

from parley.accounts.saml.errors import SamlInvalid
from parley.accounts.saml.rules.assertions import Assertion, Expected, read_assertion
from parley.accounts.saml.rules.certificates import Certificate
from parley.accounts.saml.rules.documents import (
    ASSERTION,
    PROTOCOL,
    Element,
    check_schema,
    decoded,
    parsed_response,
    text_of,
)
from parley.accounts.saml.rules.signatures import RESPONSE_TAG, assertion_of, verify

SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"


class SamlAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a response says, all of it verified, and whose key has signed it."""

    assertion: Assertion
    signer: Certificate


def read_response(text: str, certificates: Sequence[Certificate], expected: Expected) -> SamlAnswer:
    """Return what the base64 of a response says; raises SamlInvalid. Takes milliseconds of CPU: call it in a thread.

    Whether it answers a request of ours, and whether it came before, the caller has to see.
    """
    root = parsed_response(decoded(text))
    if root.tag != RESPONSE_TAG or root.get("Version") != "2.0":
        raise SamlInvalid("The identity provider's answer is no response of SAML 2.0.")
    _check_status(root)
    found = assertion_of(root)
    check_schema(root)
    signer = verify(root, found, certificates)
    answer = SamlAnswer(assertion=read_assertion(found, expected), signer=signer)
    _check_envelope(root, answer.assertion, expected)
    return answer


def claimed_request(text: str) -> str | None:
    """Return to which request a response says that it answers; anybody may have written it."""
    try:
        found: str | None = parsed_response(decoded(text)).get("InResponseTo")
        return found
    except SamlInvalid:
        return None


def _check_status(root: Element) -> None:
    """Raise SamlInvalid when the identity provider says that it did not sign anybody in."""
    codes = [one.get("Value", "") for one in root.findall(f"{{{PROTOCOL}}}Status//{{{PROTOCOL}}}StatusCode")]
    if codes[:1] == [SUCCESS]:
        return
    # Nobody has signed this, and it is shown to whoever signs in: so no text of the answer is.
    reasons = [name for code in codes if (name := code.rpartition(":")[2]).isalpha() and len(name) < 40]
    raise SamlInvalid(
        f"The identity provider did not sign you in: {', '.join(reasons) or 'it did not say why'}."
    )


def _check_envelope(root: Element, assertion: Assertion, expected: Expected) -> None:
    """The response around the assertion may be unsigned, but must not say anything else."""
    destination = root.get("Destination")
    if destination is not None and destination != expected.recipient:
        raise SamlInvalid("The answer was sent to another address (Destination).")
    issuers = [text_of(one) for one in root.findall(f"{{{ASSERTION}}}Issuer")]
    if any(issuer != expected.issuer for issuer in issuers):
        raise SamlInvalid("The answer is by another identity provider (Issuer).")
    if root.get("InResponseTo") != assertion.in_response_to:
        raise SamlInvalid("The answer and its assertion are for different requests.")
