"""From bytes to text, whatever the declared charset is worth."""

import codecs
import re

from parley.kernel.text.forms import REPLACEMENT, storable

# What senders write, and what they mean by it: the larger sets that contain the named ones (WHATWG Encoding 4.2).
MEANT = {
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "ansi_x3.4-1968": "utf-8",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "unicode-1-1-utf-7": "utf-7",
    "utf8": "utf-8",
    "x-unknown": "utf-8",
    "unknown-8bit": "utf-8",
    "default": "utf-8",
}
# They decode text, but not mail; some take time that is quadratic in its length.
REFUSED = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
NAME = re.compile(r"[A-Za-z0-9_.:+-]{1,60}")
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def text_of(content: bytes, declared: str | None = None) -> str:
    """Return the text of these bytes: as UTF-8 when they are, else as declared, else as Windows 1252.

    A declared charset that doesn't fit is used all the same when it fits all but one byte of twenty.
    """
    for mark, name in MARKS:
        if content.startswith(mark):
            return storable(content.decode(name, "replace"))
    codec = codec_named(declared)
    for name in dict.fromkeys((codec or "utf-8", "utf-8")):
        try:
            return storable(content.decode(name))
        except (ValueError, LookupError):
            continue
    return storable(_repaired(content, codec))


def _repaired(content: bytes, codec: str | None) -> str:
    if codec:
        try:
            text = content.decode(codec, "replace")
        except (ValueError, LookupError):
            text = ""
        if text and text.count(REPLACEMENT) * 20 <= len(text):
            return text
    return content.decode("cp1252", "replace")


def codec_named(declared: str | None) -> str | None:
    """Return Python's codec for a charset of a mail, or None where there is none for text."""
    found = NAME.fullmatch(declared.strip(" \t\"'")) if declared else None
    if found is None:
        return None
    name = found.group().lower()
    name = MEANT.get(name, name)
    try:
        canonical = codecs.lookup(name).name
        b"".decode(canonical)  # refuses codecs that aren't for text
    except (LookupError, ValueError):
        return None
    return None if canonical.replace("-", "_") in REFUSED else canonical


def with_line_feeds(text: str) -> str:
    """Return text whose lines end in one line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
