"""What a rule gets to see of one file, and what it says about it."""

import ast
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

Function = ast.FunctionDef | ast.AsyncFunctionDef
AREAS = {
    "kernel",
    "accounts",
    "people",
    "conversations",
    "email",
    "knowledge",
    "analytics",
    "integrations",
    "inbox",
    "administration",
}
ROLES = {"routes", "pages", "jobs", "actions", "queries", "schemas", "tables", "rules", "errors", "tests"}


@dataclass(frozen=True)
class Finding:
    """One breach of one rule. `subject` is the function it is about, when it is about one."""

    path: str
    line: int
    rule: str
    text: str
    subject: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


@dataclass(frozen=True)
class Module:
    """One Python file: its path from the root of the repository, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the tree. Walking it takes longer than any check of it, and there are many checks."""
        found: list[ast.AST] = [self.tree]
        for node in found:  # which grows meanwhile; `ast.walk` takes three times as long for it
            for value in vars(node).values():
                if isinstance(value, ast.AST):
                    found.append(value)
                elif isinstance(value, list):
                    found += [one for one in value if isinstance(one, ast.AST)]
        return found

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The path inside the package, without `.py`; the whole path for files outside of it."""
        whole = PurePosixPath(self.path).with_suffix("").parts
        return whole[2:] if whole[:2] == ("src", "parley") else whole

    @property
    def is_test(self) -> bool:
        return "tests" in self.parts

    @property
    def is_source(self) -> bool:
        """Say whether this is code of the product: neither a test, nor a tool, nor a migration."""
        return self.path.startswith("src/parley/") and not self.is_test and self.feature != "migrations"

    @cached_property
    def feature(self) -> str:
        """The folder of the feature as a dotted name: `web`, `people.persons`; the module's own name at the top."""
        return ".".join(self.parts[: self._depth])

    @property
    def role(self) -> str:
        """The fixed file name that says what a feature's file is for: `routes`, `queries`, ..."""
        return self.parts[self._depth] if len(self.parts) > self._depth else ""

    @property
    def _depth(self) -> int:
        """How many folders lead to the feature: an area such as `people` holds features, `web` is one itself."""
        is_inside = len(self.parts) > 2 and self.parts[0] in AREAS
        return 2 if is_inside and (self.parts[0] == "kernel" or self.parts[1] not in ROLES) else 1

    def find(self, node: ast.AST, rule: str, text: str, subject: str = "") -> Finding:
        """Return a finding at this node."""
        return Finding(self.path, getattr(node, "lineno", 1), rule, text, subject)

    @cached_property
    def functions(self) -> list[Function]:
        """Every function and method, nested ones included."""
        return [node for node in self.nodes if isinstance(node, Function)]

    @cached_property
    def calls(self) -> list[ast.Call]:
        """Every call."""
        return [node for node in self.nodes if isinstance(node, ast.Call)]


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for a name or a chain of attributes, and an empty string for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def last_name(node: ast.AST) -> str:
    """Return the last part of a name or an attribute, whatever stands before it."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
