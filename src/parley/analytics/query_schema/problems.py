"""What is wrong with a query, and what would be possible at that place."""

from collections.abc import Iterable
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from parley.kernel.errors import Invalid
from parley.kernel.http.problems import problem


def problem_in(struct: Any, value: Any, attr: str) -> Invalid:
    """Return the first problem of a value that is no such struct; where there are choices, it names them."""
    found = problem(struct, value, attr, strict=True, nested=True)
    if found.code == "invalid_choice" and found.attr is not None:
        choices = _choices(struct, found.attr.removeprefix(f"{attr}__").split("__"))
        if choices:
            return Invalid(
                f"{found.detail} Possible are {', '.join(choices)}.", code=found.code, attr=found.attr
            )
    return found


def unknown_kind(value: Any, possible: Iterable[str], attr: str) -> Invalid:
    """Return the error for a `kind` that is none of those which are possible there."""
    if value is None:
        detail, code = "This field is required.", "required"
    elif isinstance(value, str) and value in ("HogQLQuery", "DataVisualizationNode"):
        detail, code = "Queries in HogQL aren't supported.", "invalid_choice"
    else:
        detail, code = f'"{str(value)[:100]}" is not a valid choice.', "invalid_choice"
    return Invalid(f"{detail} Possible are {', '.join(possible)}.", code=code, attr=f"{attr}__kind")


def _choices(annotation: Any, path: list[str]) -> tuple[str, ...]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return tuple(str(one) for one in arguments)
    if origin is Annotated:
        return _choices(arguments[0], path)
    if origin in (Union, UnionType):
        return next((found for one in arguments if (found := _choices(one, path))), ())
    if origin in (tuple, list):
        return _choices(arguments[0], path[1:])
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        fields = {field.encode_name: field.type for field in msgspec.structs.fields(annotation)}
        # Names have single underscores, but one ends in front of a double one.
        return _choices(fields[path[0]], path[1:]) if path and path[0] in fields else ()
    return ()
