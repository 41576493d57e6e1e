"""The pictures in docs: each area has a page that shows one, each has words in its place, and none is left over."""

import re
from pathlib import Path

import pytest

from tests.browser.docs_pictures import DOCS, IMAGES, MOST_BYTES, PICTURES

IMAGE = re.compile(r"!\[([^\]]*)\]\(images/([^)\s]+)\)")
PAGES_OF_AREAS = {
    "accounts": "accounts.md",
    "administration": "privacy.md",
    "analytics": "dashboards.md",
    "conversations": "widget.md",
    "email": "email.md",
    "inbox": "inbox.md",
    "integrations": "integrations.md",
    "knowledge": "articles.md",
    "mcp": "mcp.md",
    "people": "capture.md",
}
# They have no pages of their own to show.
NO_PAGES = {"commands", "demo", "kernel", "migrations", "server", "web"}


def shown() -> list[tuple[str, str, str]]:
    """Return page, alternative text and file of each picture."""
    return [
        (page.name, words, file)
        for page in sorted(DOCS.glob("*.md"))
        for words, file in IMAGE.findall(page.read_text())
    ]


def test_each_area_has_a_page_with_a_picture():
    package = Path(__file__).parents[1] / "src" / "parley"
    areas = {folder.parent.name for folder in package.glob("*/__init__.py")} - NO_PAGES
    assert areas == set(PAGES_OF_AREAS), "Say here which page shows the area, or that it has no pages."
    assert set(PAGES_OF_AREAS.values()) <= {page for page, _, _ in shown()}


def test_each_picture_is_there_and_has_words_for_who_cannot_see_it():
    assert [one for one in shown() if len(one[1].split()) < 3 or not (IMAGES / one[2]).is_file()] == []


def test_no_picture_is_left_over_and_each_is_made_by_the_walk():
    files = {file.name for file in IMAGES.iterdir()}
    assert files == {file for _, _, file in shown()} == {f"{name}.png" for name in PICTURES}


@pytest.mark.parametrize("name", PICTURES)
def test_no_picture_is_large(name):
    assert (IMAGES / f"{name}.png").stat().st_size < MOST_BYTES
