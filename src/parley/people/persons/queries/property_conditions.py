"""Conditions of lists on properties, as SQL."""

from typing import Any

from sqlalchemy import ColumnElement, false, literal, or_

from parley.kernel.database.dialect import folded_holds, json_member_text
from parley.kernel.text.forms import folded
from parley.people.persons.rules.property_filters import PropertyCondition


def property_condition(properties: ColumnElement[Any], wanted: PropertyCondition) -> ColumnElement[bool]:
    """Return what a column of properties must satisfy; NULL has no property. No index serves it."""
    text = json_member_text(properties, literal(wanted.key))
    match wanted.operator:
        case "is_set":
            return text.is_not(None)
        case "is_not_set":
            return text.is_(None)
        case "is_not":
            return or_(text.is_(None), text.not_in(wanted.exact_texts))
        case "icontains":
            return or_(false(), *(folded_holds(text, folded(value)) for value in wanted.texts))
        case "not_icontains":
            some = or_(false(), *(folded_holds(text, folded(value)) for value in wanted.texts))
            return or_(text.is_(None), ~some)
    return text.in_(wanted.exact_texts)
