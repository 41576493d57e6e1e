"""What a person is called, and which distinct ids name nobody."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from parley.kernel.errors import Invalid
from parley.kernel.network.emails import normal_email
from parley.kernel.text.forms import folded, normal_name, storable

DISPLAY_NAME_PROPERTIES = ("email", "Email", "name", "Name", "username", "Username", "UserName")
MAX_EMAIL = 254
MAX_SEARCH_NAME = 200
MAX_NAME = 200
INVISIBLE = (
    "Nobody could see this name. Write one with letters, or leave the field empty to take the name away."
)
CONTROLS = "The name has characters that are no text, such as a line break. Take them out."
LISTED_PROPERTIES_BYTES, MAX_LISTED_NAME = 16_384, 500
"""Of larger properties lists show only what names somebody, cut."""
MAX_READ = 4 * MAX_EMAIL
"""So much of a captured name or address is looked at: normal forms are a quarter of what was sent at the least."""

# Values that programs send when they know no id. Merging them would throw strangers together.
PLACEHOLDERS_IN_ANY_CASE = frozenset(
    (
        "anonymous",
        "guest",
        "distinctid",
        "distinct_id",
        "id",
        "not_authenticated",
        "email",
        "undefined",
        "true",
        "false",
    )
)
PLACEHOLDERS_AS_WRITTEN = frozenset(("[object Object]", "NaN", "None", "none", "null", "0"))


def display_name(properties: Mapping[str, Any], distinct_ids: Sequence[str]) -> str:
    """Return the first telling property, else a distinct id, else an empty text."""
    for key in DISPLAY_NAME_PROPERTIES:
        value = properties.get(key)
        if isinstance(value, (str, int, float)) and not isinstance(value, bool) and str(value).strip():
            return str(value)
    return distinct_ids[0] if distinct_ids else ""


def heading_name(properties: Mapping[str, Any], display: str) -> str:
    """Return what heads a page of a person: the name if one is known, else `display`, which is an address first."""
    found = properties.get("name")
    name = normal_name(storable(found[:MAX_READ])) if isinstance(found, str) else ""
    return name or display


def checked_name(text: str) -> str | None:
    """Return the name that the team gives a person as it is stored, or None to take it away; raises Invalid."""
    text = text.strip()
    if not text:
        return None
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
        raise Invalid(CONTROLS, attr="name")
    name = normal_name(text)
    if not name:
        raise Invalid(INVISIBLE, attr="name")
    if len(name) > MAX_NAME:
        raise Invalid(f"A name may have {MAX_NAME} characters. Shorten it.", attr="name")
    return name


def visitor_name(distinct_id: str) -> str:
    """Return what the team calls somebody who has told neither name nor address: the same on every page."""
    return f"Visitor {distinct_id[-6:]}"


def customer_name(
    traits: Mapping[str, Any], properties: Mapping[str, Any], *, email_from: str | None, distinct_id: str
) -> str:
    """Return what the team calls the customer of a conversation: a name if there is any, else an address, else a visitor.

    `traits` are what the page has said of them, `properties` those of their person; nothing of it is trusted.
    """
    candidates = (
        *(traits.get("name"), properties.get("name"), traits.get("email"), properties.get("email")),
        email_from,
    )
    found = next((text for text in candidates if isinstance(text, str) and text.strip()), None)
    return found.strip() if found else visitor_name(distinct_id)


def email_of(properties: Mapping[str, Any]) -> str | None:
    """Return the property `email` as look-ups want it, or None where it is no usable text."""
    value = properties.get("email")
    if not isinstance(value, str) or len(value) > MAX_READ:
        return None
    email = normal_email(value)
    return email if 0 < len(email) <= MAX_EMAIL else None


def search_name_of(properties: Mapping[str, Any]) -> str | None:
    """Return the name as searches by its beginning want it. E-mail has its own column."""
    for key in DISPLAY_NAME_PROPERTIES[2:]:
        value = properties.get(key)
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            name = search_name(str(value))
            if name:
                return name
    return None


def search_name(text: str) -> str:
    """Return a name, or the beginning of one, as it is stored for searches and looked for: folded and cut."""
    return folded(text[:MAX_READ])[:MAX_SEARCH_NAME]


def is_placeholder_id(distinct_id: str) -> bool:
    """Say whether the distinct id stands for nobody in particular, so that it must never be merged."""
    text = distinct_id.strip()
    return not text or text.lower() in PLACEHOLDERS_IN_ANY_CASE or text in PLACEHOLDERS_AS_WRITTEN
