"""Images that stand in the text of a mail."""

import pytest

from parley.email.parsing.inline_images import inline_images
from parley.email.parsing.mail import parse_mail
from parley.email.parsing.schemas import ParsedAttachment, ParsedMail
from parley.email.parsing.tests.test_contents import multipart, part

LOGO = part("image/png", b"1", "Content-ID: <one@x>", "Content-Disposition: inline; filename=image.png")
PHOTO = part(
    "image/png", b"2", "Content-ID: <two%y@x>", "Content-Disposition: attachment; filename=image.png"
)
FILE = part("application/pdf", b"3", "Content-Disposition: attachment; filename=bill.pdf")


def mail_with(text: str, kind: str = "text/plain") -> ParsedMail:
    return parse_mail(multipart("related", part(kind, text.encode()), LOGO, PHOTO, FILE))


@pytest.mark.parametrize(
    ("kind", "text", "shown", "placeholders"),
    [
        ("text/plain", "See [cid:one@x] here", "See [image.png] here", ["[image.png]", None, None]),
        ("text/plain", "[CID:two%25y@x]\n[cid:one@x]", "[image.png, 2]\n[image.png]",
         ["[image.png]", "[image.png, 2]", None]),
        ("text/plain", "[image: image.png] [image: image.png] [image: image.png]",
         "[image.png] [image.png, 2] [image: image.png]", ["[image.png]", "[image.png, 2]", None]),
        ("text/plain", "[cid:nobody@x] [image: what.png]", "[image] [image: what.png]", [None, None, None]),
        ("text/plain", "no mention", "no mention", [None, None, None]),
        ("text/html", '<p>a <img src="cid:two%25y@x" alt="x"> b <img src="CID:one@x"></p>', "a [image.png, 2] b [image.png]",
         ["[image.png]", "[image.png, 2]", None]),
        ("text/html", '<p>a<img src="cid:nobody@x" alt="Logo"></p><p>[cid:one@x]</p>', "a[Logo]\n\n[image.png]",
         ["[image.png]", None, None]),
    ],
)  # fmt: skip
def test_images_have_placeholders_where_they_stand(
    kind: str, text: str, shown: str, placeholders: list[str | None]
) -> None:
    mail = mail_with(text, kind)
    assert mail.text == shown
    assert [one.placeholder for one in mail.attachments] == placeholders
    is_placed = [one is not None for one in placeholders]
    assert [one.is_inline for one in mail.attachments] == [True, *is_placed[1:]]


def test_a_placeholder_is_one_short_line_without_brackets_whatever_the_file_is_called() -> None:
    names = ["a]\n[b", "[" * 500, "\n", "x" * 500]
    files = [ParsedAttachment(name, "image/png", b"", content_id=str(at)) for at, name in enumerate(names)]
    found = inline_images(files).by_content_id
    assert list(found.values()) == ["[a b]", "[image]", "[image, 2]", f"[{'x' * 80}]"]
