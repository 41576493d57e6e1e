"""`make feature` lays out a feature that works, and that every check of the project accepts."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NEW = "conversations/canned_replies"


def run(folder: Path, *command: str) -> str:
    """Run a module of Python in the copy; return what it printed, and fail with it."""
    env = {**os.environ, "PYTHONPATH": f"{folder / 'src'}{os.pathsep}{folder}"}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=env, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The repository without what is installed, beside itself; what Python has compiled stays good."""
    for name in ("src", "tests", "tools", "docs", "benchmarks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in (
        ".importlinter",
        "pyproject.toml",
        "conftest.py",
        *(page.name for page in ROOT.glob("*.md")),
    ):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def make_room(glossary: Path) -> None:
    """Take a noun of the kernel out, for the glossary may be as long as it can be."""
    rows = glossary.read_text().splitlines(keepends=True)
    glossary.write_text("".join(row for row in rows if not row.startswith("| **throttle** |")))


@pytest.mark.slow
def test_a_new_feature_is_green_as_it_is_laid_out(copy):
    make_room(copy / "docs" / "glossary.md")
    run(copy, "tools.make_feature", "NAME=canned_replies", "AREA=conversations", "NOUN=canned_reply")
    assert "1 file already formatted" in run(
        copy, "ruff", "format", "--check", f"src/parley/{NEW}/actions.py"
    )
    run(copy, "ruff", "check", "src", "tests")
    run(copy, "tools.lint")
    tests = (f"src/parley/{NEW}", "tests/test_schema.py", "tests/test_docs.py")
    shown = run(copy, "pytest", "-q", "-p", "no:cacheprovider", "-k", "not postgresql", *tests)
    assert " passed" in shown and "failed" not in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["NAME=holidays"], "AREA must be one of"),
        (["NAME=Holidays", "AREA=people"], "NAME must be a plural"),
        (["NAME=sheep", "AREA=people"], "NAME must be a plural"),
        (["NAME=tickets", "AREA=conversations"], "is there already"),
    ],
)
def test_a_feature_that_cannot_be_is_refused_with_a_sentence(arguments, said, capsys):
    from tools.make_feature import main

    before = set(ROOT.glob("src/parley/*/*"))
    assert main(arguments) == 1
    assert said in capsys.readouterr().out
    assert set(ROOT.glob("src/parley/*/*")) == before


def test_main_knows_every_feature_and_no_two_have_one_name():
    from parley.main import FEATURES

    root = ROOT / "src" / "parley"
    names = [name.split(".")[-1] for name in FEATURES]
    assert sorted(set(names)) == sorted(names)  # templates are found by this name
    ends = {"routes", "routes.py", "pages", "pages.py", "jobs", "jobs.py", "templates"}
    folders = {path.parent for path in root.rglob("*") if path.name in ends and "tests" not in path.parts}
    found = {".".join(folder.relative_to(root).parts) for folder in folders if "kernel" not in folder.parts}
    assert found - {"", *FEATURES} == set()


def test_the_order_inside_a_feature_is_checked_in_every_feature():
    from parley.main import FEATURES

    contract = (ROOT / ".importlinter").read_text().split("[importlinter:contract:inside]")[1]
    listed = re.findall(r"^    parley\.([\w.]+)$", contract.split("layers =")[0], re.MULTILINE)
    assert set(FEATURES) - set(listed) == set()
