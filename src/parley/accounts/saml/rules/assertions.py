"""What an assertion says, for whom, and until when (saml-core 2.3 and 2.5, saml-profiles 4.1.4)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from parley.accounts.saml.errors import SamlInvalid
from parley.accounts.saml.rules.documents import ASSERTION, Element, text_of

SKEW = timedelta(seconds=60)
"""How far the clocks of the two sides may lie apart."""
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
MOST_NAME_ID = 400
NOT_ASKED_AGAIN = (
    "The identity provider did not ask you who you are (its AuthnInstant is too old), so that you have confirmed nothing. "
    "Sign out there and try again, or confirm with a password or a passkey."
)
KNOWN_CONDITIONS = frozenset({"AudienceRestriction", "OneTimeUse", "ProxyRestriction"})


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer must say of itself: `issuer` is the identity provider, `audience` and `recipient` are this site."""

    issuer: str
    audience: str
    recipient: str
    now: datetime


class Assertion(msgspec.Struct, frozen=True, kw_only=True):
    """What an identity provider says of somebody; all of it is signed. It must not be taken again before `expires_at`.

    `authenticated_at` is when the person proved to the identity provider who they are.
    """

    id: str
    name_id: str
    name_id_format: str
    in_response_to: str | None
    expires_at: datetime
    attributes: dict[str, list[str]]
    authenticated_at: datetime


def read_assertion(assertion: Element, expected: Expected) -> Assertion:
    """Return what a signed assertion says; raises SamlInvalid unless it is meant for this site, and now."""
    _check_issuer(assertion, expected.issuer)
    _check_conditions(assertion, expected)
    authenticated_at = _authenticated_at(assertion, expected.now)
    name_id, name_id_format = _name_id(assertion)
    in_response_to, expires_at = _confirmation(assertion, expected)
    return Assertion(
        id=assertion.get("ID"),
        name_id=name_id,
        name_id_format=name_id_format,
        in_response_to=in_response_to,
        expires_at=expires_at + SKEW,
        attributes=dict(_attributes(assertion)),
        authenticated_at=authenticated_at,
    )


def check_asked_again(authenticated_at: datetime, asked_at: datetime, now: datetime) -> None:
    """Raise SamlInvalid unless somebody has signed in at the identity provider since a request with ForceAuthn."""
    if not asked_at - SKEW <= authenticated_at <= now + SKEW:
        raise SamlInvalid(NOT_ASKED_AGAIN)


def _children(element: Element, *path: str) -> list[Element]:
    found: list[Element] = element.findall("/".join(f"{{{ASSERTION}}}{name}" for name in path))
    return found


