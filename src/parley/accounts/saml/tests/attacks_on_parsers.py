"""Responses that two parsers read differently, or that cost a parser much: each function returns what is posted."""

from lxml import etree

from parley.accounts.saml.rules.documents import PROTOCOL
from parley.accounts.saml.tests.identity_provider import (
    Said,
    posted,
    signed,
    xml_of,
)


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


PARSERS = (
    comment_in_name_id, comment_in_email, comment_in_digest, instruction_in_name_id, cdata, doctype,
    external_entity, billion_laughs, utf_16_doctype, utf_7, truncated, oversized, much_base64, deep,
    many_elements, many_namespaces, namespaces_in_one_place, many_prefixes, many_attributes, not_base64,
    no_xml, another_document,
)  # fmt: skip
