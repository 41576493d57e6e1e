"""Signatures of a response: what is signed must be exactly what is read afterwards.

The attacks move a signed assertion elsewhere in the document and put a forged one where it was. So a response has
one assertion in all, in its one place, its signature names it, and no two elements have the same name.
"""

from collections.abc import Sequence

from parley.accounts.saml.errors import SamlInvalid
from parley.accounts.saml.rules.certificates import Certificate
from parley.accounts.saml.rules.documents import ASSERTION, PROTOCOL, SIGNATURE, Element

RESPONSE_TAG, ASSERTION_TAG, ENCRYPTED_TAG = (
    f"{{{PROTOCOL}}}Response",
    f"{{{ASSERTION}}}Assertion",
    f"{{{ASSERTION}}}EncryptedAssertion",
)
SIGNATURE_TAG = f"{{{SIGNATURE}}}Signature"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SIGNING = frozenset(f"{MORE}{key}-sha{bits}" for key in ("rsa", "ecdsa") for bits in (256, 384, 512))
DIGESTS = frozenset(
    {"http://www.w3.org/2001/04/xmlenc#sha256", f"{MORE}sha384", "http://www.w3.org/2001/04/xmlenc#sha512"}
)
ENVELOPED = f"{SIGNATURE}enveloped-signature"
CANONICAL = frozenset(
    {"http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"}
)
INCLUSIVE_TAG = "{http://www.w3.org/2001/10/xml-exc-c14n#}InclusiveNamespaces"
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
MOST_ATTRIBUTES = 64
MOST_PREFIXES = 200
"""Characters of the list of prefixes that the canonical form looks up, again for every element."""
NOT_SIGNED = "The assertion is not signed. Let the identity provider sign assertions, not only responses."


def assertion_of(root: Element) -> Element:
    """Return the one assertion of a response whose signatures are in their places; raises SamlInvalid.

    Nothing is verified yet.
    """
    if next(root.iter(ENCRYPTED_TAG), None) is not None:
        raise SamlInvalid(
            "The assertion is encrypted. Switch the encryption of assertions off at the identity provider."
        )
    assertions = list(root.iter(ASSERTION_TAG))
    if len(assertions) != 1 or assertions[0].getparent() is not root:
        raise SamlInvalid(
            f"The identity provider's answer must hold one assertion. It holds {len(assertions)}."
        )
    _check_ids(root)
    _check_places(root, assertions[0])
    return assertions[0]


def _check_ids(root: Element) -> None:
    """An ID names one element, or a signature could be checked on one and the other be read."""
    seen: set[str] = set()
    for element in root.iter():
        if len(element.attrib) > MOST_ATTRIBUTES:
            raise SamlInvalid("An element of the identity provider's answer has too many attributes.")
        for name, value in element.attrib.items():
            if name == XML_ID:
                raise SamlInvalid(
                    "The identity provider's answer names elements in a way that SAML does not have."
                )
            if name.lower() == "id":
                if value in seen:
                    raise SamlInvalid("Two elements of the identity provider's answer have the same ID.")
                seen.add(value)


def _check_places(root: Element, assertion: Element) -> None:
    places = [signature.getparent() for signature in root.iter(SIGNATURE_TAG)]
    if any(place is not root and place is not assertion for place in places):
        raise SamlInvalid("The identity provider's answer has a signature in a place where none belongs.")
    if len(places) != len({id(place) for place in places}):
        raise SamlInvalid("The identity provider's answer is signed more than once.")
    if not any(place is assertion for place in places):
        raise SamlInvalid(NOT_SIGNED)


def verify(root: Element, assertion: Element, certificates: Sequence[Certificate]) -> Certificate:
    """Return the certificate whose key has signed the assertion; raises SamlInvalid.

    The response's own signature has to be right, too, if there is one.
    """
    import xmlsec

    xmlsec.tree.add_ids(root, ["ID"])
    signed = [one for one in (root, assertion) if one.find(SIGNATURE_TAG) is not None]
    for element in signed:
        _check_signature(element, element.find(SIGNATURE_TAG))
    return [_signer(element.find(SIGNATURE_TAG), certificates) for element in signed][-1]


def _check_signature(signed: Element, signature: Element) -> None:
    """Raise SamlInvalid unless the signature is over this element alone, whole, in algorithms that hold."""
    references = list(signature.iter(f"{{{SIGNATURE}}}Reference"))
    name = signed.get("ID")
    if len(references) != 1 or not name or references[0].get("URI") != f"#{name}":
        raise SamlInvalid("The signature is not over the element in which it stands.")
    if next(signature.iter(f"{{{SIGNATURE}}}Object", f"{{{SIGNATURE}}}Manifest"), None) is not None:
        raise SamlInvalid("The signature holds more than a signature.")
    if any(len(one.get("PrefixList", "")) > MOST_PREFIXES for one in signature.iter(INCLUSIVE_TAG)):
        raise SamlInvalid("The signature names too many prefixes.")
    _check_transforms(references[0])
    method, canonical, digest = (
        [one.get("Algorithm", "") for one in signature.iter(f"{{{SIGNATURE}}}{tag}")]
        for tag in ("SignatureMethod", "CanonicalizationMethod", "DigestMethod")
    )
    if any("sha1" in name or "md5" in name for name in (*method, *digest)):
        raise SamlInvalid(
            "The signature uses SHA-1, which can be forged. Choose SHA-256 at the identity provider."
        )
    if len(method) != 1 or method[0] not in SIGNING or len(digest) != 1 or digest[0] not in DIGESTS:
        raise SamlInvalid(
            "The signature uses an algorithm that is not supported. Choose RSA or ECDSA with SHA-256."
        )
    if len(canonical) != 1 or canonical[0] not in CANONICAL:
        raise SamlInvalid(
            "The signature uses a canonical form that is not supported. Choose exclusive canonicalization."
        )


def _check_transforms(reference: Element) -> None:
    """Only what takes the signature itself out, and then the canonical form: others could hide what is signed."""
    transforms = list(reference.iter(f"{{{SIGNATURE}}}Transform"))
    names = [one.get("Algorithm") for one in transforms]
    inner = [child for one in transforms for child in one]
    is_plain = names[:1] == [ENVELOPED] and len(names) <= 2 and all(name in CANONICAL for name in names[1:])
    if not is_plain or any(child.tag != INCLUSIVE_TAG for child in inner):
        raise SamlInvalid("The signature transforms what it signs in a way that is not allowed.")


def _signer(signature: Element, certificates: Sequence[Certificate]) -> Certificate:
    """Return the first certificate whose key made this signature. The keys that the signature brings along count nothing."""
    from onelogin.saml2.utils import OneLogin_Saml2_Utils

    for certificate in certificates:
        if OneLogin_Saml2_Utils.validate_node_sign(signature, signature.getparent(), certificate.pem):
            return certificate
    raise SamlInvalid("The signature is not by a key of the certificates that are set for this domain.")
