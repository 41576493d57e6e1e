"""Responses that an attacker makes of a good one: each function of the table returns what is posted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from parley.accounts.saml.tests.attacks_on_parsers import PARSERS
from parley.accounts.saml.tests.attacks_on_signatures import SIGNATURES
from parley.accounts.saml.tests.identity_provider import (
    Said,
    posted,
    signed,
)


def _said(**changes: Any) -> Callable[[Said], str]:
    return lambda said: posted(signed(said.but(**changes)))


ATTACKS: dict[str, Callable[[Said], str]] = {
    attack.__name__: attack for attack in (*SIGNATURES, *PARSERS)
} | {
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
