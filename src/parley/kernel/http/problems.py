"""What is wrong with a value that msgspec doesn't convert, in the codes and words of the wire format.

msgspec says so in English, and its next release may say it otherwise. So only its yes or no counts here: the value is
walked beside its type, in the order in which msgspec reads it, to the first part that msgspec doesn't convert either.
"""

from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from parley.kernel.errors import Invalid, blank, not_a_choice, too_long

EXPECTED: tuple[tuple[Any, str], ...] = (
    (bool, "Must be a valid boolean."),
    (int, "A valid integer is required."),
    (float, "A valid number is required."),
    (str, "Not a valid string."),
    (UUID, "Must be a valid UUID."),
    (list, "Expected a list of items."),
    (dict, "Expected a dictionary of items."),
)
"""What to say of a value of the wrong type; where a field takes several types, the first of these."""


class Kind(Struct, frozen=True):
    """One of the types that a value may have; `base` is `list` for every sequence and `dict` for every object."""

    type: Any
    base: Any
    limits: tuple[Meta, ...] = ()


def problem(annotation: Any, value: Any, attr: str, *, strict: bool = False, nested: bool = False) -> Invalid:
    """Return the first problem of a value that `msgspec.convert` refuses.

    `attr` is the name of its field; `nested` says that the value is a part of what was sent for this field.
    """
    if value is None:
        return Invalid("This field may not be null.", code="null", attr=attr)
    kinds = list(_kinds(annotation))
    inner = _inner_problem(kinds, value, attr, strict=strict, nested=nested)
    return inner or Invalid(_expectation(kinds), attr=attr)


def _inner_problem(
    kinds: Sequence[Kind], value: Any, attr: str, *, strict: bool, nested: bool
) -> Invalid | None:
    """Return what is wrong with a value whose type is right, if that is the problem."""
    if isinstance(value, Mapping):
        return _problem_in_object(kinds, value, attr, strict=strict)
    if isinstance(value, (list, tuple)):
        return _problem_in_list(kinds, value, attr, strict=strict)
    for kind in kinds:
        if kind.base is Literal and _is_of_type_of_choices(kind, value, strict=strict):
            return not_a_choice(_shown(value, nested), attr)
        if kind.base is str and isinstance(value, str):
            return _wrong_length(kind, value, attr) or _unexpected(kind, attr)
        if kind.base in (int, float) and (number := _converted(kind.base, value, strict=strict)) is not None:
            return _out_of_bounds(kind, number, attr)
    return None


def _problem_in_object(
    kinds: Sequence[Kind], value: Mapping[Any, Any], attr: str, *, strict: bool
) -> Invalid | None:
    structs = [kind.type for kind in kinds if isinstance(kind.base, type) and issubclass(kind.base, Struct)]
    if structs:
        return _problem_in_struct(structs, value, attr, strict=strict)
    for kind in kinds:
        if kind.base is dict:
            _, item_type = get_args(kind.type) or (Any, Any)
            items = list(value.values())
            index = _first_refused(item_type, items, strict=strict)
            wrong = (
                None if index is None else problem(item_type, items[index], attr, strict=strict, nested=True)
            )
            return _wrong_length(kind, value, attr) or wrong
    return None


def _problem_in_struct(
    structs: Sequence[Any], value: Mapping[Any, Any], attr: str, *, strict: bool
) -> Invalid | None:
    tag = structs[0].__struct_config__.tag_field
    if tag is not None:
        if tag not in value:
            return _missing(f"{attr}__{tag}")
        if not isinstance(value[tag], str):
            return Invalid(_expectation([Kind(str, str)]), attr=f"{attr}__{tag}")
        structs = [struct for struct in structs if struct.__struct_config__.tag == value[tag]]
        if not structs:
            return Invalid("This value is not valid.", attr=f"{attr}__{tag}")
    fields = {field.encode_name: field for field in msgspec.structs.fields(structs[0])}
    for name, item in value.items():
        if name in fields and not _converts(fields[name].type, item, strict=strict):
            return problem(fields[name].type, item, f"{attr}__{name}", strict=strict, nested=True)
    if structs[0].__struct_config__.forbid_unknown_fields:
        for name in value:
            if name not in fields:
                known = ", ".join(fields)
                return Invalid(f"This field isn't known. Known are {known}.", attr=f"{attr}__{name}"[:200])
    missing = (name for name, field in fields.items() if field.required and name not in value)
    return next((_missing(f"{attr}__{name}") for name in missing), None)


