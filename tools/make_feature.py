"""Lay out a new feature: table, migration, API, tests on both databases, documentation, and its lines elsewhere.

Usage: python -m tools.make_feature NAME=holidays AREA=conversations [NOUN=holiday] [SCOPE=ticket]

NAME is the folder and the path in the API, a plural in lower case; NOUN is its singular. What is laid out is a whole small
feature: things with a name, listed, made, shown and deleted. Change it into what you mean.
"""

import re
import subprocess
import sys
from pathlib import Path
from string import Template

from tools.lint.source import AREAS

ROOT = Path(__file__).parent.parent
TEMPLATE = Path(__file__).parent / "feature_template"
NAME = re.compile(r"[a-z]+(_[a-z]+)*")


def main(arguments: list[str]) -> int:
    """Lay the feature out and return 0, or say what is wrong and return 1."""
    given = dict(one.split("=", 1) for one in arguments if "=" in one)
    try:
        words = words_of(given)
    except ValueError as error:
        print(error)
        return 1
    lay_out(words)
    add_lines(words)
    for command in ("tools.make_migration", "tools.docs"):
        title = [f"{words['plural']}"] if command == "tools.make_migration" else []
        subprocess.run([sys.executable, "-m", command, *title], check=True, cwd=ROOT)
    for options in (["check", "--fix", "--quiet", "--select", "I"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *options, "src", "tests"], check=True, cwd=ROOT)
    print(
        f"src/parley/{words['area']}/{words['things']} is laid out. Read it, then: git add -A; make check; make test"
    )
    return 0


def words_of(given: dict[str, str]) -> dict[str, str]:
    """Return every form of the names that the templates use; raises ValueError with a sentence."""
    things, area = given.get("NAME", ""), given.get("AREA", "")
    thing = given.get("NOUN") or things.removesuffix("s")
    if not NAME.fullmatch(things) or not NAME.fullmatch(thing) or thing == things:
        raise ValueError("NAME must be a plural such as `holidays` or `canned_replies`; NOUN its singular.")
    if area not in AREAS - {"kernel"}:
        raise ValueError(f"AREA must be one of {', '.join(sorted(AREAS - {'kernel'}))}.")
    if (ROOT / "src" / "parley" / area / things).exists():
        raise ValueError(f"src/parley/{area}/{things} is there already.")
    plural, singular = things.replace("_", " "), thing.replace("_", " ")
    return {
        "things": things,
        "thing": thing,
        "THINGS": things.upper(),
        "THING": thing.upper(),
        "Things": plural.capitalize(),
        "Thing": "".join(part.capitalize() for part in thing.split("_")),
        "plural": plural,
        "Plural": plural.capitalize(),
        "Plural_title": plural.capitalize(),
        "singular": singular,
        "area": area,
        "scope": given.get("SCOPE", "ticket"),
    }


def lay_out(words: dict[str, str]) -> None:
    """Write the feature's folder and its page in docs/."""
    folder = ROOT / "src" / "parley" / words["area"] / words["things"]
    for file in sorted(TEMPLATE.rglob("*.txt")):
        name = Template(file.relative_to(TEMPLATE).as_posix().removesuffix(".txt")).substitute(words)
        target = ROOT / "docs" / f"{words['things']}.md" if name == "docs.md" else folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template(file.read_text()).substitute(words))


def add_lines(words: dict[str, str]) -> None:
    """Name the feature in main.py, .importlinter, the glossary, and what the tests make of every kind."""
    name, feature = words["things"], f"{words['area']}.{words['things']}"
    insert("src/parley/main.py", r'FEATURES = \((?:\n    "[\w.]+",)*', f'\n    "{feature}",')
    contract = rf"\[importlinter:contract:{words['area']}\](?:\n(?!layers =).*)*\nlayers ="
    if re.search(contract, (ROOT / ".importlinter").read_text()):
        insert(".importlinter", contract, f"\n    ({name})")
    insert(
        ".importlinter",
        r"\[importlinter:contract:inside\](?:\n(?!containers =).*)*\ncontainers =",
        f"\n    parley.{feature}",
    )
    row = f"| **{words['singular']}** | Say in one sentence what it is. | `{words['area']}/{name}` | `{name}/` |\n"
    glossary = ROOT / "docs" / "glossary.md"
    glossary.write_text(glossary.read_text() + row)
    thing = f'\n    Thing("{words["thing"]}_id", f"{{PROJECT}}/{name}", {{"name": "One {{unique}}"}}),'
    insert("tests/openapi_things.py", r"\nTHINGS = \(", thing)


def insert(path: str, after: str, text: str) -> None:
    """Insert a text behind the only place that the pattern matches."""
    file = ROOT / path
    old = file.read_text()
    [place] = [found.end() for found in re.finditer(after, old)]
    file.write_text(old[:place] + text + old[place:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
