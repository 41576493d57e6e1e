"""Which part is the text, which are files, and how charsets and encodings that lie are read."""

import base64
import binascii

import pytest

from parley.email.parsing.mail import parse_mail
from parley.email.parsing.schemas import ParsedMail

PLAIN = ("text/plain", b"plain text")
HTML = ("text/html", b"<p>html <b>text</b></p>")


def part(content_type: str, content: bytes, *fields: str) -> bytes:
    lines = "".join(f"{field}\r\n" for field in fields)
    return f"Content-Type: {content_type}\r\n{lines}\r\n".encode() + content


def multipart(kind: str, *parts: bytes, boundary: str = "b", extra: str = "") -> bytes:
    inner = b"".join(b"\r\n--" + boundary.encode() + b"\r\n" + one for one in parts)
    return part(f'multipart/{kind}; boundary="{boundary}"{extra}', inner + f"\r\n--{boundary}--\r\n".encode())


def names(mail: ParsedMail) -> list[str]:
    return [file.name for file in mail.attachments]


def test_of_an_alternative_the_text_and_the_html_are_kept() -> None:
    mail = parse_mail(multipart("alternative", part(*PLAIN), part(*HTML)))
    assert (mail.text, mail.html) == ("plain text", "<p>html <b>text</b></p>")


def test_html_alone_or_beside_an_empty_text_is_turned_into_text() -> None:
    for raw in (part(*HTML), multipart("alternative", part("text/plain", b" \r\n"), part(*HTML))):
        assert parse_mail(raw).text == "html text"


def test_images_of_html_and_files_are_told_apart() -> None:
    image = part("image/png", b"png", "Content-ID: <one@x>", "Content-Disposition: inline; filename=logo.png")
    related = multipart("related", part("text/html", b'<img src="cid:one@x">'), image, boundary="r")
    alternative = multipart("alternative", part(*PLAIN), related, boundary="a")
    pdf = part("application/pdf", b"pdf", "Content-Disposition: attachment; filename=bill.pdf")
    mail = parse_mail(multipart("mixed", alternative, pdf))
    assert mail.html == '<img src="cid:one@x">'
    assert [(file.name, file.content_id, file.is_inline, file.content) for file in mail.attachments] == [
        ("logo.png", "one@x", True, b"png"),
        ("bill.pdf", None, False, b"pdf"),
    ]


def test_texts_beside_each_other_are_all_read_in_their_order() -> None:
    mail = parse_mail(multipart("mixed", part(*PLAIN), part(*HTML), part("text/plain", b"footer <x>")))
    assert mail.text == "plain text\nhtml text\nfooter <x>"
    assert mail.html is not None and mail.html.endswith("<div>footer &lt;x&gt;</div>")


@pytest.mark.parametrize(
    ("content_type", "name"),
    [
        ("message/rfc822", "message.eml"),
        ("application/ms-tnef", "winmail.dat"),
        ("application/pkcs7-mime; smime-type=enveloped-data", "smime.p7m"),
        ("application/pgp-encrypted", "version.asc"),
        ("text/calendar; method=REQUEST", "invite.ics"),
        ("application/x-unheard-of", "file"),
        ("image/png; name*=utf-8''%E2%82%AC.png", "€.png"),
        ("image/png; name*0*=utf-8''%E2; name*1*=%82%AC; name*2=.png", "€.png"),
        ("image/png; name==?utf-8?Q?=E2=82=AC.png?=", "€.png"),
        ('image/png; name="../../etc/passwd"', "../../etc/passwd"),
    ],
)
def test_what_is_no_text_is_a_file_with_a_name(content_type: str, name: str) -> None:
    mail = parse_mail(multipart("mixed", part(*PLAIN), part(content_type, b"content")))
    assert (mail.text, names(mail)) == ("plain text", [name])
    assert mail.attachments[0].content == b"content"


