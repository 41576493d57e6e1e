"""Which project a request is for."""

import re
from typing import Any

from parley.people.events.errors import TokenRefused

MAX_TOKEN = 64
KEYS = (b'"api_key"', b'"token"', b'"$token"')
STATED = re.compile(rb'[ \t\r\n]{0,9}:[ \t\r\n]{0,9}"([!#-\[\]-~]{1,64})"')
MAX_PLACES = 4
MISSING = "event submitted without an api_key"
INCONSISTENT = "batch submitted with inconsistent api_key values"


def agreed_token(whole: dict[str, Any], events: list[dict[str, Any]], of_query: str | None) -> str:
    """Return the one project token of a request; raises TokenRefused.

    The token of the whole batch comes first, then those of its events, then the one of the query string. Inside
    `properties`, `token` counts only where the event and the batch name none: elsewhere it is the user's own property.
    """
    stated = _stated(whole)
    named = [token for event in events if (token := _stated(event)) is not None]
    if stated is None and not named:
        named = [token for event in events if (token := _in_properties(event)) is not None]
    if stated is not None:
        named.append(stated)
    if not named:
        named = [] if of_query is None else [of_query]
    if not named:
        raise TokenRefused(MISSING)
    first = named[0]
    if any(token != first for token in named):
        raise TokenRefused(INCONSISTENT)
    return checked_token(first)


def checked_token(token: Any) -> str:
    """Return the token when it is well-formed, known or not; raises TokenRefused with what is wrong."""
    reason = _fault(token)
    if reason is not None:
        raise TokenRefused(f"API key is not valid: {reason}")
    return str(token)


def likely_tokens(data: bytes) -> list[str]:
    """Return what may be the project token of JSON text, found by looking at a few places instead of parsing all of it.

    Of each key these are the last place, where the token of a whole batch may stand, and the first ones. What
    `agreed_token` returns is among them unless somebody hides it.
    """
    found: dict[str, None] = {}
    for key in KEYS:
        places = [data.rfind(key)]
        while (
            len(places) < MAX_PLACES and (place := data.find(key, places[-1] + 1 if places[1:] else 0)) >= 0
        ):
            places.append(place)
        for place in places:
            stated = STATED.match(data, place + len(key)) if place >= 0 else None
            if stated:
                found[stated.group(1).decode()] = None
    return list(found)


def _fault(token: Any) -> str | None:
    if not isinstance(token, str):
        return "not_string"
    if not token.strip():
        return "empty"
    if len(token) > MAX_TOKEN:
        return "too_long"
    if not token.isascii():
        return "not_ascii"
    if "\x00" in token:
        return "null_byte"
    if token.startswith("phx_"):
        return "personal_api_key"
    return None


def _stated(fields: dict[str, Any]) -> Any:
    for name in ("api_key", "token", "$token"):
        if fields.get(name) is not None:
            return fields[name]
    return None


def _in_properties(event: dict[str, Any]) -> Any:
    properties = event.get("properties")
    return properties.get("token") if isinstance(properties, dict) else None
