"""The documents: generated pages are fresh, and what people read names what exists."""

import re
from pathlib import Path

import pytest

from parley.accounts.api_keys.rules import SCOPES
from parley.kernel.config.variables import SETTINGS
from tools.docs import DOCS, pages

ROOT = Path(__file__).parent.parent
TEST = re.compile(r"`([\w/.]*)(?:::(test_\w+))?`")
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")
CITED = re.compile(r"\bdocs/(decisions/[0-9]{4}\b|[\w/-]+\.md)?(?:#([\w-]+))?")
CODE = re.compile(r"`([\w-]+(?:/[\w-]+)+\.py)\b")
TEST_FILE = re.compile(r"`(test_\w+\.py)\b")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
CITING = [
    path
    for folder in ("src/parley", "tests", "tools", "benchmarks")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in (".py", ".html", ".md", ".toml")
]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    headings = [
        re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", line) for line in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    ]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_there(page: Path, anchor: str) -> bool:
    return page.exists() and (not anchor or page.is_dir() or anchor in anchors(page))


@pytest.mark.parametrize("name", ["settings.md", "routes.md", "errors.md", "background.md"])
def test_a_generated_page_is_up_to_date(name):
    assert (DOCS / name).read_text() == pages()[name], "run `make docs`"


def test_each_setting_is_documented():
    text = (DOCS / "settings.md").read_text()
    assert all(f"`{setting.name}`" in text for setting in SETTINGS)


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.name)
def test_no_link_between_documents_is_dead(file):
    for target, anchor in LINK.findall(file.read_text()):
        assert is_there(file.parent / target if target else file, anchor), f"{target}#{anchor}"


def test_each_page_that_source_and_documents_cite_exists():
    missing = [
        f"{file.relative_to(ROOT)}: docs/{name}#{anchor}"
        for file in [*CITING, *DOCUMENTS]
        for name, anchor in CITED.findall(file.read_text())
        if name
        if not any(
            is_there(page, anchor) for page in DOCS.glob(name if name.endswith(".md") else f"{name}-*.md")
        )
    ]
    assert missing == []


READ_FIRST = [ROOT / name for name in ("ARCHITECTURE.md", "CONTRIBUTING.md")]
FOLDER = re.compile(r"`((?!api/)[a-z_]+(?:/[\w-]+)*/)`")


@pytest.mark.parametrize("file", [*sorted(DOCS.rglob("*.md")), *READ_FIRST], ids=lambda file: file.name)
def test_each_module_that_a_page_names_exists(file):
    named = CODE.findall(file.read_text())
    if file in READ_FIRST:
        named += FOLDER.findall(file.read_text())
    assert [
        name for name in named if not any((top / name).exists() for top in (ROOT, ROOT / "src" / "parley"))
    ] == []


def test_each_test_file_that_a_page_names_alone_exists():
    existing = {
        path.name for top in ("src", "tests", "benchmarks") for path in (ROOT / top).rglob("test_*.py")
    }
    assert [
        f"{file.name}: {name}"
        for file in DOCUMENTS
        for name in TEST_FILE.findall(file.read_text())
        if name not in existing
    ] == []


def test_the_table_of_places_to_start_names_what_exists_and_leads_to_its_lists():
    text = (ROOT / "CONTRIBUTING.md").read_text().split("### Where to start")[1]
    rows = re.findall(r"^\| (?!To change|---)([^|]*)\|([^|]*)\|$", text, re.MULTILINE)
    assert len(rows) >= 12
    for change, place in rows:
        start = re.findall(r"`((?:\w+/)+[\w.]*)`", place)
        assert all((ROOT / "src" / "parley" / path).exists() or (ROOT / path).exists() for path in start), (
            place
        )
        assert start or "`" in place or "rules.py" in place, place
        assert len(change + place) < 220
    titles = {
        title.lower().replace(" ", "-").replace("'", "")
        for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", text)) <= titles


def test_each_test_that_the_page_on_security_names_exists():
    text = (DOCS / "security.md").read_text()
    file, missing = "", []
    for named, test in TEST.findall(text):
        if not test and not named.endswith(".py"):
            continue
        file = file if named in ("", "...") else named
        found = [path for path in (ROOT / file, ROOT / "src" / "parley" / file) if path.is_file()]
        if not found or (test and f"def {test}(" not in found[0].read_text()):
            missing.append(f"{file}::{test}")
    assert not missing


def test_each_row_of_the_page_on_security_names_what_holds_it():
    rows = [line for line in (DOCS / "security.md").read_text().splitlines() if line.startswith("| ")]
    rest = [row for row in rows if "| Held by |" not in row and not row.startswith("| ---")]
    assert len(rest) > 50
    assert [row for row in rest if "test_" not in row.rsplit("|", 2)[1]] == []


def test_decision_records_are_numbered_without_gap_or_duplicate():
    files = sorted((DOCS / "decisions").glob("*.md"))
    assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
    assert [file.name for file in files if not file.read_text().startswith(f"# {int(file.name[:4])}. ")] == []


def test_keys_that_examples_ask_for_can_be_made_on_the_page():
    text = "\n".join(file.read_text() for file in DOCS.glob("*.md"))
    asked = {
        scope
        for line in re.findall(r"# a personal API key with (.*)", text)
        for scope in re.findall(r"\w+:(?:read|write)", line)
    }
    assert {"ticket:write", "webhook:write"} <= asked <= set(SCOPES)