def test_a_mail_inside_a_mail_stays_byte_for_byte() -> None:
    inner = b"Subject: inner\nX: \xe4\r\n\r\n" + multipart("mixed", part(*PLAIN), boundary="i")
    mail = parse_mail(multipart("mixed", part(*PLAIN), part("message/rfc822", inner)))
    assert mail.attachments[0].content == inner


def test_signed_mail_is_read_and_encrypted_mail_is_kept() -> None:
    signature = part("application/pgp-signature", b"sig")
    assert names(parse_mail(multipart("signed", part(*PLAIN), signature))) == ["signature.asc"]
    encrypted = multipart(
        "encrypted", part("application/pgp-encrypted", b"1"), part("application/octet-stream", b"x")
    )
    assert (parse_mail(encrypted).text, names(parse_mail(encrypted))) == ("", ["version.asc", "file"])


def test_files_in_the_text_from_before_mime_are_taken_out() -> None:
    lines = b"".join(binascii.b2a_uu(b"hello world" * 3) for _ in range(3))
    raw = b"Subject: x\n\nbefore\nbegin 644 notes.txt\n" + lines + b"`\nend\nafter\nbegin 1 of 2\n"
    mail = parse_mail(raw)
    assert mail.text == "before\nafter\nbegin 1 of 2"
    assert [(file.name, file.content) for file in mail.attachments] == [("notes.txt", b"hello world" * 9)]


@pytest.mark.parametrize(
    ("charset", "content", "text"),
    [
        ("utf-8", "grüße".encode(), "grüße"),
        ("utf-8", "grüße".encode("cp1252"), "grüße"),
        ("us-ascii", "grüße".encode(), "grüße"),
        ("iso-8859-1", b"\x80 5", "€ 5"),
        ("no-such", "grüße".encode(), "grüße"),
        ("base64", b"text", "text"),
        ("idna", b"text", "text"),
        ("unicode_escape", rb"\u0041", r"\u0041"),
        ("gb2312", "汉字".encode("gb18030"), "汉字"),
        ("ks_c_5601-1987", "한국".encode("cp949"), "한국"),
        ("iso-2022-jp", "日本".encode("iso2022_jp"), "日本"),
        ("koi8-r", "привет".encode("koi8-r"), "привет"),
        ("utf-16", "a€".encode("utf-16"), "a€"),
        ("utf-8", b"\xef\xbb\xbfbom", "bom"),
        ("utf-8", b"a\x00b", "a\ufffdb"),
        ("utf-7", b"+2AA-", "\ufffd"),
        ('"utf-8" (comment)', "ü".encode(), "ü"),
    ],
)
def test_text_is_read_in_a_charset_that_fits(charset: str, content: bytes, text: str) -> None:
    assert parse_mail(part(f"text/plain; charset={charset}", content)).text == text


@pytest.mark.parametrize(
    ("encoding", "content", "text"),
    [
        ("base64", base64.b64encode(b"hello"), "hello"),
        ("base64", b"aGVs\r\nbG8", "hello"),
        ("base64", b"!aGVsbG8=!", "hello"),
        ("base64", b"aGVsbG8=====", "hello"),
        ("base64", b"a", ""),
        ("quoted-printable", b"a=3Db=\r\nc =ZZ", "a=bc =ZZ"),
        ("QUOTED-PRINTABLE ; x", b"=41", "A"),
        ("plain", b"x", "x"),
        ("", b"x", "x"),
    ],
)
def test_content_is_decoded_as_far_as_it_can_be(encoding: str, content: bytes, text: str) -> None:
    assert parse_mail(part("text/plain", content, f"Content-Transfer-Encoding: {encoding}")).text == text


def test_flowed_paragraphs_are_joined() -> None:
    raw = part("text/plain; format=flowed", b"one \r\ntwo\r\n> a \r\n> b\r\nthree\r\n-- \r\nAda")
    assert (parse_mail(raw).body) == "one two\n> a b\nthree\n-- \nAda"