def _problem_in_list(
    kinds: Sequence[Kind], value: Sequence[Any], attr: str, *, strict: bool
) -> Invalid | None:
    for kind in kinds:
        if kind.base is list:
            if wrong := _wrong_length(kind, value, attr):
                return wrong
            item_type = (get_args(kind.type) or (Any,))[0]
            index = _first_refused(item_type, value, strict=strict)
            if index is not None:
                return problem(item_type, value[index], f"{attr}__{index}", strict=strict, nested=True)
    return None


def _first_refused(item_type: Any, items: Sequence[Any], *, strict: bool) -> int | None:
    """Return the place of the first item that msgspec doesn't convert, found by halves: there may be very many."""
    low, high = 0, len(items)
    while high - low > 1:
        middle = (low + high) // 2
        if _converts(list[item_type], items[low:middle], strict=strict):
            low = middle
        else:
            high = middle
    return None if _converts(list[item_type], items[low:high], strict=strict) else low


def _is_of_type_of_choices(kind: Kind, value: Any, *, strict: bool) -> bool:
    # Elsewhere msgspec takes 1.0 for an integer, but not among choices.
    return not isinstance(value, float) and _converts(type(get_args(kind.type)[0]), value, strict=strict)


def _shown(value: Any, nested: bool) -> str:
    """Return at most a hundred characters of a wrong choice: a field's as it was sent, a part's as Python writes it."""
    return (repr(value).strip("'`") if nested else str(value))[:100]


def _missing(attr: str) -> Invalid:
    return Invalid("This field is required.", code="required", attr=attr)


def _wrong_length(kind: Kind, value: Any, attr: str) -> Invalid | None:
    unit = "characters" if kind.base is str else "elements"
    for limit in kind.limits:
        if limit.min_length is not None and len(value) < limit.min_length:
            if kind.base is str and limit.min_length == 1:
                return blank(attr)
            text = f"Ensure this field has at least {limit.min_length} {unit}."
            return Invalid(text, code="min_length", attr=attr)
        if limit.max_length is not None and len(value) > limit.max_length:
            return too_long(limit.max_length, attr, unit)
    return None


def _unexpected(kind: Kind, attr: str) -> Invalid | None:
    """Return what `Meta(extra={"expected": ...})` says of a text of another form."""
    words = [limit.extra["expected"] for limit in kind.limits if limit.extra and "expected" in limit.extra]
    return Invalid(words[0], attr=attr) if words else None


def _out_of_bounds(kind: Kind, number: float, attr: str) -> Invalid | None:
    step = 1 if kind.base is int else 0
    for limit in kind.limits:
        least = limit.ge if limit.gt is None else limit.gt + step
        if least is not None and (number < least or number == limit.gt):
            text = f"Ensure this value is greater than or equal to {kind.base(least)}."
            return Invalid(text, code="min_value", attr=attr)
        most = limit.le if limit.lt is None else limit.lt - step
        if most is not None and (number > most or number == limit.lt):
            text = f"Ensure this value is less than or equal to {kind.base(most)}."
            return Invalid(text, code="max_value", attr=attr)
    return None


def _expectation(kinds: Sequence[Kind]) -> str:
    bases = {type(get_args(kind.type)[0]) if kind.base is Literal else _plain(kind.base) for kind in kinds}
    return next((words for base, words in EXPECTED if base in bases), "This value is not valid.")


def _plain(base: Any) -> Any:
    return dict if isinstance(base, type) and issubclass(base, Struct) else base


def _kinds(annotation: Any, limits: tuple[Meta, ...] = ()) -> Iterator[Kind]:
    """Yield the types that an annotation allows, but for null."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *marks = get_args(annotation)
        yield from _kinds(inner, (*limits, *(mark for mark in marks if isinstance(mark, Meta))))
    elif origin in (Union, UnionType):
        for one in get_args(annotation):
            yield from _kinds(one, limits)
    elif annotation is not type(None):
        base = origin or annotation
        yield Kind(annotation, list if base in (tuple, set, frozenset) else base, limits)


def _converts(annotation: Any, value: Any, *, strict: bool) -> bool:
    try:
        msgspec.convert(value, annotation, strict=strict)
    except msgspec.ValidationError:
        return False
    return True


def _converted(annotation: Any, value: Any, *, strict: bool) -> Any:
    try:
        return msgspec.convert(value, annotation, strict=strict)
    except msgspec.ValidationError:
        return None
