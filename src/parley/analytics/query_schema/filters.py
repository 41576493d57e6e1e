"""Conditions on properties as they are sent: a list, or groups of AND and OR."""

import re
from functools import lru_cache
from typing import Any

import msgspec
import re2

from parley.analytics.query_schema.dates import is_moment
from parley.analytics.query_schema.patterns import NotTranslatable, for_postgresql
from parley.analytics.query_schema.problems import problem_in
from parley.analytics.query_schema.schemas import PropertyFilter, PropertyGroup
from parley.kernel.errors import Invalid, too_long

MAX_FILTERS, MAX_VALUES, MAX_DEPTH, MAX_TEXT, MAX_PATTERN = 50, 100, 5, 1000, 200
MAX_NUMBER = 10**300
"""Of numbers written as whole ones: larger ones are no properties, and the largest have no place in a float."""
MOST_VALUES, MOST_PATTERNS = 5000, 100
"""Of a whole query: PostgreSQL takes 32,767 values in a statement, and reading a pattern costs up to 10 ms."""
NUMBER = re.compile(r"\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\s*", re.ASCII)
"""What counts as a number among texts: a plain decimal number."""


def read_properties(raw: Any, attr: str) -> PropertyGroup:
    """Read `properties`, a list or a group; raises Invalid at the place of the first problem."""
    group = _group(raw, attr, 1)
    if n_filters(group) > MAX_FILTERS:
        raise too_long(MAX_FILTERS, attr, "conditions")
    return group


def check_amount(raw: Any, attr: str) -> None:
    """Raise Invalid for a query whose conditions have more values together than stores can take, before any is read."""
    n_values, n_patterns, rest = 0, 0, [raw]
    while rest:
        part = rest.pop()
        if isinstance(part, dict):
            value, operator = part.get("value"), part.get("operator")
            n = len(value) if isinstance(value, list) else 1 if "key" in part else 0
            n_values += n
            n_patterns += n if operator in ("regex", "not_regex") else 0
            rest += part.values()
        elif isinstance(part, list):
            rest += part
    if n_values > MOST_VALUES:
        raise too_long(MOST_VALUES, attr, "values in all conditions together")
    if n_patterns > MOST_PATTERNS:
        raise too_long(MOST_PATTERNS, attr, "regular expressions")


def n_filters(group: PropertyGroup) -> int:
    """Count the conditions of a group and the groups in it."""
    return sum(n_filters(one) if isinstance(one, PropertyGroup) else 1 for one in group.values)


def _group(raw: Any, attr: str, depth: int) -> PropertyGroup:
    if isinstance(raw, list):
        return PropertyGroup("AND", _members(raw, attr, depth))
    if not isinstance(raw, dict):
        raise Invalid('Give a list of conditions, or {"type": "AND" or "OR", "values": [...]}.', attr=attr)
    type_, values = raw.get("type", "AND"), raw.get("values", [])
    if type_ not in ("AND", "OR"):
        raise Invalid("Possible are AND, OR.", code="invalid_choice", attr=f"{attr}__type")
    if not isinstance(values, list):
        raise Invalid("Expected a list of items.", attr=f"{attr}__values")
    return PropertyGroup(type_, _members(values, f"{attr}__values", depth))


def _members(raw: list[Any], attr: str, depth: int) -> tuple[PropertyFilter | PropertyGroup, ...]:
    if depth > MAX_DEPTH:
        raise Invalid(f"Groups may be nested {MAX_DEPTH} deep.", attr=attr)
    if len(raw) > MAX_FILTERS:
        raise too_long(MAX_FILTERS, attr, "conditions")
    return tuple(_member(one, f"{attr}__{n}", depth) for n, one in enumerate(raw))


def _member(raw: Any, attr: str, depth: int) -> PropertyFilter | PropertyGroup:
    if isinstance(raw, dict) and raw.get("type") in ("AND", "OR"):
        return _group(raw, attr, depth + 1)
    if not isinstance(raw, dict):
        raise Invalid("Expected a dictionary of items.", attr=attr)
    given = {name: value for name, value in raw.items() if value is not None}
    try:
        found = msgspec.convert(given, PropertyFilter)
    except msgspec.ValidationError as error:
        raise problem_in(PropertyFilter, given, attr) from error
    _check_value(found, f"{attr}__value")
    return found


def _check_value(found: PropertyFilter, attr: str) -> None:
    if found.operator in ("is_set", "is_not_set"):
        return
    values = found.values
    if not values:
        raise Invalid(f"The operator {found.operator} needs a value.", code="required", attr=attr)
    if len(values) > MAX_VALUES:
        raise too_long(MAX_VALUES, attr, "values")
    for value in values:
        _check_one(found.operator, value, attr)
    if len(values) > 1 and found.operator.startswith(("gt", "lt", "is_date")):
        raise Invalid(f"The operator {found.operator} needs one value.", attr=attr)


def _check_one(operator: str, value: Any, attr: str) -> None:
    if not isinstance(value, (str, int, float)):
        raise Invalid("Give a text, a number, true, false, or a list of them.", attr=attr)
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise too_long(MAX_TEXT, attr)
    if isinstance(value, int) and abs(value) >= MAX_NUMBER:
        raise Invalid("Give a number below 1e300.", attr=attr)
    if operator in ("gt", "gte", "lt", "lte") and not is_number(value):
        raise Invalid(f"The operator {operator} compares numbers.", attr=attr)
    if operator in ("regex", "not_regex"):
        check_pattern(value, attr)
    if "date" in operator and not (isinstance(value, str) and is_moment(value)):
        raise Invalid("Give a date such as 2026-05-31, a time of ISO 8601, or -30d.", attr=attr)


def is_number(value: Any) -> bool:
    """Say whether a value of a property counts as a number: numbers, and texts that are plain decimal ones."""
    if isinstance(value, str):
        return len(value) <= 100 and NUMBER.fullmatch(value) is not None
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def check_pattern(value: Any, attr: str) -> None:
    """Raise Invalid for what is no regular expression of RE2, whose time is linear in the text, or not of every store."""
    if not isinstance(value, str) or len(value) > MAX_PATTERN:
        raise Invalid(f"Give a regular expression of at most {MAX_PATTERN} characters.", attr=attr)
    problem = _problem_of_pattern(value)
    if problem is not None:
        raise Invalid(problem, attr=attr)


# What is stored is read anew whenever it is listed.
@lru_cache(maxsize=4096)
def _problem_of_pattern(pattern: str) -> str | None:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        re2.compile(pattern, options)
    except re2.error:
        return "This regular expression can't be read (syntax of RE2)."
    try:
        for_postgresql(pattern)
    except NotTranslatable as error:
        return f"This regular expression has what isn't supported: {error}."
    return None
