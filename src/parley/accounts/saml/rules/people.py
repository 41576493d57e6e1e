"""Who an assertion is about: the address and the names, under whatever attributes identity providers send them."""

import msgspec

from parley.accounts.saml.errors import SamlInvalid
from parley.accounts.saml.rules.assertions import TRANSIENT, Assertion
from parley.kernel.errors import Invalid
from parley.kernel.network.domains import unicode_domain
from parley.kernel.network.emails import check_email

CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
EMAIL_FORMAT = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
EMAIL = (
    "email",
    "EMAIL",
    f"{CLAIMS}/emailaddress",
    "urn:oid:0.9.2342.19200300.100.1.3",
    "mail",
    "Email",
    "emailAddress",
)
FIRST_NAME = (
    "first_name",
    "FIRST_NAME",
    "firstName",
    f"{CLAIMS}/givenname",
    "urn:oid:2.5.4.42",
    "givenName",
    "FirstName",
)
LAST_NAME = (
    "last_name",
    "LAST_NAME",
    "lastName",
    f"{CLAIMS}/surname",
    "urn:oid:2.5.4.4",
    "sn",
    "surname",
    "LastName",
)
FULL_NAME = ("full_name", "FULL_NAME", "fullName", f"{CLAIMS}/name", "urn:oid:2.5.4.3", "displayName", "cn")
USER_ID = ("name_id", "NAME_ID", "nameId", "urn:oid:0.9.2342.19200300.100.1.1")
MOST_NAME = 150


class SamlPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom an identity provider vouches for. `user_id` names them there and never changes."""

    user_id: str
    email: str
    first_name: str
    last_name: str


def person_of(assertion: Assertion, domain: str) -> SamlPerson:
    """Return who it is; raises SamlInvalid without an address in this very domain (sub-domains are others)."""
    email = _email(assertion)
    if email.rpartition("@")[2] != unicode_domain(domain):
        raise SamlInvalid(
            f"The identity provider of {domain} can sign in people of {domain} only, not {email}."
        )
    first_name, last_name = _names(assertion)
    return SamlPerson(user_id=_user_id(assertion), email=email, first_name=first_name, last_name=last_name)


def _first(assertion: Assertion, names: tuple[str, ...]) -> str:
    return next((assertion.attributes[name][0] for name in names if assertion.attributes.get(name)), "")


def _email(assertion: Assertion) -> str:
    found = _first(assertion, EMAIL)
    if not found and assertion.name_id_format == EMAIL_FORMAT:
        found = assertion.name_id
    if not found:
        raise SamlInvalid(
            "The identity provider sent no e-mail address. Let it send an attribute named email."
        )
    try:
        return check_email(found)
    except Invalid as error:
        raise SamlInvalid("The identity provider sent something that is no e-mail address.") from error


def _user_id(assertion: Assertion) -> str:
    if assertion.name_id_format != TRANSIENT:
        return assertion.name_id
    found = _first(assertion, USER_ID)
    if not found:
        raise SamlInvalid(
            "The identity provider's NameID is another one each time (transient). Let it send a persistent one."
        )
    return found[:400]


def _names(assertion: Assertion) -> tuple[str, str]:
    first, last = _first(assertion, FIRST_NAME), _first(assertion, LAST_NAME)
    if not first and not last:
        first, _, last = _first(assertion, FULL_NAME).partition(" ")
    return _one_line(first), _one_line(last)


def _one_line(text: str) -> str:
    return " ".join(text.split())[:MOST_NAME]
