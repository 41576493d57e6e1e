"""One request is one transaction, and the kernel ends it; a feature that commits breaks it in two."""

import ast
from collections.abc import Iterator

from tools.lint.source import Finding, Module

NAME = "transactions"


def check(module: Module) -> Iterator[Finding]:
    """Yield each call of `commit` or `rollback` outside the kernel."""
    if not module.is_source or module.parts[0] == "kernel":
        return
    for call in module.calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr in {"commit", "rollback"}:
            yield module.find(
                call, NAME, f"`{call.func.attr}` is the kernel's; raise an error to undo a request."
            )