def test_boundaries_that_begin_alike_or_are_missing_do_no_harm() -> None:
    inner = multipart("alternative", part(*PLAIN), boundary="b-inner")
    assert parse_mail(multipart("mixed", inner, part(*HTML))).text == "plain text\nhtml text"
    assert parse_mail(b"Content-Type: multipart/mixed; boundary=never\r\n\r\nsome text").text == "some text"
    assert parse_mail(b"Content-Type: multipart/mixed\r\n\r\nsome text").text == "some text"
    unfinished = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nno end"
    assert parse_mail(unfinished).text == "no end"


def test_fields_with_other_bytes_have_the_charset_of_the_body() -> None:
    raw = (
        "Subject: 汉字\r\nFrom: 汉 <a@example.com>\r\nContent-Type: text/plain; charset=big5\r\n\r\nx".encode(
            "gb18030"
        )
    )
    mail = parse_mail(raw.replace(b"big5", b"gb2312"))
    assert (mail.subject, mail.from_name) == ("汉字", "汉")


def test_images_inside_of_html_become_files_of_the_mail() -> None:
    data = base64.b64encode(b"image").decode()
    html = (
        f'<p>a<img src="data:image/png;base64,{data}"><img alt=x src="data:image/svg+xml;base64,{data}"></p>'
    )
    mail = parse_mail(part("text/html", html.encode()))
    assert mail.html == '<p>a<img src="cid:image-1@inside.html"><img alt="x"></p>'
    assert [(file.name, file.content, file.is_inline) for file in mail.attachments] == [
        ("image-1.png", b"image", True)
    ]


def test_html_that_is_long_only_by_its_images_is_shown() -> None:
    data = base64.b64encode(bytes(3_000_000))
    mail = parse_mail(part("text/html", b'<p>short</p><img src="data:image/png;base64,' + data + b'">'))
    assert mail.text == "short\n\n[image-1.png]"
    assert [len(file.content) for file in mail.attachments] == [3_000_000]


ADA = "Ada &lt;<a href='mailto:ada@example.com'>ada@example.com</a>&gt;"
ANSWERS = {
    "Gmail": f"""<div dir="ltr">New text</div><br><div class="gmail_quote"><div class="gmail_attr">On Mon, 2 Nov 2026
        at 10:00, {ADA} wrote:<br></div><blockquote><div>Old text</div></blockquote></div>""",
    "Apple": f"""<div>New text</div><div><br><blockquote type="cite"><div>On 2 Nov 2026, at 10:00, {ADA} wrote:</div>
        <div>Old text</div></blockquote></div>""",
    "Outlook": f"""<p>New text</p><div style='border-top:solid 1pt'><p><b>From:</b> {ADA}<br><b>Sent:</b> Monday<br>
        <b>To:</b> b<br><b>Subject:</b> x</p></div><p>Old text</p>""",
    "Hotmail": f"""<div>New text</div><hr><div><b>Von:</b> {ADA}<br><b>Gesendet:</b> Montag<br><b>An:</b> b<br>
        <b>Betreff:</b> x</div><div>Old text</div>""",
    "Yahoo": f"""<div>New text</div><div class="yahoo_quoted"><div>On Monday, November 2, 2026, {ADA} wrote:</div>
        <div>Old text</div></div>""",
    "Thunderbird": """<p>New text</p><div class='moz-cite-prefix'>Am 02.11.26 um 10:00 schrieb Ada:<br></div>
        <blockquote>Old text</blockquote>""",
    "other": "<div>New text</div><div>---- Original Message ----</div><div>Old text</div>",
}


@pytest.mark.parametrize("program", ANSWERS)
def test_what_is_new_in_an_answer_in_html_is_found(program: str) -> None:
    mail = parse_mail(part("text/html; charset=utf-8", ANSWERS[program].encode()))
    assert mail.text == "New text"
    assert "Old text" in mail.quoted_text
