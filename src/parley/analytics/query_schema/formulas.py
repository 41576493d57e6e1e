"""Formulas over the series of a query, such as `A / B * 100`: numbers, series by their letters, + - * / and brackets."""

import ast
import math
import operator
import re
from collections.abc import Callable, Sequence

from parley.kernel.errors import Invalid

MAX_DEPTH = 50
WRITTEN = re.compile(r"[A-T0-9.+*/() -]+", re.ASCII)
_OPERATIONS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda left, right: left / right if right else 0.0,
}


def check_formula(text: str, n_series: int, attr: str) -> None:
    """Raise Invalid for what is no formula, or names a series that the query doesn't have."""
    letters = [chr(ord("A") + n) for n in range(n_series)]
    _check(_tree(text, attr), letters, attr, 0)


def evaluate(text: str, values: Sequence[float]) -> float:
    """Return what a checked formula gives for the value of each series; 0 for what is divided by 0 or is no number."""
    return evaluate_each(text, [[value] for value in values])[0]


def evaluate_each(text: str, rows: Sequence[Sequence[float]]) -> list[float]:
    """Return what a checked formula gives at each place of rows that are equally long, one for each series."""
    found = _values(_tree(text, "formula"), rows)
    return [value if math.isfinite(value) else 0.0 for value in found]


def _tree(text: str, attr: str) -> ast.expr:
    written = text.strip().upper()
    if not WRITTEN.fullmatch(written):
        raise _not_readable(attr)
    try:
        return ast.parse(written, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise _not_readable(attr) from error


def _check(node: ast.expr, letters: Sequence[str], attr: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Invalid("The formula is nested too deeply.", attr=attr)
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATIONS:
            _check(left, letters, attr, depth + 1)
            _check(right, letters, attr, depth + 1)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            _check(operand, letters, attr, depth + 1)
        case ast.Name(id=name):
            if name not in letters:
                possible = f"Possible are {', '.join(letters)}."
                raise Invalid(f"There is no series {name}. {possible}", code="invalid_choice", attr=attr)
        case ast.Constant(value=int() | float()):
            pass
        case _:
            raise _not_readable(attr)


def _values(node: ast.expr, rows: Sequence[Sequence[float]]) -> list[float]:
    """Return what a part of the formula gives at all places: walking it anew for each takes ten times as long."""
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            return list(map(_OPERATIONS[type(op)], _values(left, rows), _values(right, rows)))
        case ast.UnaryOp(op=op, operand=operand):
            found = _values(operand, rows)
            return [-one for one in found] if isinstance(op, ast.USub) else found
        case ast.Name(id=name):
            return list(map(float, rows[ord(name) - ord("A")]))
        case ast.Constant(value=int() | float() as number):
            return [float(number)] * len(rows[0])
    raise AssertionError("unchecked formula")


def _not_readable(attr: str) -> Invalid:
    return Invalid(
        "Give a formula of series by their letters, numbers, + - * / and ( ): A / B * 100.", attr=attr
    )
