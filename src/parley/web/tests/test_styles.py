"""What the style sheet asks of a browser in a page with a long list."""

import re

from parley.web.static_files import FOLDERS, asset

AROUND_THE_LIST = (":root", "html", "body", ".inbox", ".inbox-list", ".row-item", "#main", "#list", "#rows")


def test_what_contains_the_list_looks_for_nothing_in_it():
    found = asset("app.css")
    assert found is not None
    styles = found.content.decode()
    names = "|".join(map(re.escape, AROUND_THE_LIST))
    without_script = r"@media \(scripting: ?none\) ?\{[^{}]*\{[^{}]*\}\}"
    assert re.search(without_script, styles)
    looking = re.findall(rf"(?:{names}):has\([^)]*\)", re.sub(without_script, "", styles))
    # With two thousand rows a browser drew up the styles of all of them for each letter that was typed.
    assert {one.partition(":")[0] for one in looking} == {".row-item"}


def test_no_script_makes_the_whole_page_inert():
    # A modal dialog does: 200 ms with two thousand rows. What lies over a page is shown by `overlay.js`.
    scripts = [*(FOLDERS[0]).glob("*.js"), *(FOLDERS[0].parent / "editor").glob("*.js")]
    assert scripts
    assert [script.name for script in scripts if "showModal" in script.read_text()] == []
