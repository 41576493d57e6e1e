"""Responses that an attacker makes of a good one: each function returns what is posted."""

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
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


def _inside(said: Said, old: str, new: str) -> str:
    """Change the signed text as the canonical form without comments doesn't notice."""
    return posted(etree.tostring(signed(said)).replace(old.encode(), new.encode()))


def comment_in_name_id(said: Said) -> str:
    return _inside(said, said.name_id, f"{said.name_id[:2]}<!-- -->{said.name_id[2:]}")


def comment_in_email(said: Said) -> str:
    return _inside(said, said.email, f"{said.email}<!---->")


def comment_in_digest(said: Said) -> str:
    return _inside(said, "DigestValue>", "DigestValue><!-- x -->")


def instruction_in_name_id(said: Said) -> str:
    return _inside(said, said.name_id, f"{said.name_id}<?x y?>")


def cdata(said: Said) -> str:
    return _inside(said, said.name_id, f"<![CDATA[{said.name_id}]]>")


def doctype(said: Said) -> str:
    return posted(b"<!DOCTYPE samlp:Response>" + etree.tostring(signed(said)))


def external_entity(said: Said) -> str:
    raw = etree.tostring(signed(said)).replace(said.name_id.encode(), b"&file;")
    return posted(b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/passwd">]>' + raw)


def billion_laughs(_: Said) -> str:
    names = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(12))
    return posted(f'<!DOCTYPE x [<!ENTITY a0 "ha">{names}]><x>&a12;</x>'.encode())


def utf_16_doctype(said: Said) -> str:
    return posted(('<!DOCTYPE x [<!ENTITY a "b">]>' + xml_of(said)).encode("utf-16"))


def utf_7(said: Said) -> str:
    return posted(b'<?xml version="1.0" encoding="UTF-7"?>' + etree.tostring(signed(said)))


def truncated(said: Said) -> str:
    return posted(etree.tostring(signed(said))[:-200])


def oversized(said: Said) -> str:
    return posted(etree.tostring(signed(said)) + b" " * 140_000)


def much_base64(_: Said) -> str:
    return "A" * 190_000


def deep(_: Said) -> str:
    return posted(b"<a>" * 9000)


def many_elements(_: Said) -> str:
    return posted(b"<a>" + b"<b/>" * 30_000 + b"</a>")


def many_namespaces(said: Said) -> str:
    """The canonical form of such a document takes a time that is the square of its length."""
    open_tags = b"".join(b'<e xmlns:n%d="u%d">' % (n, n) for n in range(250))
    more = open_tags + b"</e>" * 250
    raw = etree.tostring(signed(said)).replace(b"<saml:AttributeValue>Ada", b"<saml:AttributeValue>" + more)
    return posted(raw)


def _with_elements(said: Said, *changes: tuple[bytes, bytes]) -> str:
    """Return a response with thousands of elements under its signature, and other changes."""
    raw = etree.tostring(signed(said))
    filled = (b"</saml:AttributeValue>", b"<saml:z/>" * 4000 + b"</saml:AttributeValue>")
    for before, after in (*changes, filled):
        assert before in raw
        raw = raw.replace(before, after, 1)
    return posted(raw)


def namespaces_in_one_place(said: Said) -> str:
    """The inclusive canonical form compares those that hold at a place with each other, for each element there."""
    names = b"".join(b' xmlns:n%d="u:%d"' % (n, n) for n in range(380))
    inclusive = b'Transform Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"'
    exclusive = b'Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"'
    return _with_elements(said, (b"<samlp:Response", b"<samlp:Response" + names), (exclusive, inclusive))


def many_prefixes(said: Said) -> str:
    """The exclusive form looks each of them up, for each element."""
    form = b"http://www.w3.org/2001/10/xml-exc-c14n#"
    plain = b'<ds:Transform Algorithm="%s"/>' % form
    names = b'<e:InclusiveNamespaces xmlns:e="%s" PrefixList="%s"/>' % (form, b"q " * 10_000)
    return _with_elements(said, (plain, plain[:-2] + b">" + names + b"</ds:Transform>"))


def many_attributes(said: Said) -> str:
    more = "".join(f' a{n}="1"' for n in range(9000))
    return posted(xml_of(said).replace('Version="2.0"', f'Version="2.0"{more}', 1).encode())


def not_base64(_: Said) -> str:
    return "%%% this is no base64 \u2603"


def no_xml(_: Said) -> str:
    return posted(b"\x89PNG\r\n\x1a\n" + bytes(300))


def another_document(_: Said) -> str:
    return posted(f'<samlp:LogoutResponse xmlns:samlp="{PROTOCOL}" Version="2.0"/>'.encode())


def _said(**changes: Any) -> Callable[[Said], str]:
    return lambda said: posted(signed(said.but(**changes)))


STRUCTURE = (
    xsw1, xsw2, xsw3, xsw4, xsw5, xsw6, xsw7, xsw8, same_id, unsigned, only_the_response_is_signed, wrong_key,
    wrong_key_of_another_kind, key_info_swapped, changed_address, sha1, sha1_digest, hmac_by_the_certificate,
    other_transforms, no_transforms, signed_whole_document, two_references, two_subjects, two_name_ids,
    advice_with_an_assertion, no_bearer, no_audience, no_end, encrypted, comment_in_name_id, comment_in_email,
    comment_in_digest, instruction_in_name_id, cdata, doctype, external_entity, billion_laughs, utf_16_doctype, utf_7,
    truncated, oversized, much_base64, deep, many_elements, many_namespaces,
    namespaces_in_one_place, many_prefixes, many_attributes, not_base64, no_xml,
    another_document,
)  # fmt: skip
ATTACKS: dict[str, Callable[[Said], str]] = {attack.__name__: attack for attack in STRUCTURE} | {
    "expired": _said(ends=timedelta(seconds=-61), begins=timedelta(minutes=-9)),
    "not yet": _said(begins=timedelta(seconds=62)),
    "wrong audience": _said(audience="https://other.test"),
    "audience that begins alike": _said(audience="http://parley.test.evil.test"),
    "wrong recipient": _said(recipient="https://other.test/complete/saml/"),
    "recipient that contains ours": _said(recipient="http://parley.test/complete/saml/?x"),
    "wrong destination": _said(destination="http://parley.test/complete/saml/x"),
    "wrong issuer": _said(issuer="https://idp.test/other"),
    "failed": _said(status="urn:oasis:names:tc:SAML:2.0:status:Responder"),
    "foreign domain": _said(email="ada@other.test"),
    "sub-domain": _said(email="ada@mail.example.com"),
    "no address": _said(email="ada"),
    "two addresses in one": _said(email="ada@example.com,eve@other.test"),
    "changing name": _said(name_id_format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient"),
    "empty name": _said(name_id=" "),
}
