"""Whose personal data is meant, and by what it is recognised."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

import msgspec

from parley.kernel.errors import Invalid
from parley.kernel.network.emails import normal_email
from parley.people.persons.rules.distinct_ids import MAX_LENGTH

KINDS = ("person_id", "distinct_id", "email")
NAME_ONE = "Name one person: by person_id, by distinct_id or by email."


class SubjectReference(msgspec.Struct, frozen=True):
    """How a request names the data subject; an address is in lower case."""

    kind: Literal["person_id", "distinct_id", "email"]
    text: str


def is_confirmed(given: str | None) -> bool:
    """Say whether an admin has confirmed that what is linked belongs to the same person."""
    return (given or "").lower() in ("true", "1")


def subject_reference(given: Mapping[str, Sequence[str]]) -> SubjectReference:
    """Read who is meant from a query; raises Invalid unless it names one person in one way."""
    named: list[tuple[Any, str]] = [(kind, text) for kind in KINDS for text in given.get(kind, ())]
    if len(named) != 1:
        raise Invalid(NAME_ONE, code="required" if not named else "invalid_input", attr="person_id")
    kind, text = named[0]
    text = text.strip() if kind != "distinct_id" else text
    if not text.strip() or "\x00" in text or len(text) > MAX_LENGTH:
        raise Invalid(f"This is no {kind}. {NAME_ONE}", attr=kind)
    if kind == "person_id":
        return SubjectReference(kind, str(_uuid(text)))
    if kind == "email" and "@" not in text:
        raise Invalid("Enter a valid email address.", attr=kind)
    return SubjectReference(kind, normal_email(text) if kind == "email" else text)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid("A person_id is a uuid.", attr="person_id") from error


class Identifiers(msgspec.Struct, frozen=True):
    """The texts by which somebody is known: ids as they are written, and addresses in lower case."""

    ids: frozenset[str]
    emails: frozenset[str]

    def with_ids(self, more: Iterable[Any]) -> "Identifiers":
        """Return these identifiers with more ids."""
        return Identifiers(self.ids | {str(one) for one in more}, self.emails)

    def occur_in(self, value: Any) -> bool:
        """Say whether any text inside a JSON value is one of them."""
        if isinstance(value, str):
            return value in self.ids or ("@" in value and normal_email(value) in self.emails)
        if isinstance(value, dict):
            return any(self.occur_in(name) or self.occur_in(inner) for name, inner in value.items())
        return isinstance(value, list) and any(map(self.occur_in, value))

    def removed_from(self, value: Any) -> Any:
        """Return a JSON value without them: removed from lists, with the objects that hold them there; else null."""
        if isinstance(value, list):
            return [self.removed_from(inner) for inner in value if not self._identify(inner)]
        if isinstance(value, dict):
            return {
                name: self.removed_from(inner) for name, inner in value.items() if not self.occur_in(name)
            }
        return None if isinstance(value, str) and self.occur_in(value) else value

    def _identify(self, item: Any) -> bool:
        if isinstance(item, dict):
            return any(isinstance(inner, str) and self.occur_in(inner) for inner in item.values())
        return isinstance(item, str) and self.occur_in(item)
