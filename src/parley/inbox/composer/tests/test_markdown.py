"""Articles as documents of the editor: what is shown keeps its formatting, and is always something that may be sent."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.conversations.messages.rich_text import written
from parley.inbox.composer.markdown import document_of
from parley.kernel.text.rich_content import html_of_rich


def html(markdown):
    return html_of_rich(document_of(markdown))


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("# Title *now*", "<p><strong>Title </strong><em><strong>now</strong></em></p>"),
        ("a **b _c_** d", "<p>a <strong>b </strong><em><strong>c</strong></em> d</p>"),
        ("a\nb  \nc", "<p>a b<br>c</p>"),
        ("`x` ~~y~~", "<p><code>x</code> <s>y</s></p>"),
        ("- a\n- b\n  - c", "<ul><li><p>a</p></li><li><p>b</p><ul><li><p>c</p></li></ul></li></ul>"),
        ("1. a", "<ol><li><p>a</p></li></ol>"),
        ("> a", "<blockquote><p>a</p></blockquote>"),
        ("```\na\n```", "<pre><code>a</code></pre>"),
        ("- ```\n  a\n  ```", "<ul><li><p><br></p><pre><code>a</code></pre></li></ul>"),
        ("|a|b|\n|-|-|\n|c|d|", "<p>a | b</p><p>c | d</p>"),
        ("[a](mailto:x@y.test)", "<p>a (mailto:x@y.test)</p>"),
        ("<b>a</b>", "<p>&lt;b&gt;a&lt;/b&gt;</p>"),
        ("***", ""),
    ],
)
def test_formatting_is_kept_as_far_as_messages_have_it(markdown, shown):
    assert html(markdown) == shown


def test_links_stay_links():
    assert 'href="https://x.test/a"' in html("[here](https://x.test/a)")
    assert "<a" not in html("[here](javascript:alert(1))")


@given(st.text(alphabet="ab*_~`[]()<>#-1. \n|>!\\:/", max_size=80))
def test_whatever_an_article_has_the_editor_can_have(markdown):
    written("", msgspec.json.encode(document_of(markdown)).decode())
