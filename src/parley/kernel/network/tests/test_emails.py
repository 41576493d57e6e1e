"""E-mail addresses."""

import pytest

from parley.kernel.errors import Invalid
from parley.kernel.network.emails import check_email


@pytest.mark.parametrize(
    "text", ["a@b.de", "A.B+c@Example.COM", " x@localhost ", "ö@bücher.example", "o'hara@x.ie"]
)
def test_an_address_is_trimmed_and_lower_case(text):
    assert check_email(text) == text.strip().lower()


@pytest.mark.parametrize("text", ["", " ", "a", "a@", "@b.de", "a b@c.de", "a@b@c.de", "a@-b.de", "a@b..de", ".a@b.de",
    "a..b@c.de", "a@b.de\r\nTo: x", "<a@b.de>", "a@b.de,c@d.de", "a\0@b.de", "=?u?q?a?=@b.de",
    "x" * 255 + "@b.de"])  # fmt: skip
def test_what_is_no_address_is_refused(text):
    with pytest.raises(Invalid):
        check_email(text)
