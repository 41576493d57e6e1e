"""Markdown becomes HTML that is safe to show."""

import pytest

from parley.kernel.text.markdown import html_of

WRITTEN = """
# Returns

Within **30 days**: [a form](https://example.com/form).

- one
- two

| a | b |
| - | - |
| 1 | 2 |
"""


@pytest.mark.parametrize(
    "part",
    [
        "<h1>Returns</h1>",
        "<strong>30 days</strong>",
        '<a href="https://example.com/form" rel="noopener nofollow noreferrer">a form</a>',
        "<li>one</li>",
        "<td>2</td>",
    ],
)
def test_what_people_write_is_rendered(part):
    assert part in html_of(WRITTEN)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "![picture](https://spy.example/pixel.png)",
        "[click](javascript:alert(1))",
        "[click](data:text/html;base64,PHNjcmlwdD4=)",
        '[click](https://example.com "a\\" onmouseover=\\"alert(1)")',
        "<https://example.com/<script>alert(1)</script>>",
        "`</code><script>alert(1)</script>`",
    ],
)
def test_nothing_that_runs_or_loads_gets_through(text):
    html = html_of(text).lower()
    assert not any(part in html for part in ("<script", "<img", ' onmouseover="', 'href="j', 'href="data'))


@pytest.mark.parametrize("text", ["> " * 5_000 + "deep", "[" * 50_000, "*a_ " * 12_000, "- " * 5_000])
def test_deep_nesting_ends_early(text):
    assert len(html_of(text)) < 10 * len(text)
