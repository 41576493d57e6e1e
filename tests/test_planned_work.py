"""Work that is planned ahead says how far: else it waits for a clock that was set back to come there again."""

import ast
import importlib
from pathlib import Path

import parley
from parley.kernel.jobs.registry import registry
from parley.main import modules_of_features

ROOT = Path(parley.__file__).parent


def planned() -> set[tuple[str, str]]:
    """Return the modules that plan work, with the name by which each calls it."""
    found = set()
    for file in ROOT.rglob("*.py"):
        if "tests" in file.parts or "not_before=" not in file.read_text():
            continue
        module = ".".join(("parley", *file.relative_to(ROOT).with_suffix("").parts))
        calls = (one for one in ast.walk(ast.parse(file.read_text())) if isinstance(one, ast.Call))
        for call in calls:
            is_planned = any(one.arg == "not_before" for one in call.keywords)
            if is_planned and getattr(call.func, "id", "") == "enqueue":
                found.add((module, ast.unparse(call.args[1])))
    return found


def test_all_work_that_is_planned_says_how_far_ahead():
    assert list(modules_of_features("jobs"))
    calls = planned()
    assert len(calls) >= 7
    for module, name in calls:
        worker = registry.workers[getattr(importlib.import_module(module), name)]
        assert worker.ahead_s is not None, f"{module} plans {name}"
