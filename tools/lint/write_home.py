"""A table is written by its own feature only; everybody else calls that feature's actions.

With one writer per table, the rules about a row stand in one file, and nobody can go around them.
"""

import ast
import re
from collections.abc import Iterator

from tools.lint.source import Finding, Module, dotted, last_name

NAME = "write-home"
WRITERS = re.compile(r"(^|_)(insert|update|delete|upsert)$")


def check(module: Module) -> Iterator[Finding]:
    """Yield each call that writes a table imported from another feature."""
    if not module.is_source or module.parts[0] == "kernel":
        return
    foreign = foreign_tables(module)
    for call in module.calls:
        table = written_table(call, foreign)
        if table:
            text = f"`{table}` belongs to another feature; call that feature's actions to change it."
            yield module.find(call, NAME, text)


def foreign_tables(module: Module) -> set[str]:
    """Return the names in this file that stand for other features' tables, or for modules of them."""
    names: set[str] = set()
    for node in module.nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}".split(".")
                if is_foreign(whole, module.feature):
                    names.add(alias.asname or alias.name)
        if isinstance(node, ast.Import):
            for alias in node.names:
                if is_foreign(alias.name.split("."), module.feature):
                    names.add(alias.asname or alias.name)
    return names


def is_foreign(whole: list[str], own_feature: str) -> bool:
    """Say whether a dotted import names another feature's `tables`, or something inside it."""
    if whole[0] != "parley" or "tables" not in whole[2:]:
        return False
    return whole[1 : whole.index("tables")] != own_feature.split(".")


def written_table(call: ast.Call, foreign: set[str]) -> str:
    """Return the foreign table that this call writes or constructs, or an empty string."""
    if dotted(call.func) in foreign:
        return dotted(call.func)
    if not WRITERS.search(last_name(call.func)):
        return ""
    owner = [call.func.value] if isinstance(call.func, ast.Attribute) else []
    for node in [*call.args, *(keyword.value for keyword in call.keywords), *owner]:
        name = dotted(node)
        if name and any(name == known or name.startswith(f"{known}.") for known in foreign):
            return name
    return ""
