"""Rules of this project that no ready-made linter knows: `python -m tools.lint` checks all of them.

Each rule is a module with a `NAME` and a `check(module)` that yields findings. Why a rule exists stands in
its docstring; `tests/test_lint.py` holds a sample that passes and one that fails for each.
"""
