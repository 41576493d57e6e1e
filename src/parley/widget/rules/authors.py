"""Under which name a visitor sees the author of a message."""

from collections.abc import Mapping
from typing import Any

DEFAULT_AI_NAME = "Assistant"


def author_name(author_type: str, traits: Mapping[str, Any], *, team_name: str | None, ai_name: str) -> str:
    """Return the name to show. `team_name` is the first name or address of the user who wrote, if one did.

    An answer of the assistant shows the assistant's name, also where a user posted it.
    """
    if author_type == "AI":
        return ai_name
    if author_type == "customer":
        return next((str(traits[key]) for key in ("name", "email") if traits.get(key)), "You")
    return team_name or "Support"


def ai_name(settings: Mapping[str, Any]) -> str:
    """Return the assistant's name in a project's settings."""
    name = settings.get("ai_assistant_name")
    return name if isinstance(name, str) and name.strip() else DEFAULT_AI_NAME
