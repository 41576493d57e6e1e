"""Strangers' text is compared by our own folding, which is the same on both databases (docs/decisions/0011-search.md)."""

import ast
from collections.abc import Iterator

from tools.lint.source import Finding, Module, dotted

NAME = "folding"
METHODS = {
    "like", "not_like", "notlike", "ilike", "not_ilike", "notilike", "icontains", "istartswith", "iendswith",
    "regexp_match", "regexp_replace",
}  # fmt: skip
FUNCTIONS = {"func.lower", "func.upper", "func.initcap", "sa.func.lower", "sa.func.upper"}


def check(module: Module) -> Iterator[Finding]:
    """Yield each comparison that leaves the case of letters to the database."""
    if not module.is_source or module.parts == ("kernel", "text", "search_terms"):
        return
    for call in module.calls:
        is_method = isinstance(call.func, ast.Attribute) and call.func.attr in METHODS
        if is_method or dotted(call.func) in FUNCTIONS:
            text = "The databases fold letters differently; compare what `kernel.text.folded` returns."
            yield module.find(call, NAME, text)
