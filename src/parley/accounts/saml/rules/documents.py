"""XML of strangers, read by a parser that looks nothing up.

No document has a DOCTYPE, so that nothing can be defined in it. A response has no comments and no CDATA either: with them
programs differ in what a text says, while the signature stays right.
"""

import base64
import binascii
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from parley.accounts.saml.errors import SamlInvalid

MOST_XML_BYTES = 128 * 1024
MOST_METADATA_BYTES = 512 * 1024
MOST_NAMESPACES = 400
"""Declarations of namespaces: the canonical form costs their number times the number of elements."""
MOST_IN_SCOPE = 20
"""Declarations that hold at one place: the inclusive form compares each with all others, for every element in there."""
MOST_ELEMENTS = 5000
PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
DECLARATION = re.compile(
    rb"""<\?xml\s+version=["']1\.0["'](\s+encoding=["'](?i:utf-8|us-ascii)["'])?(\s+standalone=["'](yes|no)["'])?\s*\?>"""
)
DEFINITION = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
NOT_XML = "The identity provider's answer is not XML."

Element = Any
"""An element of lxml, which has no types."""


def decoded(text: str) -> bytes:
    """Return what the base64 of a form's field says; white space in it is ignored. Raises SamlInvalid."""
    if len(text) > MOST_XML_BYTES * 4 // 3 + 4096:
        raise SamlInvalid("The identity provider's answer is too large.")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SamlInvalid("The identity provider's answer is not base64.") from error


def parsed_response(raw: bytes) -> Element:
    """Return the root of a response; raises SamlInvalid."""
    rest = _text_without_declaration(raw, MOST_XML_BYTES)
    if b"<!" in rest or b"<?" in rest:
        raise SamlInvalid(
            "The identity provider's answer contains a DOCTYPE, a comment or something else that is forbidden."
        )
    if rest.count(b"xmlns") > MOST_NAMESPACES:
        raise SamlInvalid("The identity provider's answer is too large.")
    root = _parsed(rest)
    _check_scopes(root)
    return root


def _check_scopes(root: Element) -> None:
    from lxml import etree

    n_open = 0
    for event, _ in etree.iterwalk(root, events=("start-ns", "end-ns")):
        n_open += 1 if event == "start-ns" else -1
        if n_open > MOST_IN_SCOPE:
            raise SamlInvalid("The identity provider's answer has too many namespaces in one place.")


def parsed_metadata(raw: bytes) -> Element:
    """Return the root of an identity provider's metadata, without its comments; raises SamlInvalid."""
    rest = _text_without_declaration(raw, MOST_METADATA_BYTES)
    if DEFINITION.search(rest):
        raise SamlInvalid("The metadata contains a DOCTYPE, which is forbidden.")
    return _parsed(rest)


def _text_without_declaration(raw: bytes, most: int) -> bytes:
    """Return the bytes behind `<?xml ... ?>`; raises SamlInvalid unless all of it is UTF-8."""
    if len(raw) > most:
        raise SamlInvalid("The XML is too large.")
    raw = raw.removeprefix(b"\xef\xbb\xbf").strip()
    declaration = DECLARATION.match(raw)
    rest = raw[declaration.end() :] if declaration else raw
    try:
        rest.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SamlInvalid(NOT_XML) from error
    if b"\x00" in rest or not rest.lstrip().startswith(b"<"):
        raise SamlInvalid(NOT_XML)
    return rest.lstrip()


def _parsed(rest: bytes) -> Element:
    from lxml import etree

    if rest.startswith(b"<?xml"):
        raise SamlInvalid("The XML must be in UTF-8.")
    if rest.count(b"<") > 2 * MOST_ELEMENTS:
        raise SamlInvalid("The XML is too large.")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(rest, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise SamlInvalid(NOT_XML) from error
    if root.getroottree().docinfo.doctype:
        raise SamlInvalid("The XML contains a DOCTYPE, which is forbidden.")
    return root


def check_schema(root: Element) -> None:
    """Raise SamlInvalid unless a response has the form that SAML gives it (saml-schema-protocol-2.0)."""
    schema = _protocol_schema()
    if not schema.validate(root):
        raise SamlInvalid("The identity provider's answer does not have the form that SAML 2.0 gives it.")


@lru_cache(maxsize=1)
def _protocol_schema() -> Any:
    """Read the schema once: that takes longer than everything else."""
    import onelogin.saml2
    from lxml import etree

    path = Path(onelogin.saml2.__file__).parent / "schemas" / "saml-schema-protocol-2.0.xsd"
    return etree.XMLSchema(etree.parse(path, etree.XMLParser(no_network=True)))


def text_of(element: Element) -> str:
    """Return the text of an element that has nothing else in it; raises SamlInvalid."""
    if len(element):
        raise SamlInvalid("The identity provider's answer has elements where a text should be.")
    return (element.text or "").strip()
