"""Values of attributes, in the spellings that identity providers have for them."""

from typing import Any

from parley.accounts.scim_messages.errors import InvalidResource
from parley.kernel.text.forms import normal_name, storable

MAX_EXTERNAL_ID_LENGTH = 256
MAX_TYPE_LENGTH = 32


def lowered(value: Any) -> dict[str, Any]:
    """Return an object with the names of its attributes in lower case (RFC 7643, section 2.1); raises InvalidResource."""
    if not isinstance(value, dict):
        raise InvalidResource("An object was expected.")
    return {str(name).lower(): item for name, item in value.items()}


def text_of(value: Any, name: str, most: int) -> str:
    """Return a text in the form of names, empty for null; raises InvalidResource."""
    if value is None:
        return ""
    if isinstance(value, (bool, dict, list)):
        raise InvalidResource(f"{name} must be a text.")
    text = normal_name(storable(str(value)))
    if len(text) > most:
        raise InvalidResource(f"{name} must have no more than {most} characters.")
    return text


def exact_text_of(value: Any, name: str, most: int) -> str | None:
    """Return a text as it is, None for an empty one: what identity providers compare letter by letter."""
    if value is None or value == "":
        return None
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise InvalidResource(f"{name} must be a text.")
    text = storable(str(value))
    if len(text) > most:
        raise InvalidResource(f"{name} must have no more than {most} characters.")
    return text


def boolean_of(value: Any, name: str) -> bool:
    """Return a boolean; Entra spells it as a text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise InvalidResource(f"{name} must be true or false.")


def items_of(value: Any) -> list[Any]:
    """Return the values of an attribute that has several; one alone stands for a list of it, null for none."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
