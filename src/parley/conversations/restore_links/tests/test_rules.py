"""Where a link may lead, and what its token stands behind."""

import pytest

from parley.conversations.restore_links.rules import checked_page, is_stated, page_address, spellings_of
from parley.kernel.errors import PlainError

SHOP = "https://shop.example.com"
SITE = "https://parley.example.com"


@pytest.mark.parametrize(
    ("given", "link"),
    [
        (SHOP, f"{SHOP}/?ph_conv_restore=T"),
        (f"{SHOP}/help?a=1&b=%20x#part", f"{SHOP}/help?ph_conv_restore=T&a=1&b=%20x"),
        (f"{SHOP}/?", f"{SHOP}/?ph_conv_restore=T"),
        (f"{SHOP}#a?b", f"{SHOP}/?ph_conv_restore=T"),
        ("HTTPS://Shop.Example.Com.:443/A", f"{SHOP}/A?ph_conv_restore=T"),
        ("https://me:secret@shop.example.com:8443/a@b", f"{SHOP}:8443/a@b?ph_conv_restore=T"),
        ("http://[::1]:8000/x", "http://[::1]:8000/x?ph_conv_restore=T"),
        (f"{SHOP}/?to=https://evil.test/?x", f"{SHOP}/?ph_conv_restore=T&to=https://evil.test/?x"),
        (f"{SHOP}/?ph_conv_restore=OLD&q=\\", f"{SHOP}/?ph_conv_restore=T&q=\\"),
        (f"{SHOP}/?a&ph%5Fconv%5frestore=OLD&ph_conv_restore", f"{SHOP}/?ph_conv_restore=T&a"),
    ],
)
def test_a_link_is_the_page_with_one_token_in_front_of_its_query(given, link):
    page = page_address(given)
    assert page is not None and page.with_token("T") == link


@pytest.mark.parametrize(
    "given",
    [
        "", "/help", "//shop.example.com/", "shop.example.com", "javascript:alert(1)", "ftp://shop.example.com/",
        "data:text/html,x", "https:/shop.example.com", "https:\\\\shop.example.com/", "https://", "https:///x",
        "https://shop.example.com\\@evil.test/", "https://evil.test\\.shop.example.com/",
        "https://evil.test%5C.shop.example.com/", "https://evil.test%2F.shop.example.com/",
        "https://evil.test%3F.shop.example.com/", "https://evil.test%23.shop.example.com/",
        "https://evil.test%40shop.example.com/", "https://a%40evil.test@shop.example.com/",
        "https://a@evil.test@shop.example.com/", "https://shop.example.com:99999/", "https://shop.example.com:x/",
        "https://shop.example.com/\nx", "https://shop.exa\tmple.com/", "https://shop.example.com/ x", "https://./",
        "https://shop.example.com/?a=\x7f", "https://shöp.example.com/", "https://shop.example.com/?a=é",
        "https://shop.example.com\uff0fevil.test/", "https://shop.example.com\u3002evil.test/",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_of_a_page_is_none(given):
    assert page_address(given) is None


@pytest.mark.parametrize(
    ("url", "shown_by"),
    [
        (f"{SHOP}/", None),
        (f"{SHOP}/", "null"),
        (f"{SHOP}/", "https://evil.test"),
        (f"{SHOP}/", "http://shop.example.com"),
        (f"{SHOP}/", f"{SHOP}:8443"),
        ("https://evil.test/@shop.example.com/", SHOP),
        ("https://evil.test/", SHOP),
        ("https://shop.example.com.evil.test/", SHOP),
        ("https://shop.example.com@evil.test/", SHOP),
        ("https://evil.test?@shop.example.com/", SHOP),
        ("https://evil.test#@shop.example.com/", SHOP),
    ],
)
def test_a_page_lies_where_the_request_comes_from(url, shown_by):
    with pytest.raises(PlainError) as refused:
        checked_page(url, shown_by, ["*.example.com", "evil.test"], SITE)
    assert (refused.value.status, refused.value.body) == (403, {"error": "URL must match request origin"})


@pytest.mark.parametrize(
    ("domains", "is_allowed"),
    [
        ([], False), (["", None, 5], False), (["shop.example.com"], True), (["SHOP.example.com"], True),
        (["https://shop.example.com:99/"], True), (["*.example.com"], True), (["*.shop.example.com"], True),
        (["example.com"], False), (["xshop.example.com"], False), (["*.hop.example.com"], False),
    ],
)  # fmt: skip
def test_a_page_lies_on_the_projects_domains(domains, is_allowed):
    try:
        page = checked_page(f"{SHOP}/a", f"{SHOP}/referring?page", domains, SITE)
    except PlainError as refused:
        assert (refused.status, refused.body) == (403, {"error": "URL domain not allowed"})
        assert not is_allowed
    else:
        assert is_allowed and page.path == "/a"


def test_without_domains_only_parleys_own_site_has_links():
    assert checked_page(f"{SITE}/demo", SITE, [], SITE).path == "/demo"
    for url, asking, domains in ((f"{SHOP}/", SHOP, []), (f"{SITE}/demo", SITE, ["shop.example.com"])):
        with pytest.raises(PlainError):
            checked_page(url, asking, domains, SITE)


def test_an_address_is_stated_in_any_spelling_of_it_and_in_no_other():
    assert spellings_of("ada@bücher.example") == ["ada@bücher.example", "ada@xn--bcher-kva.example"]
    for told in ("ada@bücher.example", " ADA@xn--bcher-kva.example ", "Ada@BÜCHER.example"):
        assert is_stated(told, "ada@bücher.example")
    others: list[object] = [None, 5, {"email": "ada@x.example"}, ""]
    others += ["ada@x.example.evil", "<ada@x.example>", "ada@x.example,eve@x.example"]
    for other in others:
        assert not is_stated(other, "ada@x.example")
