"""Which CSS selectors hide something in every browser of today."""

import pytest

from parley.accounts.projects.selectors import check_selector
from parley.kernel.errors import Invalid

GOOD = """
*
p
.address, #total > td
:not(.a, .b) a
:is(a, b) ~ c + d
tr:has(> .secret)
li:nth-child(2n+1 of .x)
[data-x="a|b != c" i], [lang|=en]
.md\\:w-1, .\\31 a, .\u00e9
/* a|b */ a:hover
"""
BAD = """
p..address[
.address,
> a
.1a
p:foo
p::before
a[b
.a {}
ns|p
[a!=b]
[a=b s]
:contains("a")
video:muted
"""


@pytest.mark.parametrize("selector", GOOD.strip().splitlines())
def test_what_browsers_understand_is_taken(selector):
    check_selector(selector, "x")


@pytest.mark.parametrize("selector", [*BAD.strip().splitlines(), ":is(" * 240, "[" * 1000])
def test_what_browsers_do_not_understand_is_refused(selector):
    with pytest.raises(Invalid, match="nothing would be hidden") as refused:
        check_selector(selector, "x")
    assert refused.value.attr == "x"
