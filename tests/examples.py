"""Examples of the documents, run as a reader would run them: the marked blocks of a page, against a real server.

A block runs where the comment `<!-- runs -->` stands in the line before it. More lines inside that comment run before
the block and are not shown. All marked blocks of one language on a page are one program, from top to bottom.
"""

import re
import subprocess
import sys
from pathlib import Path

from tests.parley_server import Project

MARKED = re.compile(r"<!-- runs\b(.*?)-->\n```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SITE = "https://support.example.com"
TIMEOUT_S = 60
# As it is typed, curl answers with 0 whatever the server says.
STRICT = 'set -euo pipefail\ncurl() { command curl --silent --show-error --fail-with-body "$@"; }\n'


def programs(page: str) -> dict[str, str]:
    """Return the program of each language that a page has examples in."""
    found: dict[str, str] = {}
    for before, language, block in MARKED.findall(page):
        found[language] = f"{found.get(language, '')}{before.strip()}\n{block}"
    return found


def at_home(program: str, url: str, project: Project) -> str:
    """Put a server and the tokens of a project in the place of those that the documents show."""
    for start, token in (
        ("phx", project.personal_api_key),
        ("phs", project.secret_api_token),
        ("phc", project.project_token),
    ):
        program = re.sub(rf"\b{start}_(\.{{3}}|\w+)", token, program)
    return program.replace(SITE, url)


def run(language: str, program: str, folder: Path) -> str:
    """Run a program in a folder of its own and return what it said; raises AssertionError where it fails."""
    command = {"python": [sys.executable], "sh": ["bash"]}[language]
    file = folder / f"example.{language}"
    file.write_text(program if language == "python" else STRICT + program)
    done = subprocess.run(
        [*command, str(file)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )
    assert done.returncode == 0, f"{done.stdout}\n--- of ---\n{program}"
    return done.stdout
