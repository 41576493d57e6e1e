"""Conditions on properties, as SQL. A condition on a property without a value holds only where the operator denies."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ColumnElement, and_, false, func, literal, not_, or_, true

from parley.analytics.event_source.date_conditions import date_condition
from parley.analytics.event_source.functions import (
    is_property_set,
    property_number,
    property_text,
)
from parley.analytics.event_source.text_functions import text_matches
from parley.analytics.query_schema.filters import is_number
from parley.analytics.query_schema.schemas import PropertyFilter, PropertyGroup
from parley.kernel.database.dialect import folded_holds
from parley.kernel.text.forms import folded


class AsOf(msgspec.Struct, frozen=True):
    """When a query is asked, and on whose wall clock its dates are meant."""

    zone: ZoneInfo
    now: datetime


class PropertyColumns(msgspec.Struct, frozen=True):
    """The columns with the properties of events, and of the persons who caused them; a person's are NULL without one."""

    event: Any
    person: Any = None


DENIED = {"is_not": "exact", "not_icontains": "icontains", "not_regex": "regex", "is_not_set": "is_set"}
"""What holds wherever another operator does not."""


def needs_person(*groups: PropertyGroup) -> bool:
    """Say whether any condition is on a property of the person."""
    return any(
        needs_person(one) if isinstance(one, PropertyGroup) else one.type == "person"
        for group in groups
        for one in group.values
    )


def condition_of(group: PropertyGroup, columns: PropertyColumns, as_of: AsOf) -> ColumnElement[bool]:
    """Return what events must satisfy; a group without members holds for all."""
    members = [
        condition_of(one, columns, as_of)
        if isinstance(one, PropertyGroup)
        else _condition(one, columns, as_of)
        for one in group.values
    ]
    if not members:
        return true()
    return and_(*members) if group.type == "AND" else or_(*members)


def _condition(one: PropertyFilter, columns: PropertyColumns, as_of: AsOf) -> ColumnElement[bool]:
    column = columns.person if one.type == "person" else columns.event
    denied = DENIED.get(one.operator)
    if denied:
        held = _held(msgspec.structs.replace(one, operator=denied), column, as_of)
        return not_(func.coalesce(held, false()))
    return func.coalesce(_held(one, column, as_of), false())


def _held(one: PropertyFilter, column: Any, as_of: AsOf) -> ColumnElement[Any]:
    text, number = property_text(column, one.key), property_number(column, one.key)
    match one.operator:
        case "is_set":
            return is_property_set(column, one.key)
        case "exact":
            return _equal(one, text, number)
        case "icontains":
            return or_(*(folded_holds(text, literal(folded(text_of(value)))) for value in one.values))
        case "regex":
            return or_(*(text_matches(text, value) for value in one.values))
        case "gt":
            return number > float(one.values[0])
        case "gte":
            return number >= float(one.values[0])
        case "lt":
            return number < float(one.values[0])
        case "lte":
            return number <= float(one.values[0])
    return date_condition(one, text, as_of.zone, as_of.now)


def _equal(one: PropertyFilter, text: Any, number: Any) -> ColumnElement[bool]:
    same = text.in_([text_of(value) for value in one.values])
    numbers = [float(value) for value in one.values if is_number(value)]
    return or_(same, func.coalesce(number.in_(numbers), false())) if numbers else same


def text_of(value: Any) -> str:
    """Return a value of a condition as the text that properties are compared with."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
