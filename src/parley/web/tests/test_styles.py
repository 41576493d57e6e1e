"""What the style sheet asks of a browser in a page with a long list."""

import re

from parley.web.static_files import asset

AROUND_THE_LIST = (":root", "html", "body", ".inbox", ".inbox-list", ".row-item", "#main", "#list", "#rows")


def test_what_contains_the_list_looks_for_nothing_at_any_depth():
    found = asset("app.css")
    assert found is not None
    styles = found.content.decode()
    names = "|".join(map(re.escape, AROUND_THE_LIST))
    looking = re.findall(rf"(?:{names}):has\([^)]*\)", styles)
    # With two thousand rows a browser read all of them for each letter that was typed, which took a second.
    assert len(looking) > 2
    assert [one for one in looking if ":has(>" not in one] == []
