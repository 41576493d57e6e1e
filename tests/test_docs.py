"""The documents: generated pages are fresh, and what people read names what exists."""

import re
from pathlib import Path

import pytest

from parley.kernel.settings import SETTINGS
from tools.docs import DOCS, pages

ROOT = Path(__file__).parent.parent
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#]+)")


@pytest.mark.parametrize("name", ["settings.md", "routes.md", "errors.md", "background.md"])
def test_a_generated_page_is_up_to_date(name):
    assert (DOCS / name).read_text() == pages()[name], "run `make docs`"


def test_each_setting_is_documented():
    text = (DOCS / "settings.md").read_text()
    assert all(f"`{setting.name}`" in text for setting in SETTINGS)


@pytest.mark.parametrize(
    "file", sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")]), ids=lambda file: file.name
)
def test_no_link_between_documents_is_dead(file):
    for target in LINK.findall(file.read_text()):
        assert (file.parent / target).exists(), target
