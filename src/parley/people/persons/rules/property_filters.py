"""The filter `properties` of the list of persons."""

from decimal import Decimal
from typing import Any, Literal

import msgspec

from parley.kernel.errors import AppError, Invalid
from parley.kernel.text.json_text import strict_json

MAX_FILTERS = 20
MAX_VALUES = 100
UNUSABLE = frozenset('"\\\x00')
"""SQLite has no way to write these inside of a path."""
Operator = Literal["exact", "is_not", "icontains", "not_icontains", "is_set", "is_not_set"]


class PersonPropertyFilter(msgspec.Struct, frozen=True):
    """A condition on one property of a person."""

    key: str
    value: Any = None
    operator: Operator | None = "exact"
    type: Literal["person"] | None = "person"

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


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def read_filters(text: str | None) -> list[PersonPropertyFilter]:
    """Read the JSON array of the query parameter; raises Invalid on `properties`."""
    if not text:
        return []
    try:
        filters = msgspec.convert(strict_json(text.encode()), list[PersonPropertyFilter])
    except (AppError, UnicodeEncodeError, msgspec.ValidationError) as error:
        raise _invalid("Give a JSON array of {key, value, operator, type: person}.") from error
    if len(filters) > MAX_FILTERS or any(len(found.texts) > MAX_VALUES for found in filters):
        raise _invalid(f"At most {MAX_FILTERS} conditions with {MAX_VALUES} values each.")
    if any(not found.key or not UNUSABLE.isdisjoint(found.key) for found in filters):
        raise _invalid("A key must have characters, and neither quotation marks nor backslashes among them.")
    return filters


def _invalid(detail: str) -> Invalid:
    return Invalid(detail, attr="properties")
