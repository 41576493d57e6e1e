"""No regular expression over strangers' text repeats a repetition without limit, which is what takes exponential time.

And none is compiled where it is used, so that this test sees them all.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import parley

# Python's own parser of patterns; it has no types.
opcode: Any = importlib.import_module("re._constants")
parser: Any = importlib.import_module("re._parser")
BOUNDED_BY_LENGTH = {
    "parley.kernel.network.emails.ADDRESS": 254,
    "parley.accounts.projects.rules.HOST": 253,
}
"""Patterns whose repetitions can be told apart by a letter between them, over texts of at most this length."""
USE = re.compile(r"\bre\.(?:sub|subn|match|search|fullmatch|split|findall|finditer)\(")


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    for module in pkgutil.walk_packages(parley.__path__, "parley."):
        if ".tests" in module.name or ".migrations" in module.name or module.name.endswith("__main__"):
            continue
        loaded = importlib.import_module(module.name)
        for name, value in vars(loaded).items():
            if isinstance(value, re.Pattern) and name.isupper():
                yield f"{module.name}.{name}", value


def repeats_a_repetition(parsed: Any, *, is_inside: bool = False) -> bool:
    for code, argument in parsed:
        is_endless = code in (opcode.MAX_REPEAT, opcode.MIN_REPEAT) and argument[1] is opcode.MAXREPEAT
        if is_endless and is_inside:
            return True
        for inner in _inner(code, argument):
            if repeats_a_repetition(inner, is_inside=is_inside or is_endless):
                return True
    return False


def _inner(code: Any, argument: Any) -> list[Any]:
    if code in (opcode.MAX_REPEAT, opcode.MIN_REPEAT):
        return [argument[2]]
    if code is opcode.SUBPATTERN:
        return [argument[3]]
    if code is opcode.BRANCH:
        return list(argument[1])
    if code in (opcode.ASSERT, opcode.ASSERT_NOT):
        return [argument[1]]
    return []


@pytest.mark.parametrize(
    ("pattern", "answer"),
    [("(a+)+", True), ("(?:a*b|c)*", True), ("a+b+", False), ("(?:a{1,5})+", False), ("((x|y*)?)+", True)],
)
def test_a_repeated_repetition_is_recognised(pattern, answer):
    assert repeats_a_repetition(parser.parse(pattern)) == answer


def test_no_pattern_repeats_a_repetition():
    found = {name for name, pattern in patterns() if repeats_a_repetition(parser.parse(pattern.pattern))}
    assert found <= set(BOUNDED_BY_LENGTH)
    assert len(list(patterns())) > 15


def test_patterns_are_compiled_where_the_test_sees_them():
    root = Path(parley.__file__).parent
    used = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if "tests" not in path.parts and "migrations" not in path.parts and USE.search(path.read_text())
    }
    assert used <= {
        "kernel/text/search_terms.py",
        "accounts/organizations/actions.py",
        "inbox/search_suggestions/rules.py",
        "kernel/text/excerpts.py",
    }  # literal patterns of one class, or of words that are escaped
