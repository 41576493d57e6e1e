"""Runs every rule over the repository and takes off what `allowed.txt` allows."""

from collections.abc import Iterator
from pathlib import Path

from tools.lint import (
    citations,
    class_names,
    clocks,
    datetimes,
    folding,
    glossary,
    guards,
    names,
    page_scripts,
    prepared,
    private_parts,
    selects,
    sizes,
    transactions,
    write_home,
)
from tools.lint.source import Finding, Module

ROOT = Path(__file__).resolve().parent.parent.parent
ALLOWED = Path(__file__).with_name("allowed.txt")
LINTED = ("src/parley", "tests", "tools", "benchmarks")
CHECKS = {
    rule.NAME: rule.check
    for rule in (
        citations,
        clocks,
        datetimes,
        folding,
        guards,
        names,
        prepared,
        private_parts,
        selects,
        sizes,
        transactions,
        write_home,
    )
}


def findings(root: Path = ROOT, allowed: str | None = None) -> list[Finding]:
    """Return what every rule finds in the repository, without what is allowed, sorted by place."""
    allowances = read_allowances(ALLOWED.read_text() if allowed is None else allowed)
    used: set[str] = set()
    left: list[Finding] = []
    for finding in all_findings(root):
        key = allowance_for(finding, allowances)
        used |= {key}
        left += [] if key else [finding]
    for key, (line, reason) in allowances.items():
        if key not in used:
            left.append(
                Finding("tools/lint/allowed.txt", line, "allowed", f"`{key}` allows nothing any more.")
            )
        if not reason:
            left.append(Finding("tools/lint/allowed.txt", line, "allowed", f"`{key}` has no reason."))
    return sorted(left, key=lambda finding: (finding.path, finding.line, finding.rule))


def all_findings(root: Path) -> Iterator[Finding]:
    """Yield what every rule finds, allowed or not."""
    paths = [path for folder in LINTED for path in sorted((root / folder).rglob("*.py"))]
    modules = [Module(path.relative_to(root).as_posix(), path.read_text()) for path in paths]
    for module in modules:
        for check in CHECKS.values():
            yield from check(module)
    yield from sizes.check_features(modules)
    yield from class_names.check_all(modules)
    yield from glossary.check_all(root, modules)
    yield from page_scripts.check_all(root)
    for template in sorted((root / "src" / "parley").rglob("templates/**/*.html")):
        yield from sizes.check_template(template.relative_to(root).as_posix(), template.read_text())


def read_allowances(text: str) -> dict[str, tuple[int, str]]:
    """Return line number and reason of each entry, by `rule path` or `rule path:function`."""
    entries: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            key, _, reason = line.partition("|")
            entries[" ".join(key.split())] = (number, reason.strip())
    return entries


def allowance_for(finding: Finding, allowances: dict[str, tuple[int, str]]) -> str:
    """Return the entry that allows this finding, or an empty string."""
    file = f"{finding.rule} {finding.path}"
    key = f"{file}:{finding.subject}" if finding.subject else file
    return key if key in allowances else ""
