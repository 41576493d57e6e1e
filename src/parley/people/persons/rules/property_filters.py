"""The filter `properties` of lists."""

from decimal import Decimal
from typing import Any, Literal, TypeVar, get_args

import msgspec

from parley.kernel.errors import AppError, Invalid
from parley.kernel.text.json_text import strict_json

MAX_FILTERS = 20
MAX_VALUES = 100
UNUSABLE = frozenset('"\\\x00')
"""SQLite has no way to write these inside of a path."""
Operator = Literal["exact", "is_not", "icontains", "not_icontains", "is_set", "is_not_set"]


class PropertyCondition(msgspec.Struct, frozen=True):
    """A condition on one property."""

    key: str
    value: Any = None
    operator: Operator | None = "exact"

    @property
    def texts(self) -> list[str]:
        """The values as text; a property matches when its own text is one of them."""
        values = self.value if isinstance(self.value, list) else [self.value]
        return [_text(value) for value in values]

    @property
    def exact_texts(self) -> list[str]:
        """The values as databases may write them: PostgreSQL has no exponents."""
        values = self.value if isinstance(self.value, list) else [self.value]
        plain = (format(Decimal(repr(value)), "f") for value in values if isinstance(value, float))
        return list(dict.fromkeys((*self.texts, *plain)))


class PersonPropertyFilter(PropertyCondition, frozen=True):
    """A condition on one property of a person."""

    type: Literal["person"] | None = "person"


class EventPropertyFilter(PropertyCondition, frozen=True):
    """A condition on one property of an event, or of the person who has its distinct id now."""

    type: Literal["event", "person"] | None = "event"


T = TypeVar("T", PersonPropertyFilter, EventPropertyFilter)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def read_filters(text: str | None, kind: type[T]) -> list[T]:
    """Read the JSON array of the query parameter; raises Invalid on `properties`."""
    if not text:
        return []
    wanted: Any = list[kind]  # type: ignore[valid-type]
    try:
        filters: list[T] = msgspec.convert(strict_json(text.encode()), wanted)
    except (AppError, UnicodeEncodeError, msgspec.ValidationError) as error:
        types = "event or person" if kind is EventPropertyFilter else "person"
        raise _invalid(
            f"Give a JSON array of {{key, value, operator, type}}. Operators are {', '.join(get_args(Operator))}; "
            f"the type is {types}."
        ) from error
    if len(filters) > MAX_FILTERS or any(len(found.texts) > MAX_VALUES for found in filters):
        raise _invalid(f"At most {MAX_FILTERS} conditions with {MAX_VALUES} values each.")
    if any(not found.key or not UNUSABLE.isdisjoint(found.key) for found in filters):
        raise _invalid("A key must have characters, and neither quotation marks nor backslashes among them.")
    return filters


def _invalid(detail: str) -> Invalid:
    return Invalid(detail, attr="properties")
