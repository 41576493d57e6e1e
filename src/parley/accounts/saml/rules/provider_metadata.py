"""The metadata of an identity provider, from which the form is filled (saml-metadata 2.4.3)."""

import msgspec

from parley.accounts.saml.errors import SamlInvalid
from parley.accounts.saml.rules.certificates import certificates_of, pem_text
from parley.accounts.saml.rules.documents import METADATA, SIGNATURE, Element, parsed_metadata
from parley.accounts.saml.rules.requests import REDIRECT_BINDING

NO_PROVIDER = "The file is not the metadata of an identity provider (it has no IDPSSODescriptor)."


class ProviderMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """What the metadata says. `wants_signed_requests` is what Parley cannot do."""

    entity_id: str
    sign_on_url: str
    certificates: str
    wants_signed_requests: bool


def read_metadata(raw: bytes) -> ProviderMetadata:
    """Return what the metadata of one identity provider says; raises SamlInvalid. A signature in it isn't looked at.

    Whoever fills the form from it is trusted with the form, and reads what they store.
    """
    root = parsed_metadata(raw)
    roles = list(root.iter(f"{{{METADATA}}}IDPSSODescriptor"))
    if len(roles) != 1:
        raise SamlInvalid(
            NO_PROVIDER if not roles else "The metadata has several identity providers. Take one of them."
        )
    entity_id = roles[0].getparent().get("entityID") if roles[0] is not root else None
    if not entity_id:
        raise SamlInvalid(NO_PROVIDER)
    return ProviderMetadata(
        entity_id=entity_id.strip()[:512],
        sign_on_url=_sign_on_url(roles[0]),
        certificates=_certificates(roles[0]),
        wants_signed_requests=roles[0].get("WantAuthnRequestsSigned") in ("true", "1"),
    )


def _sign_on_url(role: Element) -> str:
    for one in role.findall(f"{{{METADATA}}}SingleSignOnService"):
        if one.get("Binding") == REDIRECT_BINDING and one.get("Location"):
            url: str = one.get("Location").strip()
            return url[:512]
    raise SamlInvalid(
        "The identity provider takes no requests by redirect (HTTP-Redirect), which Parley needs."
    )


def _certificates(role: Element) -> str:
    found = [
        (one.text or "").strip()
        for key in role.findall(f"{{{METADATA}}}KeyDescriptor")
        if key.get("use") != "encryption"
        for one in key.iter(f"{{{SIGNATURE}}}X509Certificate")
    ]
    certificates = certificates_of("\n\n".join(dict.fromkeys("\n".join(one.split()) for one in found if one)))
    if not certificates:
        raise SamlInvalid("The metadata has no certificate for signatures.")
    return pem_text(certificates)
