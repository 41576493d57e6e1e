"""Names, types and sizes of files, as tables."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from parley.conversations.files.rules.limits import quota_of
from parley.conversations.files.rules.names import cleaned_name, suffix_of
from parley.conversations.files.rules.types import content_type_of
from parley.kernel.text.sizes import human_size


@pytest.mark.parametrize(
    ("given_name", "cleaned"),
    [
        ("report.pdf", "report.pdf"),
        ("Übersicht 2026.pdf", "Übersicht 2026.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("C:\\Users\\a\\photo.jpg", "photo.jpg"),
        ("a/b/", "b"),
        ("\N{FULLWIDTH SOLIDUS}etc\N{FULLWIDTH SOLIDUS}passwd", "passwd"),
        ("\N{TWO DOT LEADER}/x", "x"),
        ("a\N{FRACTION SLASH}b.txt", "b.txt"),
        ("a\N{BIG SOLIDUS}b.txt", "b.txt"),
        ("pa\u200bss\u200bwd.txt", "passwd.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\x00.html", "a.html"),
        ("a\r\nSet-Cookie: x", "aSet-Cookie_ x"),
        ("name.txt...", "name.txt"),
        ("name.txt . .", "name.txt"),
        ("...", "unnamed"),
        ("", "unnamed"),
        ("\u200b", "unnamed"),
        (".htaccess", "htaccess"),
        ("con", "_con"),
        ("COM1.txt", "_COM1.txt"),
        ("C\u200bON.txt", "_CON.txt"),
        ("\N{FULLWIDTH LATIN SMALL LETTER N}ul", "_nul"),
        ("console.log", "console.log"),
        ('a<b>:"c"|?*.txt', "a_b___c____.txt"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("\ud800.txt", "txt"),
        ("a\u0308.txt", "ä.txt"),
    ],
)
def test_a_name_is_made_harmless(given_name, cleaned):
    assert cleaned_name(given_name) == cleaned


@given(st.text(max_size=300))
def test_a_clean_name_is_one_part_of_a_path_and_stays_as_it_is(given_name):
    name = cleaned_name(given_name)
    assert 0 < len(name) <= 200
    assert not set(name) & set("/\\\0\r\n:") and name not in (".", "..")
    assert name.isprintable() and name.encode()
    assert cleaned_name(name) == name


@pytest.mark.parametrize(
    ("name", "suffix"), [("a.PDF", "pdf"), ("a", ""), ("pdf", ""), ("a.tar.gz", "gz"), ("a.b c", "")]
)
def test_a_suffix_is_what_stands_behind_the_last_dot(name, suffix):
    assert suffix_of(name) == suffix


def image(kind):
    out = io.BytesIO()
    Image.new("RGB", (10, 10)).save(out, kind)
    return out.getvalue()


def archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("a.txt", "a")
    return out.getvalue()


DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("head", "name", "content_type"),
    [
        (image("PNG"), "a.png", "image/png"),
        (image("PNG"), "a.html", "image/png"),
        (image("JPEG"), "a.jpg", "image/jpeg"),
        (image("GIF"), "a.gif", "image/gif"),
        (image("WEBP"), "a", "image/webp"),
        (b"GIF89a/*<script>alert(1)</script>", "a.html", "image/gif"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "a.png", "image/svg+xml"),
        (b"<!DOCTYPE html><html><script>alert(1)</script>", "a.png", "text/html"),
        (b"<script>alert(1)</script>", "a.png", "text/plain"),
        (b"hello", "a.png", "text/plain"),
        (b"hello", "a", "text/plain"),
        (b"a,b\n1,2\n", "a.csv", "text/csv"),
        ("Grüße ".encode() * 2000, "a.txt", "text/plain"),
        ("ü".encode()[:1] + b"\xff", "a.txt", "application/octet-stream"),
        (b"%PDF-1.7\n", "a.png", "application/pdf"),
        (archive(), "a.zip", "application/zip"),
        (archive(), "a.docx", DOCX),
        (archive(), "a.png", "application/zip"),
        (b"MZ" + b"\0" * 100, "a.png", "application/vnd.microsoft.portable-executable"),
        (b"\x7fELF" + b"\0" * 50, "a.jpg", "application/x-executable"),
        (b"", "a.png", "application/octet-stream"),
        (b"\0" * 100, "a.gif", "application/octet-stream"),
    ],
)
def test_the_type_comes_from_the_content(head, name, content_type):
    assert content_type_of(head[:8192], name) == content_type


@given(st.binary(max_size=500), st.text(max_size=20))
def test_any_content_has_a_type(head, name):
    assert "/" in content_type_of(head, cleaned_name(name))


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 bytes"), (1, "1 byte"), (900, "900 bytes"), (12 * 1024, "12 KB"), (3_600_000, "3.4 MB"), (25 * 1024**2, "25 MB"),
     (10 * 1024**3, "10 GB")],
)  # fmt: skip
def test_a_size_in_words(size, words):
    assert human_size(size) == words


def test_a_project_has_a_quota_of_its_own():
    assert quota_of({}) == 10 * 1024**3
    assert quota_of({"storage_quota_mb": 3}) == 3 * 1024**2
