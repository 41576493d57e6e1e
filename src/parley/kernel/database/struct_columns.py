"""The columns that fill a struct: what a query selects and what is made of its rows can't drift apart."""

from collections.abc import Sequence
from inspect import Parameter, signature
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import ColumnElement, FromClause

T = TypeVar("T", covariant=True)


class StructColumns(Generic[T]):
    """Select `columns`, and call this with a row of them (or with a longer one that begins with them).

    A field is filled by the column of its name in `source`, unless another column is given for it, or the columns of a
    struct inside. A field that has a default may have none. A field without a column is an error at import.
    """

    def __init__(
        self,
        struct: type[T],
        source: FromClause | None = None,
        **given: "ColumnElement[Any] | StructColumns[Any]",
    ) -> None:
        self._struct = struct
        self._is_optional = False
        own, inner = {}, {}
        of_struct: Any = struct
        for field in msgspec.structs.fields(of_struct):
            found = given.pop(field.name, None)
            if found is None and source is not None:
                found = source.c.get(field.name)
            if isinstance(found, StructColumns):
                inner[field.name] = found
            elif found is not None:
                own[field.name] = found
            elif field.required:
                raise TypeError(f"No column fills {struct.__name__}.{field.name}.")
        if given:
            raise TypeError(f"{struct.__name__} has no fields {', '.join(given)}.")
        self._names = tuple(own)
        self.columns: tuple[ColumnElement[Any], ...] = tuple(own.values())
        self._inner: list[tuple[str, StructColumns[Any], int, int]] = []
        for name, part in inner.items():
            start = len(self.columns)
            self.columns += part.columns
            self._inner.append((name, part, start, len(self.columns)))
        self._is_positional = not inner and self._names == _positional_names(struct)[: len(own)]

    def or_none(self) -> "StructColumns[T | None]":
        """Return the same for an outer join: where its first column is null, the struct is None."""
        made: StructColumns[T | None] = StructColumns.__new__(StructColumns)
        made.__dict__ = {**self.__dict__, "_is_optional": True}
        return made

    def __call__(self, row: Sequence[Any]) -> T:
        """Return the struct that a row fills."""
        if self._is_optional and row[0] is None:
            nothing: Any = None
            return nothing  # type: ignore[no-any-return]  # T includes None, by `or_none`
        if self._is_positional:
            return self._struct(*row[: len(self._names)])  # half the time of keywords
        values = dict(zip(self._names, row, strict=False))
        for name, part, start, end in self._inner:
            values[name] = part(row[start:end])
        return self._struct(**values)


def _positional_names(struct: type[Any]) -> tuple[str, ...]:
    """Return the fields that can be given by position, in their order."""
    parameters = signature(struct).parameters.values()
    return tuple(one.name for one in parameters if one.kind is Parameter.POSITIONAL_OR_KEYWORD)
