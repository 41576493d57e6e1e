"""Which properties say who a person is: counting by them takes `person:read`, as reading persons does."""

from typing import Any

import msgspec

from parley.kernel.errors import PermissionDenied
from parley.kernel.http.authorization import Actor

PERSONAL = frozenset(
    (
        "address",
        "email",
        "emailaddress",
        "firstname",
        "fullname",
        "lastname",
        "mobile",
        "name",
        "phone",
        "phonenumber",
        "username",
    )
)
"""Their names in small letters, without anything between words: `$email`, `First name` and `phone_number` are among them."""


def check_sees_persons(actor: Actor, asked: Any, attr: str = "query") -> None:
    """Raise PermissionDenied where a query, or conditions as JSON, name who persons are and the caller may not know."""
    if actor.principal.has("person:read"):
        return
    named = personal_property_in(msgspec.to_builtins(asked))
    if named is not None:
        detail = f"API key missing required scope 'person:read': the property {named} says who somebody is."
        error = PermissionDenied(detail)
        error.attr = attr
        raise error


def personal_property_in(asked: Any) -> str | None:
    """Return the first property of persons in JSON that says who they are; None without one."""
    if isinstance(asked, dict):
        if asked.get("type") == "person":
            named = [asked.get("key"), asked.get("property")]
        else:
            named = [asked.get("breakdown")] if asked.get("breakdown_type") == "person" else []
        found = next((one for one in named if isinstance(one, str) and _is_personal(one)), None)
        parts: Any = asked.values()
    else:
        found, parts = None, asked if isinstance(asked, (list, tuple)) else ()
    return found or next(filter(None, map(personal_property_in, parts)), None)


def _is_personal(key: str) -> bool:
    return "".join(filter(str.isalnum, key.casefold())) in PERSONAL
