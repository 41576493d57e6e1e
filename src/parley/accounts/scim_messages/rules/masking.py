"""What the log of requests keeps: enough to see what went wrong, and nothing by which people are known."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

MAX_KEPT = 4096
"""Characters of a body that are kept."""
MAX_DEPTH = 8
MAX_ITEMS = 20
MAX_HEADER = 300
HIDDEN = "***"
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
ADDRESS = re.compile(r"[^\s@\"'<>=&,;:()\[\]]{1,64}@(?=[\w.-]{1,253})")
SAFE_HEADERS = frozenset(
    {"accept", "accept-encoding", "content-length", "content-type", "host", "user-agent"}
)
"""Header fields that are kept as they are; cookies are left out, of others only the name is kept."""
SAFE_FIELDS = frozenset(
    {
        "schemas",
        "id",
        "operations",
        "op",
        "path",
        "active",
        "primary",
        "type",
        "meta",
        "resourcetype",
        "location",
        "totalresults",
        "startindex",
        "itemsperpage",
        "resources",
        "status",
        "scimtype",
        "detail",
        "$ref",
        "emails",
        "members",
        "groups",
        "name",
    }
)
"""Fields whose values, or what is inside of them, say nothing of a person. Texts of all others are masked."""
PROVIDERS = {"okta": "okta", "entra": "entra", "microsoft": "entra", "azure": "entra", "google": "google"}
PROVIDERS |= {"onelogin": "onelogin"}


def identity_provider(user_agent: str) -> str:
    """Guess who sends from the name of its program."""
    lower = user_agent.lower()
    return next((name for part, name in PROVIDERS.items() if part in lower), "other")


def masked_text(text: str) -> str:
    """Return a text of which the first and the last letter are left; of an address its domain is, too."""
    local, at, domain = text.rpartition("@")
    if at:
        return f"{_ends(local)}@{domain}"
    return _ends(text)


def _ends(text: str) -> str:
    return f"{text[0]}{HIDDEN}{text[-1]}" if len(text) > 2 else HIDDEN


def without_addresses(text: str) -> str:
    """Return a text in which every address is masked, such as a query."""
    return ADDRESS.sub(lambda found: f"{_ends(found.group()[:-1])}@", text[:MAX_KEPT])


def masked_query(query: str) -> str:
    """Return the query of a request, decoded, with what filters compare masked."""
    return QUOTED.sub(lambda found: f'"{masked_text(found.group(1))}"', query[:MAX_KEPT])[:MAX_KEPT]


def masked_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the header fields of a request; a token never, an unknown one by its name."""
    found = {}
    for name, value in headers:
        lower = name.lower()
        if lower != "cookie":
            found[lower[:MAX_HEADER]] = value[:MAX_HEADER] if lower in SAFE_HEADERS else HIDDEN
    return dict(sorted(found.items())[:MAX_ITEMS])


def masked_body(body: Any) -> str | None:
    """Return the JSON of a body with what is known of people masked, cut where it is long."""
    if body is None:
        return None
    return msgspec.json.encode(_masked(body, "", MAX_DEPTH)).decode()[:MAX_KEPT]


def _masked(value: Any, name: str, depth: int) -> Any:
    if depth == 0 and isinstance(value, (dict, list)):
        return HIDDEN
    if isinstance(value, Mapping):
        return {
            without_addresses(str(key)[:MAX_HEADER]): _masked(item, str(key).lower(), depth - 1)
            for key, item in list(value.items())[:MAX_ITEMS]
        }
    if isinstance(value, list):
        shown = [_masked(item, name, depth - 1) for item in value[:MAX_ITEMS]]
        return [*shown, "..."] if len(value) > MAX_ITEMS else shown
    if isinstance(value, str):
        return _masked_value(value, name)
    return value if isinstance(value, (bool, int, float)) or value is None else HIDDEN


def _masked_value(text: str, name: str) -> str:
    if name in ("name", "emails", "members", "groups") or name not in SAFE_FIELDS:
        return masked_text(text)
    return masked_query(without_addresses(text))[:MAX_HEADER]
