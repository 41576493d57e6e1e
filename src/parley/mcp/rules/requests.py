"""The request of the API that a call of a tool means."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from parley.kernel.errors import AppError
from parley.kernel.http.authorization import Principal
from parley.kernel.text.json_text import strict_json
from parley.mcp.errors import ToolProblem

PROJECT_INPUT = "project_id"
KEY_INPUT = "idempotency_key"
LONGEST_SEGMENT = 500


def check_inputs(arguments: Mapping[str, Any], known: Mapping[str, Any], required: list[str]) -> None:
    """Raise ToolProblem for an input that the tool doesn't have, or one that is missing."""
    for name in arguments:
        if name not in known:
            names = ", ".join(sorted(known))
            raise ToolProblem(f"This tool has no input `{name[:100]}`. It takes: {names}.", "invalid_input")
    for name in required:
        if arguments.get(name) is None:
            raise ToolProblem(f"The input `{name}` is required.", "required", name)


def chosen_project(principal: Principal, given: Any) -> str:
    """Return the project of a call as a path has it: the given one, else the current or the only one of the token."""
    if given is not None and given != "":
        return segment(PROJECT_INPUT, given)
    scoped = principal.scoped_projects
    if not scoped or principal.current_project_id in scoped:
        return "@current"
    if len(scoped) == 1:
        return str(next(iter(scoped)))
    numbers = ", ".join(str(one) for one in sorted(scoped)[:20])
    raise ToolProblem(
        f"This token is for several projects: give one of {numbers} as `project_id`.",
        "required",
        PROJECT_INPUT,
    )


def segment(name: str, value: Any) -> str:
    """Return an input as one part of a path; raises ToolProblem for what would be none or several."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ToolProblem(f"The input `{name}` must be a text or a number.", "invalid_input", name)
    text = str(value)[: LONGEST_SEGMENT + 1]
    is_odd = not text or text in (".", "..") or any(one in "/\\?#%" or not one.isprintable() for one in text)
    if is_odd or len(text) > LONGEST_SEGMENT:
        raise ToolProblem(f"The input `{name}` is not valid.", "invalid_input", name)
    return text


def key_of(arguments: Mapping[str, Any]) -> str | None:
    """Return the idempotency key of a call; raises ToolProblem for what is no text. Its form is the API's business."""
    key = arguments.get(KEY_INPUT)
    if key is not None and not (isinstance(key, str) and key.isascii()):
        raise ToolProblem(
            f"The input `{KEY_INPUT}` must be a text, such as a uuid.", "invalid_input", KEY_INPUT
        )
    return key


def read_texts(arguments: Mapping[str, Any], not_texts: frozenset[str]) -> dict[str, Any]:
    """Return the inputs, with JSON in place of its text where the tool takes no text.

    Many clients write objects and lists so. What isn't JSON stays, and the API says what is wrong with it.
    """
    return {
        name: _read_text(value) if name in not_texts and isinstance(value, str) else value
        for name, value in arguments.items()
    }


def _read_text(text: str) -> Any:
    try:
        return strict_json(text.encode())
    except (AppError, UnicodeEncodeError):
        return text


def query_text(arguments: Mapping[str, Any]) -> str:
    """Return the inputs as a query string. Lists and objects are JSON there, and null is left out."""
    return urlencode({name: _query_value(value) for name, value in arguments.items() if value is not None})


def _query_value(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
