"""What the style sheet asks of a browser in a page with a long list."""

import re

from parley.web.static_files import asset

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
