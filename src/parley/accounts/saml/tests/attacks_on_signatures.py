"""Responses whose signatures an attacker has moved, taken away or made anew: each function returns what is posted."""

from copy import deepcopy
from typing import Any

from lxml import etree

from parley.accounts.saml.rules.documents import ASSERTION, PROTOCOL, SIGNATURE
from parley.accounts.saml.tests.identity_provider import (
    ECDSA_SHA256,
    EMAIL_CLAIM,
    NS,
    RSA_SHA1,
    SHA1,
    Said,
    key,
    posted,
    sign,
    signature_template,
    signed,
    xml_of,
)

EVE = "eve@example.com"


def _parts(said: Said) -> tuple[Any, Any, Any, Any]:
    """Return a good response, its assertion, the assertion's signature, and a forged copy without a signature."""
    root = signed(said)
    assertion = root.find("saml:Assertion", NS)
    forged = deepcopy(assertion)
    forged.remove(forged.find("ds:Signature", NS))
    forged.set("ID", "_forged")
    forged.find(".//saml:NameID", NS).text = "eve"
    forged.find(f".//saml:Attribute[@Name='{EMAIL_CLAIM}']/saml:AttributeValue", NS).text = EVE
    return root, assertion, assertion.find("ds:Signature", NS), forged


def _holder(signature: Any) -> Any:
    return etree.SubElement(signature, f"{{{SIGNATURE}}}Object")


def xsw1(said: Said) -> str:
    """A forged response around a copy of the good one, which stands inside of the response's signature."""
    root = sign(signed(said), ".")
    good = deepcopy(root)
    signature = root.find("ds:Signature", NS)
    good.remove(good.find("ds:Signature", NS))
    _holder(signature).append(good)
    root.set("ID", "_forged-response")
    root.find("saml:Assertion//saml:NameID", NS).text = "eve"
    return posted(root)


def xsw2(said: Said) -> str:
    """The same with the good response beside a signature that stands apart."""
    root = sign(signed(said), ".")
    good = deepcopy(root)
    good.remove(good.find("ds:Signature", NS))
    root.insert(1, good)
    root.set("ID", "_forged-response")
    root.find("saml:Assertion//saml:NameID", NS).text = "eve"
    return posted(root)


def xsw3(said: Said) -> str:
    """A forged assertion before the good one."""
    root, assertion, _, forged = _parts(said)
    assertion.addprevious(forged)
    return posted(root)


def xsw4(said: Said) -> str:
    """A forged assertion around the good one."""
    root, assertion, _, forged = _parts(said)
    root.replace(assertion, forged)
    forged.append(assertion)
    return posted(root)


def xsw5(said: Said) -> str:
    """The forged assertion holds the signature; the good one stands behind it."""
    root, assertion, signature, forged = _parts(said)
    assertion.remove(signature)
    forged.insert(1, signature)
    assertion.addprevious(forged)
    return posted(root)


def xsw6(said: Said) -> str:
    """The forged assertion holds the signature, and the signature holds the good one."""
    root, assertion, signature, forged = _parts(said)
    root.replace(assertion, forged)
    assertion.remove(signature)
    forged.insert(1, signature)
    _holder(signature).append(assertion)
    return posted(root)


def xsw7(said: Said) -> str:
    """The good assertion hides in extensions of the response."""
    root, assertion, _, forged = _parts(said)
    root.replace(assertion, forged)
    extensions = etree.Element(f"{{{PROTOCOL}}}Extensions")
    extensions.append(assertion)
    root.insert(1, extensions)
    return posted(root)


def xsw8(said: Said) -> str:
    """The forged assertion holds the signature, with the good one in an object of it, under the same ID."""
    root, assertion, signature, forged = _parts(said)
    forged.set("ID", said.assertion_id)
    root.replace(assertion, forged)
    assertion.remove(signature)
    forged.insert(1, signature)
    _holder(signature).append(assertion)
    return posted(root)


def same_id(said: Said) -> str:
    """Another element has the name of the assertion, in front of it."""
    root = signed(said)
    root.set("ID", said.assertion_id)
    return posted(root)


def unsigned(said: Said) -> str:
    return posted(xml_of(said).encode())


def only_the_response_is_signed(said: Said) -> str:
    return posted(sign(etree.fromstring(xml_of(said)), "."))


def wrong_key(said: Said) -> str:
    return posted(signed(said, with_key=key("thief")))


def wrong_key_of_another_kind(said: Said) -> str:
    return posted(signed(said, with_key=key("thief", "ec"), method=ECDSA_SHA256))


