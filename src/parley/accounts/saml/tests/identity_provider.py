"""An identity provider of the tests: it signs whatever it is told to say."""

import base64
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import etree

from parley.accounts.saml.rules.documents import ASSERTION, PROTOCOL, SIGNATURE

SITE = "http://parley.test"
ACS = f"{SITE}/complete/saml/"
ISSUER = "https://idp.test/saml"
SIGN_ON = "https://idp.test/sso?tenant=7"
NS = {"samlp": PROTOCOL, "saml": ASSERTION, "ds": SIGNATURE}
EMAIL_CLAIM = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"
RSA_SHA1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
SHA1, SHA256 = "http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmlenc#sha256"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"


@dataclass(frozen=True)
class Key:
    """A key with its certificate, both as PEM."""

    private: bytes
    certificate: str


def key(name: str = "idp", kind: str = "rsa") -> Key:
    """Return the key of this name, made once."""
    return _key(name, kind)


@lru_cache
def _key(name: str, kind: str) -> Key:
    made: Any = (
        ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(made.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=700))
        .sign(made, hashes.SHA256())
    )
    private = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Key(private, certificate.public_bytes(Encoding.PEM).decode())


@dataclass(frozen=True)
class Said:
    """What a response says; every field has the value of a good one."""

    now: datetime
    email: str = "ada@example.com"
    name_id: str = "ada-7"
    name_id_format: str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
    in_response_to: str | None = "_request"
    issuer: str = ISSUER
    audience: str = SITE
    recipient: str = ACS
    destination: str = ACS
    begins: timedelta = timedelta(minutes=-1)
    ends: timedelta = timedelta(minutes=5)
    authenticated: timedelta = timedelta()
    assertion_id: str = "_assertion"
    more: str = ""
    status: str = "urn:oasis:names:tc:SAML:2.0:status:Success"

    def but(self, **changes: Any) -> "Said":
        return replace(self, **changes)


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def xml_of(said: Said) -> str:
    """Return an unsigned response."""
    times = (said.begins, said.ends, timedelta(), said.authenticated)
    begins, ends, now, proved = (_time(said.now + at) for at in times)
    reply = f' InResponseTo="{said.in_response_to}"' if said.in_response_to else ""
    return f"""<samlp:Response xmlns:samlp="{PROTOCOL}" xmlns:saml="{ASSERTION}" ID="_response" Version="2.0" \
IssueInstant="{now}" Destination="{said.destination}"{reply}><saml:Issuer>{said.issuer}</saml:Issuer><samlp:Status>\
<samlp:StatusCode Value="{said.status}"/></samlp:Status><saml:Assertion ID="{said.assertion_id}" Version="2.0" \
IssueInstant="{now}"><saml:Issuer>{said.issuer}</saml:Issuer><saml:Subject><saml:NameID Format="{said.name_id_format}">\
{said.name_id}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">\
<saml:SubjectConfirmationData NotOnOrAfter="{ends}" Recipient="{said.recipient}"{reply}/></saml:SubjectConfirmation>\
</saml:Subject><saml:Conditions NotBefore="{begins}" NotOnOrAfter="{ends}"><saml:AudienceRestriction><saml:Audience>\
{said.audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{proved}">\
<saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef>\
</saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="{EMAIL_CLAIM}">\
<saml:AttributeValue>{said.email}</saml:AttributeValue></saml:Attribute><saml:Attribute Name="firstName">\
<saml:AttributeValue>Ada</saml:AttributeValue></saml:Attribute><saml:Attribute Name="lastName"><saml:AttributeValue>\
Lovelace</saml:AttributeValue></saml:Attribute></saml:AttributeStatement>{said.more}</saml:Assertion></samlp:Response>"""


def signature_template(
    name: str, *, method: str = RSA_SHA256, digest: str = SHA256, transforms: tuple[str, ...] | None = None
) -> Any:
    """Return an empty signature over the element of this ID."""
    used = transforms if transforms is not None else (f"{SIGNATURE}enveloped-signature", EXCLUSIVE)
    steps = "".join(f'<ds:Transform Algorithm="{one}"/>' for one in used)
    return etree.fromstring(
        f'<ds:Signature xmlns:ds="{SIGNATURE}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
        f'<ds:SignatureMethod Algorithm="{method}"/><ds:Reference URI="#{name}"><ds:Transforms>{steps}</ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>'
        "<ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>"
    )


def sign(root: Any, path: str = ".//saml:Assertion", with_key: Key | None = None, **template: Any) -> Any:
    """Sign the element at this path of a response in place; return the root."""
    used = with_key or key()
    element = root if path == "." else root.find(path, NS)
    signature = signature_template(element.get("ID"), **template)
    element.insert(1, signature)  # behind the issuer
    xmlsec.tree.add_ids(root, ["ID"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(used.private, xmlsec.constants.KeyDataFormatPem, None)
    context.key.load_cert_from_memory(used.certificate.encode(), xmlsec.constants.KeyDataFormatCertPem)
    context.sign(signature)
    return root


def signed(said: Said, **options: Any) -> Any:
    """Return the tree of a response whose assertion is signed."""
    return sign(etree.fromstring(xml_of(said)), **options)


def posted(root: Any) -> str:
    """Return a tree, or the bytes of one, as it stands in the form."""
    raw = root if isinstance(root, bytes) else etree.tostring(root)
    return base64.b64encode(raw).decode()