def instant_of(text: str | None) -> datetime | None:
    """Return an instant of SAML, which is in UTC (saml-core 1.3.3); None without one. Raises SamlInvalid."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text.strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise SamlInvalid("The identity provider's answer has a time that cannot be read.") from error


def check_times(element: Element, now: datetime) -> None:
    """Raise SamlInvalid before NotBefore and from NotOnOrAfter on, by a clock that may be a minute off."""
    begins, ends = instant_of(element.get("NotBefore")), instant_of(element.get("NotOnOrAfter"))
    if begins is not None and now + SKEW < begins:
        raise SamlInvalid("The assertion is not valid yet. Check the clocks of both servers.")
    if ends is not None and now - SKEW >= ends:
        raise SamlInvalid(
            "The assertion is no longer valid. Try again, and check the clocks of both servers."
        )


def _check_issuer(assertion: Element, wanted: str) -> None:
    issuers = [text_of(one) for one in _children(assertion, "Issuer")]
    if issuers != [wanted]:
        raise SamlInvalid(f"The assertion is by another identity provider: {(issuers or [''])[0][:200]!r}.")


def _check_conditions(assertion: Element, expected: Expected) -> None:
    conditions = _children(assertion, "Conditions")
    if len(conditions) != 1:
        raise SamlInvalid("The assertion must say for whom it is meant (Conditions).")
    check_times(conditions[0], expected.now)
    restrictions = _children(conditions[0], "AudienceRestriction")
    audiences = [[text_of(one) for one in _children(each, "Audience")] for each in restrictions]
    if not audiences or any(expected.audience not in each for each in audiences):
        said = next((name for each in audiences for name in each), "")
        raise SamlInvalid(
            f"The assertion is meant for another audience: {said[:200]!r}. It must be {expected.audience!r}."
        )
    known = {f"{{{ASSERTION}}}{name}" for name in KNOWN_CONDITIONS}
    if any(one.tag not in known for one in conditions[0]):
        raise SamlInvalid("The assertion has a condition that Parley does not know.")


def _authenticated_at(assertion: Element, now: datetime) -> datetime:
    """Return when the person has signed in at the identity provider, at first if it names several times.

    Raises SamlInvalid where that is over, or was never.
    """
    statements = _children(assertion, "AuthnStatement")
    if not statements:
        raise SamlInvalid("The assertion does not say that somebody has signed in (AuthnStatement).")
    for one in statements:
        ends = instant_of(one.get("SessionNotOnOrAfter"))
        if ends is not None and now - SKEW >= ends:
            raise SamlInvalid(
                "What the identity provider remembers of the sign-in is over. Sign in there again."
            )
    found = [at for one in statements if (at := instant_of(one.get("AuthnInstant"))) is not None]
    if not found:
        raise SamlInvalid("The assertion does not say when somebody has signed in (AuthnInstant).")
    return min(found)


def _name_id(assertion: Element) -> tuple[str, str]:
    """Return the name of the person at the identity provider, and its format."""
    subjects = _children(assertion, "Subject")
    names = _children(assertion, "Subject", "NameID")
    if len(subjects) != 1 or len(names) != 1:
        raise SamlInvalid("The assertion must name one person (one Subject with one NameID).")
    name = text_of(names[0])
    if not name or len(name) > MOST_NAME_ID:
        raise SamlInvalid(f"The NameID of the assertion must have 1 to {MOST_NAME_ID} characters.")
    return name, names[0].get("Format", "")


def _confirmation(assertion: Element, expected: Expected) -> tuple[str | None, datetime]:
    """Return to which request the assertion answers, and until when; of several confirmations the first that holds."""
    problem = SamlInvalid(
        "The assertion does not say who may bring it (SubjectConfirmation of method bearer)."
    )
    for one in _children(assertion, "Subject", "SubjectConfirmation"):
        if one.get("Method") != BEARER:
            continue
        try:
            return _bearer(one, expected)
        except SamlInvalid as error:
            problem = error
    raise problem


def _bearer(confirmation: Element, expected: Expected) -> tuple[str | None, datetime]:
    found = _children(confirmation, "SubjectConfirmationData")
    ends = instant_of(found[0].get("NotOnOrAfter")) if found else None
    if ends is None:
        raise SamlInvalid("The assertion does not say how long it may be brought (NotOnOrAfter).")
    check_times(found[0], expected.now)
    recipient = found[0].get("Recipient")
    if recipient != expected.recipient:
        raise SamlInvalid(
            f"The assertion is meant for another recipient: {(recipient or '')[:200]!r}. It must be {expected.recipient!r}."
        )
    return found[0].get("InResponseTo"), ends


def _attributes(assertion: Element) -> Iterator[tuple[str, list[str]]]:
    """Yield names with values; what is not a plain text is left out. Of a name that comes twice the first counts."""
    seen: set[str] = set()
    for one in _children(assertion, "AttributeStatement", "Attribute"):
        name = one.get("Name", "")
        if name not in seen:
            seen.add(name)
            yield name, list(_values(_children(one, "AttributeValue")))


def _values(elements: Iterable[Element]) -> Iterator[str]:
    for element in elements:
        if not len(element) and (text := (element.text or "").strip()):
            yield text
