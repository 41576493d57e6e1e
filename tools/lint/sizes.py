"""Files and functions stay small enough to be read in one go; STYLE.md has the sizes to aim for."""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator

from tools.lint.source import Finding, Function, Module

NAME = "sizes"
FILE, TEST_FILE, TEMPLATE, FEATURE = 300, 600, 200, 2_000
FUNCTION, HANDLER, JOB, TEST = 40, 20, 25, 40
PARAMETERS, NESTING = 7, 4
ENDPOINTS = {"routes", "pages"}
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)


def check(module: Module) -> Iterator[Finding]:
    """Yield what is too long, too deep or takes too much, in one Python file."""
    if module.feature == "migrations":
        return
    lines, most = len(module.text.splitlines()), TEST_FILE if module.is_test else FILE
    if lines > most:
        yield Finding(module.path, 1, NAME, f"This file has {lines} lines; {most} is the most.")
    for function in module.functions:
        yield from check_function(module, function)


def check_function(module: Module, function: Function) -> Iterator[Finding]:
    """Yield what is too much about one function."""
    name, most = function.name, most_lines(module, function)
    if length(function) > most:
        text = f"`{name}` has {length(function)} lines; {most} is the most for its kind."
        yield module.find(function, NAME, text, name)
    if not module.is_test and n_parameters(function) > PARAMETERS:
        text = f"`{name}` takes {n_parameters(function)} parameters; {PARAMETERS} is the most."
        yield module.find(function, NAME, text, name)
    if depth(function.body) > NESTING:
        text = f"`{name}` nests {depth(function.body)} deep; {NESTING} is the most."
        yield module.find(function, NAME, text, name)


def check_template(path: str, text: str) -> Iterator[Finding]:
    """Yield a finding when a template is too long."""
    lines = len(text.splitlines())
    if lines > TEMPLATE:
        yield Finding(path, 1, NAME, f"This template has {lines} lines; {TEMPLATE} is the most.")


def check_features(modules: Iterable[Module]) -> Iterator[Finding]:
    """Yield a finding for each feature that should be two."""
    lines: Counter[str] = Counter()
    for module in modules:
        if module.is_source and module.role:
            lines[module.feature] += len(module.text.splitlines())
    for feature, n_lines in sorted(lines.items()):
        if n_lines > FEATURE:
            path = f"src/parley/{feature.replace('.', '/')}/__init__.py"
            yield Finding(path, 1, NAME, f"This feature has {n_lines} lines; {FEATURE} is the most.")


def most_lines(module: Module, function: Function) -> int:
    """Return how long a function of this kind may be."""
    if module.is_test:
        return TEST if function.name.startswith("test_") else FUNCTION
    if module.is_source and function.decorator_list and module.role in ENDPOINTS:
        return HANDLER
    if module.is_source and function.decorator_list and module.role == "jobs":
        return JOB
    return FUNCTION


def length(function: Function) -> int:
    """Return the lines from `def` to the end, the docstring left out."""
    whole = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        whole -= (first.end_lineno or first.lineno) - first.lineno + 1
    return whole


def n_parameters(function: Function) -> int:
    """Return how many parameters a caller can give, `self` and `cls` left out."""
    given = function.args
    names = [argument.arg for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len([name for name in names if name not in {"self", "cls"}])


def depth(body: list[ast.stmt]) -> int:
    """Return how many blocks are nested in these statements; an `elif` is as deep as its `if`."""
    return max((depth_of(node) for node in body), default=0)


def depth_of(node: ast.stmt) -> int:
    """Return how many blocks this statement opens inside each other."""
    if not isinstance(node, BLOCKS):
        return 0
    inner: list[list[ast.stmt]] = [getattr(node, "body", [])]
    inner += [getattr(node, "finalbody", [])]
    inner += [case.body for case in getattr(node, "cases", [])]
    inner += [handler.body for handler in getattr(node, "handlers", [])]
    other = getattr(node, "orelse", [])
    is_elif = isinstance(node, ast.If) and len(other) == 1 and isinstance(other[0], ast.If)
    beside = depth_of(other[0]) if is_elif else 0
    inner += [] if is_elif else [other]
    return max(1 + max(depth(body) for body in inner), beside)
