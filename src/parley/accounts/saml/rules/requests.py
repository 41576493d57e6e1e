"""What this site sends: requests to sign somebody in, and its own metadata (saml-bindings 3.4, saml-metadata)."""

import base64
import zlib
from datetime import datetime
from urllib.parse import urlencode, urlsplit

import msgspec

from parley.accounts.saml.errors import SamlNotConfigured
from parley.accounts.saml.rules.documents import ASSERTION, METADATA, PROTOCOL
from parley.kernel.ids import new_token

POST_BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
REDIRECT_BINDING = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
NAME_ID_FORMATS = (
    "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
)


class ServiceProvider(msgspec.Struct, frozen=True):
    """This site as identity providers know it: `entity_id` is its name, answers are posted to `acs_url`."""

    entity_id: str
    acs_url: str


def service_provider(site_url: str) -> ServiceProvider:
    """Return this site as a service provider."""
    return ServiceProvider(site_url, f"{site_url}/complete/saml/")


def new_request_id() -> str:
    """Return an ID that nobody can guess, and that XML takes for a name (saml-core 1.3.4)."""
    return f"_{new_token()}"


def sign_on_url(
    provider: ServiceProvider,
    url: str,
    *,
    request_id: str,
    relay_state: str,
    now: datetime,
    is_confirmation: bool = False,
) -> str:
    """Return where to send the browser with a request (the redirect binding); raises SamlNotConfigured.

    A confirmation asks the identity provider to have the person sign in anew there (ForceAuthn, saml-core 3.4.1).
    """
    if urlsplit(url).scheme not in ("https", "http") or not urlsplit(url).netloc:
        raise SamlNotConfigured("The sign-on URL of the identity provider is no web address.")
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(_authn_request(provider, url, request_id, now, is_confirmation)) + packer.flush()
    query = urlencode({"SAMLRequest": base64.b64encode(packed).decode(), "RelayState": relay_state})
    return f"{url}{'&' if urlsplit(url).query else '?'}{query}"


def _authn_request(
    provider: ServiceProvider, url: str, request_id: str, now: datetime, is_confirmation: bool
) -> bytes:
    from lxml import etree

    request = etree.Element(
        f"{{{PROTOCOL}}}AuthnRequest",
        {
            "ID": request_id,
            "Version": "2.0",
            "IssueInstant": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "Destination": url,
            "ProtocolBinding": POST_BINDING,
            "AssertionConsumerServiceURL": provider.acs_url,
            **({"ForceAuthn": "true"} if is_confirmation else {}),
        },
        nsmap={"samlp": PROTOCOL, "saml": ASSERTION},
    )
    etree.SubElement(request, f"{{{ASSERTION}}}Issuer").text = provider.entity_id
    etree.SubElement(request, f"{{{PROTOCOL}}}NameIDPolicy", {"AllowCreate": "true"})
    made: bytes = etree.tostring(request)
    return made


def metadata_of(provider: ServiceProvider) -> bytes:
    """Return the metadata of this site as XML, for an identity provider to read."""
    from lxml import etree

    root = etree.Element(
        f"{{{METADATA}}}EntityDescriptor", {"entityID": provider.entity_id}, nsmap={"md": METADATA}
    )
    role = etree.SubElement(
        root,
        f"{{{METADATA}}}SPSSODescriptor",
        {
            "AuthnRequestsSigned": "false",
            "WantAssertionsSigned": "true",
            "protocolSupportEnumeration": PROTOCOL,
        },
    )
    for name in NAME_ID_FORMATS:
        etree.SubElement(role, f"{{{METADATA}}}NameIDFormat").text = name
    place = {"Binding": POST_BINDING, "Location": provider.acs_url, "index": "1", "isDefault": "true"}
    etree.SubElement(role, f"{{{METADATA}}}AssertionConsumerService", place)
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return made
