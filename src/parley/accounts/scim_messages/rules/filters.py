"""Filters (RFC 7644, section 3.4.2.2), read into conditions that queries know. The grammar is that of scim2-models."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from parley.accounts.scim_messages import GROUP_SCHEMA, USER_SCHEMA
from parley.kernel.text.forms import storable

if TYPE_CHECKING:
    from scim2_models.path import AttrPath, FilterNode

MAX_FILTER_LENGTH = 2000
EQUALITY = frozenset({"eq", "ne", "pr"})
TEXT = EQUALITY | {"co", "sw", "ew"}
USER_FILTERS = {
    "id": frozenset({"eq", "ne"}),
    "externalid": EQUALITY,
    "username": TEXT,
    "emails.value": TEXT,
    "name.givenname": TEXT,
    "name.familyname": TEXT,
    "active": EQUALITY,
}
"""What people can be found by: attributes, and the operators that are known for each."""
GROUP_FILTERS = {"id": frozenset({"eq", "ne"}), "externalid": EQUALITY, "displayname": TEXT}
"""The same for groups."""
MULTIPLE = ("emails", "members")


class Comparing(msgspec.Struct, frozen=True):
    """An attribute, in lower case, compared with a value; `pr` has none."""

    attribute: str
    operator: str
    value: str | bool | None = None


class AllOf(msgspec.Struct, frozen=True):
    """Every term holds."""

    terms: "tuple[Filter, ...]"


class AnyOf(msgspec.Struct, frozen=True):
    """At least one term holds."""

    terms: "tuple[Filter, ...]"


class NoneOf(msgspec.Struct, frozen=True):
    """The term doesn't hold."""

    term: "Filter"


Filter = Comparing | AllOf | AnyOf | NoneOf


class _Unsupported(Exception):
    """Some part of a filter asks for what nobody can be found by."""


def filter_of(text: str, known: dict[str, frozenset[str]]) -> Filter | None:
    """Return the condition, or None for a text that is no filter, or that asks for what isn't known.

    None must find nobody: a part that is left out could turn "nobody" into "everybody".
    """
    from scim2_models import InvalidFilterException, ScimFilter

    if len(text) > MAX_FILTER_LENGTH:
        return None
    try:
        return _condition(ScimFilter(text).ast, known)
    except (InvalidFilterException, _Unsupported):
        return None


def narrowed(found: Filter, attribute: str) -> str | None:
    """Return the value that an attribute must equal, whatever else the filter wants; None where it leaves that open."""
    if isinstance(found, Comparing):
        is_equal = found.attribute == attribute and found.operator == "eq"
        return found.value if is_equal and isinstance(found.value, str) else None
    terms = found.terms if isinstance(found, AllOf) else ()
    return next((value for term in terms if (value := narrowed(term, attribute)) is not None), None)


def _condition(node: "FilterNode", known: dict[str, frozenset[str]]) -> Filter:
    from scim2_models.path import Comparison, LogicalExpr, Not, Present, ValuePath

    match node:
        case Comparison():
            return _comparing(attribute_of(node.attr_path), node.op.value, node.value, known)
        case Present():
            return _comparing(attribute_of(node.attr_path), "pr", None, known)
        case Not():
            return NoneOf(_condition(node.expr, known))
        case LogicalExpr():
            terms = tuple(_condition(term, known) for term in node.terms)
            return AllOf(terms) if node.op.value == "and" else AnyOf(terms)
        case ValuePath():
            return _inside(attribute_of(node.attr_path) or "", node.val_filter, known)
    raise _Unsupported


def _inside(attribute: str, node: "FilterNode", known: dict[str, frozenset[str]]) -> Filter:
    """Read `emails[type eq "work" and value eq "..."]`; there is one address, whatever its type is called."""
    from scim2_models.path import Comparison, LogicalExpr

    name = attribute.removesuffix(".value")
    terms = node.terms if isinstance(node, LogicalExpr) and node.op.value == "and" else (node,)
    found = []
    for term in terms:
        if not isinstance(term, Comparison) or term.attr_path.sub_attr:
            raise _Unsupported
        if term.attr_path.attr.lower() not in ("type", "primary"):
            inner = f"{name}.{term.attr_path.attr.lower()}"
            found.append(_comparing(inner, term.op.value, term.value, known))
    if not found:
        raise _Unsupported
    return AllOf(tuple(found))


def attribute_of(path: "AttrPath") -> str | None:
    """Return the name of an attribute in lower case, with its part behind a dot; None for one of another schema."""
    if path.uri is not None and path.uri.lower() not in (USER_SCHEMA.lower(), GROUP_SCHEMA.lower()):
        return None
    name = path.attr.lower()
    if path.sub_attr:
        return f"{name}.{path.sub_attr.lower()}"
    return f"{name}.value" if name in MULTIPLE else name


def _comparing(
    attribute: str | None, operator: str, value: Any, known: dict[str, frozenset[str]]
) -> Comparing:
    if attribute is None or operator not in known.get(attribute, ()):
        raise _Unsupported
    if operator == "pr":
        return Comparing(attribute, operator)
    if attribute == "active":
        return Comparing(attribute, operator, _truth(value))
    if not isinstance(value, str):
        raise _Unsupported
    return Comparing(attribute, operator, storable(value))


def _truth(value: Any) -> bool:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise _Unsupported
    return value


def holds(found: Filter, values: dict[str, str | None]) -> bool:
    """Say whether texts by attribute satisfy a condition, letter by letter."""
    if isinstance(found, AllOf):
        return all(holds(term, values) for term in found.terms)
    if isinstance(found, AnyOf):
        return any(holds(term, values) for term in found.terms)
    if isinstance(found, NoneOf):
        return not holds(found.term, values)
    return _compares(values[found.attribute] or "", found.operator, str(found.value))


def _compares(text: str, operator: str, value: str) -> bool:
    answers = {
        "eq": text == value,
        "ne": text != value,
        "co": value in text,
        "sw": text.startswith(value),
        "ew": text.endswith(value),
        "pr": text != "",
    }
    return answers[operator]


def names_in(text: str) -> Iterable[str]:
    """Yield the attributes of the parameters `attributes` and `excludedAttributes`, in lower case, without schemas."""
    for name in text.split(","):
        plain = name.strip().lower()
        for schema in (USER_SCHEMA, GROUP_SCHEMA):
            plain = plain.removeprefix(f"{schema.lower()}:")
        if plain:
            yield plain
