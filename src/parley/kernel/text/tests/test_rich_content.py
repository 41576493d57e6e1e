"""Rich content as mail shows it: the nodes of the widget, and nothing that anybody has stored besides."""

import pytest

from parley.kernel.text.rich_content import html_of_rich, html_of_text, page_html_of_rich, text_of_rich


def doc(*nodes):
    return {"type": "doc", "content": list(nodes)}


def paragraph(*inside):
    return {"type": "paragraph", "content": list(inside)}


def text(words, *marks):
    return {"type": "text", "text": words, "marks": list(marks)}


def link(address):
    return {"type": "link", "attrs": {"href": address, "onclick": "alert(1)"}}


ITEM = {"type": "listItem", "content": [paragraph(text("One"))]}


@pytest.mark.parametrize(
    ("node", "html", "plain"),
    [
        (paragraph(text("Hi")), "<p>Hi</p>", "Hi"),
        (paragraph(text("a"), {"type": "hardBreak"}, text("b")), "<p>a<br>b</p>", "a\nb"),
        (paragraph(), "<p><br></p>", ""),
        (paragraph(text("b", {"type": "bold"}, {"type": "italic"})), "<p><em><strong>b</strong></em></p>", "b"),
        (
            paragraph(text("here", link("https://a.example/?x=1&y=2"))),
            '<p><a href="https://a.example/?x=1&amp;y=2" rel="noopener noreferrer">here</a></p>',
            "here (https://a.example/?x=1&y=2)",
        ),
        ({"type": "bulletList", "content": [ITEM, ITEM]}, "<ul><li><p>One</p></li><li><p>One</p></li></ul>", "- One\n- One"),
        ({"type": "orderedList", "content": [ITEM]}, "<ol><li><p>One</p></li></ol>", "1. One"),
        ({"type": "blockquote", "content": [paragraph(text("q"))]}, "<blockquote><p>q</p></blockquote>", "> q"),
        ({"type": "codeBlock", "content": [text("<b>")]}, "<pre><code>&lt;b&gt;</code></pre>", "<b>"),
        ({"type": "heading", "attrs": {"level": 9}, "content": [text("H")]}, "<h6>H</h6>", "H"),
        ({"type": "heading", "attrs": {"level": "1><script>"}, "content": [text("H")]}, "<h1>H</h1>", "H"),
        ({"type": "horizontalRule"}, "<hr>", "---"),
        ({"type": "image", "attrs": {"src": "https://a.example/i.png", "alt": '"><b>'}},
         '<img src="https://a.example/i.png" alt="&quot;&gt;&lt;b&gt;">', '["><b>: https://a.example/i.png]'),
    ],
)  # fmt: skip
def test_nodes_and_marks(node, html, plain):
    assert (html_of_rich(doc(node)), text_of_rich(doc(node))) == (html, plain)


@pytest.mark.parametrize(
    "node",
    [
        paragraph(text("<script>alert(1)</script>")),
        paragraph(text("x", link("javascript:alert(1)"))),
        paragraph(text("x", link("https://bank.example@evil.example"))),
        paragraph(text("x", link('https://a.example/"onmouseover="x'))),
        {"type": "image", "attrs": {"src": "data:text/html,<script>"}},
        {"type": "script", "content": [text("x")]},
        {"type": "paragraph", "attrs": {"style": "x", "onclick": "x"}, "content": [text("x")]},
        {"type": "iframe", "attrs": {"src": "https://evil.example"}},
    ],
)
def test_nothing_stored_becomes_markup_of_its_own(node):
    html = html_of_rich(doc(node))
    for bad in (
        "<script",
        "javascript:",
        "evil.example",
        "onclick",
        '"onmouseover',
        "data:",
        "<iframe",
        "style=",
    ):
        assert bad not in html


@pytest.mark.parametrize(
    "rich",
    [None, [], "x", {}, {"type": 1}, {"type": "doc", "content": "x"}, doc("x"), doc({"type": "text", "text": 5}),
     doc({"type": "text", "text": "x", "marks": {"type": "bold"}}), doc({"type": ["a"]}),
     doc({"type": "image", "attrs": 3})],
)  # fmt: skip
def test_what_makes_no_sense_shows_nothing_and_breaks_nothing(rich):
    assert html_of_rich(rich) in ("", "x") and text_of_rich(rich) in ("", "x")


def test_what_is_nested_too_deep_is_left_out():
    node = text("deep")
    for _ in range(5000):
        node = {"type": "blockquote", "content": [node]}
    assert "deep" not in html_of_rich(doc(node)) and "deep" not in text_of_rich(doc(node))


def test_plain_text_keeps_its_lines_and_links_its_addresses():
    html = html_of_text("One <b>\nhttps://a.example.\n\nTwo")
    assert html.startswith('<p>One &lt;b&gt;<br><a href="https://a.example"') and html.endswith("<p>Two</p>")


@pytest.mark.parametrize(
    ("words", "is_shown"),
    [
        ("bank.example/login", True),
        ("BANK.example", True),
        ("www.bank\u200b.\u200bexample", True),
        ("bank\uff0eexample", True),
        ("https://shop.example.bank", True),
        ("https://bank.example https://shop.example/a", True),
        ("our page", False),
        ("That is all. Read on", False),
        ("shop.example", False),
        ("https://SHOP.example/a/", False),
    ],
)
def test_a_link_that_looks_like_another_address_shows_where_it_leads(words, is_shown):
    html = page_html_of_rich(doc(paragraph(text(words, link("https://shop.example/a?b=%22&c")))))
    assert ("</a> (https://shop.example/a?b=%22&amp;c)" in html) is is_shown
