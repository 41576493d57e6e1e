"""SQL functions of funnels, which the stores of events spell differently."""

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import BigInteger, Boolean, Text

SHIFT_US = 200_000_000_000_000_000
DIGITS = 18
"""Added to microseconds since 1970, this makes every moment of the calendar a number of so many digits."""


class has_bit(GenericFunction[bool]):
    """The condition that a whole number has a bit: `has_bit(column, 4)`."""

    type = Boolean()
    inherit_cache = True
    _is_implicitly_boolean = True


@compiles(has_bit, "postgresql")
@compiles(has_bit, "sqlite")
def _has_bit(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    number, bit = (compiler.process(one, **options) for one in element.clauses)
    return f"(({number} & {bit}) <> 0)"


@compiles(has_bit)
def _has_bit_clickhouse(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    number, bit = (compiler.process(one, **options) for one in element.clauses)
    return f"(bitAnd({number}, {bit}) <> 0)"


class whole_part(GenericFunction[int]):
    """How often one whole number goes into another, none below 0: `whole_part(number, divisor)`."""

    type = BigInteger()
    inherit_cache = True


@compiles(whole_part, "postgresql")
@compiles(whole_part, "sqlite")
def _whole_part(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    number, divisor = (compiler.process(one, **options) for one in element.clauses)
    return f"(({number}) / ({divisor}))"


@compiles(whole_part)
def _whole_part_clickhouse(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    number, divisor = (compiler.process(one, **options) for one in element.clauses)
    return f"intDiv({number}, {divisor})"


class digits_of(GenericFunction[str]):
    """Microseconds as a text of DIGITS digits, which sorts like the number: `digits_of(column)`."""

    type = Text()
    inherit_cache = True


@compiles(digits_of, "postgresql")
def _digits_postgresql(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    # Compared by bytes, which is fastest.
    return f'(CAST({compiler.process(element.clauses, **options)} + {SHIFT_US} AS TEXT) COLLATE "C")'


@compiles(digits_of, "sqlite")
def _digits_sqlite(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} + {SHIFT_US} AS TEXT)"


@compiles(digits_of)
def _digits_clickhouse(element: Any, compiler: SQLCompiler, **options: Any) -> str:
    return f"toString({compiler.process(element.clauses, **options)} + {SHIFT_US})"
