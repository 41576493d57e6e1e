"""This site's metadata, and requests to an identity provider."""

import base64
import zlib
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import onelogin.saml2.xml_utils as library
import pytest
from lxml import etree

from parley.accounts.saml.errors import SamlInvalid, SamlNotConfigured
from parley.accounts.saml.rules.certificates import certificates_of
from parley.accounts.saml.rules.provider_metadata import read_metadata
from parley.accounts.saml.rules.requests import service_provider, sign_on_url
from parley.accounts.saml.tests.identity_provider import ACS, ISSUER, SIGN_ON, SITE, key

MD = "urn:oasis:names:tc:SAML:2.0:metadata"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"


def is_valid(xml: bytes, schema: str) -> bool:
    return not isinstance(library.OneLogin_Saml2_XML.validate_xml(xml, schema), str)


async def test_admins_get_the_metadata_and_others_do_not(cast, api, alice, bob, anonymous):
    answer = await api.get("/api/saml/metadata/")
    assert answer.status_code == 200 and "xml" in answer.headers["content-type"]
    assert is_valid(answer.content, "saml-schema-metadata-2.0.xsd")
    root = etree.fromstring(answer.content)
    assert root.get("entityID") == SITE
    assert [one.get("Location") for one in root.iter(f"{{{MD}}}AssertionConsumerService")] == [ACS]
    refused = await bob.client.get("/api/saml/metadata/")
    assert refused.status_code == 403
    assert refused.json()["detail"] == "You need to be an administrator or owner to access this resource."
    assert (await anonymous.get("/api/saml/metadata/")).status_code == 401


def test_a_request_travels_in_the_url_and_has_the_form_of_saml():
    now = datetime(2026, 5, 4, 12, tzinfo=UTC)
    url = sign_on_url(service_provider(SITE), SIGN_ON, request_id="_r", relay_state="here", now=now)
    query = parse_qs(urlsplit(url).query)
    assert url.startswith(SIGN_ON + "&") and query["tenant"] == ["7"] and query["RelayState"] == ["here"]
    sent = zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15)
    assert is_valid(sent, "saml-schema-protocol-2.0.xsd")
    root = etree.fromstring(sent)
    assert root.get("ForceAuthn") is None
    assert (root.get("ID"), root.get("Destination"), root.get("IssueInstant")) == (
        "_r",
        SIGN_ON,
        "2026-05-04T12:00:00Z",
    )
    assert root.get("AssertionConsumerServiceURL") == ACS


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//idp.test", "idp.test/sso", "file:///etc/passwd", "https:"]
)
def test_nobody_is_sent_to_what_is_no_web_address(url):
    with pytest.raises(SamlNotConfigured):
        sign_on_url(service_provider(SITE), url, request_id="_r", relay_state="x", now=datetime.now(UTC))


def bare(name: str = "idp") -> str:
    return "".join(key(name).certificate.splitlines()[1:-1])


def metadata(keys: str = "", services: str = "", before: str = "", more: str = "") -> bytes:
    certificate = (
        '<md:KeyDescriptor use="{use}"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
        "<ds:X509Certificate>\n{text}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )
    found = keys or certificate.format(use="signing", text=bare()) + certificate.format(
        use="encryption", text="AAAA"
    )
    place = (
        services
        or f'<md:SingleSignOnService Binding="{REDIRECT}" Location="{SIGN_ON.replace("&", "&amp;")}"/>'
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{before}<!-- made by somebody --><md:EntityDescriptor xmlns:md="{MD}" '
        f'entityID="{ISSUER}"><md:IDPSSODescriptor WantAuthnRequestsSigned="true" '
        f'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">{found}{place}</md:IDPSSODescriptor>{more}'
        "</md:EntityDescriptor>"
    ).encode()


def test_the_metadata_of_an_identity_provider_fills_the_form():
    found = read_metadata(metadata())
    assert (found.entity_id, found.sign_on_url, found.wants_signed_requests) == (ISSUER, SIGN_ON, True)
    assert certificates_of(found.certificates) == certificates_of(key().certificate)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "not XML"),
        (b"<html></html>", "IDPSSODescriptor"),
        (metadata(before='<!DOCTYPE x [<!ENTITY a "b">]>'), "DOCTYPE"),
        (metadata(keys="<md:KeyDescriptor/>"), "no certificate"),
        (metadata(services="<md:SingleSignOnService/>"), "HTTP-Redirect"),
        (metadata(more="<md:IDPSSODescriptor/>"), "several"),
        (metadata().replace(bare().encode(), b"AAAA"), "no X.509 certificate"),
        (b" " * 600_000, "too large"),
    ],
)
def test_what_is_no_such_metadata_is_refused_with_a_sentence(raw, said):
    with pytest.raises(SamlInvalid) as refused:
        read_metadata(raw)
    assert said in refused.value.detail


def test_certificates_are_read_as_people_paste_them():
    one, two = key().certificate, key("next").certificate
    assert [found.subject for found in certificates_of(one + two)] == ["CN=idp", "CN=next"]
    assert certificates_of(f"\r\n{bare()}\r\n\r\n{bare('next')}") == certificates_of(one + two)
    assert certificates_of(" \n ") == []


@pytest.mark.parametrize(
    "text", ["hello", "AAAA", "-----BEGIN CERTIFICATE-----\n\u2603\n-----END CERTIFICATE-----"]
)
def test_what_is_no_certificate_is_refused(text):
    with pytest.raises(SamlInvalid):
        certificates_of(text)