def key_info_swapped(said: Said) -> str:
    """Signed by a thief, with the right certificate beside it."""
    root = signed(said, with_key=key("thief"))
    right = "".join(key().certificate.splitlines()[1:-1])
    root.find(".//ds:X509Certificate", NS).text = right
    return posted(root)


def changed_address(said: Said) -> str:
    raw = etree.tostring(signed(said))
    return posted(raw.replace(said.email.encode(), EVE.encode()))


def sha1(said: Said) -> str:
    return posted(signed(said, method=RSA_SHA1, digest=SHA1))


def sha1_digest(said: Said) -> str:
    return posted(signed(said, digest=SHA1))


def hmac_by_the_certificate(said: Said) -> str:
    root = etree.fromstring(xml_of(said))
    signature = signature_template(said.assertion_id, method="http://www.w3.org/2000/09/xmldsig#hmac-sha256")
    root.find("saml:Assertion", NS).insert(1, signature)
    for name in ("DigestValue", "SignatureValue"):
        signature.find(f".//ds:{name}", NS).text = "AAAA"
    signature.remove(signature.find("ds:KeyInfo", NS))
    return posted(root)


def other_transforms(said: Said) -> str:
    """A transform that takes everything but one element out of what is signed."""
    root = signed(said)
    transforms = root.find(".//ds:Transforms", NS)
    step = etree.SubElement(transforms, f"{{{SIGNATURE}}}Transform")
    step.set("Algorithm", "http://www.w3.org/TR/1999/REC-xpath-19991116")
    etree.SubElement(step, f"{{{SIGNATURE}}}XPath").text = "ancestor-or-self::*"
    return posted(root)


def no_transforms(said: Said) -> str:
    return posted(signed(said, transforms=(f"{SIGNATURE}enveloped-signature",) * 2))


def signed_whole_document(said: Said) -> str:
    """The signature names no element at all."""
    root = signed(said)
    root.find(".//ds:Reference", NS).set("URI", "")
    return posted(root)


def two_references(said: Said) -> str:
    root = signed(said)
    reference = root.find(".//ds:Reference", NS)
    reference.addnext(deepcopy(reference))
    return posted(root)


def two_subjects(said: Said) -> str:
    root = etree.fromstring(xml_of(said))
    subject = root.find(".//saml:Subject", NS)
    subject.addnext(deepcopy(subject))
    return posted(sign(root))


def two_name_ids(said: Said) -> str:
    root = etree.fromstring(xml_of(said))
    name = root.find(".//saml:NameID", NS)
    name.addnext(deepcopy(name))
    return posted(sign(root))


def advice_with_an_assertion(said: Said) -> str:
    root = etree.fromstring(xml_of(said))
    advice = etree.Element(f"{{{ASSERTION}}}Advice")
    inner = deepcopy(root.find("saml:Assertion", NS))
    inner.set("ID", "_inner")
    advice.append(inner)
    root.find(".//saml:Conditions", NS).addnext(advice)
    return posted(sign(root))


def no_bearer(said: Said) -> str:
    text = xml_of(said).replace("cm:bearer", "cm:holder-of-key")
    return posted(sign(etree.fromstring(text)))


def no_audience(said: Said) -> str:
    root = etree.fromstring(xml_of(said))
    restriction = root.find(".//saml:AudienceRestriction", NS)
    restriction.getparent().remove(restriction)
    return posted(sign(root))


def no_end(said: Said) -> str:
    root = etree.fromstring(xml_of(said))
    del root.find(".//saml:SubjectConfirmationData", NS).attrib["NotOnOrAfter"]
    return posted(sign(root))


def encrypted(said: Said) -> str:
    root = etree.fromstring(xml_of(said))
    assertion = root.find("saml:Assertion", NS)
    root.replace(assertion, etree.Element(f"{{{ASSERTION}}}EncryptedAssertion"))
    return posted(root)


SIGNATURES = (
    xsw1, xsw2, xsw3, xsw4, xsw5, xsw6, xsw7, xsw8, same_id, unsigned, only_the_response_is_signed,
    wrong_key, wrong_key_of_another_kind, key_info_swapped, changed_address, sha1, sha1_digest,
    hmac_by_the_certificate, other_transforms, no_transforms, signed_whole_document, two_references,
    two_subjects, two_name_ids, advice_with_an_assertion, no_bearer, no_audience, no_end, encrypted,
)  # fmt: skip
