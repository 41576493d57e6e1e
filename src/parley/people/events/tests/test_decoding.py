"""Every packing that SDKs use, alone, inside each other, and broken."""

import base64
import gzip
import json
import zlib
from contextlib import suppress
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, quote_plus

import lzstring
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.people.events.errors import CaptureRefused
from parley.people.events.rules import decoding
from parley.people.events.rules.decoding import (
    MAX_BYTES,
    MAX_LZ_BYTES,
    MAX_MEMBERS,
    EncodedBody,
    decoded,
)
from parley.people.events.rules.lz_string import LzError, LzTooLong, decompress_base64

JSON = json.dumps({"event": "größe 😀", "properties": {"a": [1, 2]}}, ensure_ascii=False).encode()
GZIPPED = gzip.compress(JSON, mtime=0)
BASE64 = base64.b64encode(JSON)
UNITS = memoryview(JSON.decode().encode("utf-16-le")).cast("H")
LZ = lzstring.LZString.compressToBase64("".join(map(chr, UNITS)))
FORM = "application/x-www-form-urlencoded"
MULTIPART = b'--B\r\nContent-Disposition: form-data; name="data"\r\n\r\n' + BASE64 + b"\r\n--B--\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        EncodedBody(body=JSON),
        EncodedBody(body=JSON, content_type="text/plain"),
        EncodedBody(body=b"\xef\xbb\xbf \n" + JSON),
        EncodedBody(body=JSON, content_encoding="gzip"),
        EncodedBody(body=GZIPPED),
        EncodedBody(body=GZIPPED, content_encoding="gzip"),
        EncodedBody(body=GZIPPED, compression="gzip"),
        EncodedBody(body=GZIPPED, compression="gzip-js", content_type="text/plain"),
        EncodedBody(body=GZIPPED + gzip.compress(b"  ")),
        EncodedBody(body=BASE64, compression="base64"),
        EncodedBody(body=BASE64.rstrip(b"=")),
        EncodedBody(body=base64.urlsafe_b64encode(JSON)),
        EncodedBody(body=base64.b64encode(GZIPPED), compression="gzip-js"),
        EncodedBody(body=LZ.encode(), compression="lz64"),
        EncodedBody(body=b"data=" + quote_plus(BASE64).encode(), content_type=FORM),
        EncodedBody(body=b"data=" + BASE64, content_type=FORM),
        EncodedBody(body=b"data=" + quote(BASE64).encode(), content_type="text/plain"),
        EncodedBody(body=b"data=" + quote_plus(JSON).encode(), content_type=FORM),
        EncodedBody(body=b"data=" + quote_plus(LZ).encode() + b"&compression=lz64", content_type=FORM),
        EncodedBody(body=b"compression=gzip&data=" + quote_plus(base64.b64encode(GZIPPED)).encode()),
        EncodedBody(body=gzip.compress(b"data=" + quote_plus(BASE64).encode()), content_encoding="gzip"),
        EncodedBody(body=MULTIPART, content_type="multipart/form-data; boundary=B"),
    ],
)
def test_every_packing_gives_the_same_json(sent):
    assert json.loads(decoded(sent).decode("utf-8-sig")) == json.loads(JSON)


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (EncodedBody(body=GZIPPED[:-9]), "invalid GZIP data"),
        (EncodedBody(body=GZIPPED[:20] + b"\xff\xff\xff" + GZIPPED[23:]), "invalid GZIP data"),
        (EncodedBody(body=b"\x1f\x8b"), "invalid GZIP data"),
        (EncodedBody(body=b"no gzip", compression="gzip"), "invalid GZIP data"),
        (EncodedBody(body=b"***", compression="base64"), "it is neither JSON nor base64"),
        (EncodedBody(body=b"\xff\xfe\x00", content_encoding="gzip"), "it is neither JSON nor base64"),
        (EncodedBody(body=b"hello world!"), "it is neither JSON nor base64"),
        (EncodedBody(body=b"***", compression="lz64"), "invalid lz64 data"),
        (EncodedBody(body=LZ[:-8].encode(), compression="lz64"), "invalid lz64 data"),
        (EncodedBody(body=JSON, compression="zip"), "unsupported compression"),
        (EncodedBody(body=b"data=e30&compression=zip", content_type=FORM), "unsupported compression"),
        (EncodedBody(body=JSON, content_encoding="br"), "unsupported content encoding"),
        (EncodedBody(body=b"--B\r\n", content_type="multipart/form-data"), "the form is not readable"),
    ],
)
def test_what_is_broken_is_named(sent, text):
    with pytest.raises(CaptureRefused) as refused:
        decoded(sent)
    assert (refused.value.status, refused.value.text) == (400, f"failed to decode request: {text}")


def test_what_is_packed_in_itself_for_ever_is_given_up():
    body = JSON
    for _ in range(8):
        body = base64.b64encode(body)
    with pytest.raises(CaptureRefused, match="packed too often"):
        decoded(EncodedBody(body=body))


@pytest.mark.parametrize("body", [b"", b"  \n", gzip.compress(b"", mtime=0), b"data="])
def test_nothing_stays_nothing(body):
    assert decoded(EncodedBody(body=body)).strip() == b""


def test_a_gzip_bomb_is_stopped_at_the_limit():
    bomb = gzip.compress(b"[" + b" " * (MAX_BYTES * 3))
    assert len(bomb) < 100_000
    for body in (bomb, gzip.compress(bomb), gzip.compress(b" " * MAX_BYTES) + gzip.compress(b" ")):
        with pytest.raises(CaptureRefused) as refused:
            decoded(EncodedBody(body=body))
        assert (refused.value.status, refused.value.text) == (413, "length limit exceeded")


def test_an_lz_bomb_is_stopped_at_the_limit():
    bomb = lzstring.LZString.compressToBase64("a" * 1_100_000)
    with pytest.raises(LzTooLong):
        decompress_base64(bomb.encode(), 1_000_000)
    with pytest.raises(CaptureRefused) as refused:
        decoded(EncodedBody(body=b"A" * (MAX_LZ_BYTES + 1), compression="lz64"))
    assert refused.value.status == 413


@given(st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), min_size=1))
def test_lz_string_is_read_as_its_own_library_writes_it(text):
    assert decompress_base64(lzstring.LZString.compressToBase64(text).encode(), 10_000) == text


@given(st.binary(max_size=60))
def test_any_bytes_as_lz_string_end_in_a_text_or_an_error(data):
    with suppress(LzError):
        decompress_base64(base64.b64encode(data), 10_000)


@given(st.binary(max_size=200), st.sampled_from(["", "gzip", "base64", "lz64"]), st.sampled_from(["", FORM]))
def test_any_bytes_are_decoded_or_refused(body, compression, content_type):
    try:
        decoded(EncodedBody(body=body, compression=compression, content_type=content_type))
    except CaptureRefused as refused:
        assert refused.status in (400, 413)


class Counted:
    """zlib's reader, which counts what goes in and what comes out."""

    def __init__(self, window: int) -> None:
        self.reader = zlib.decompressobj(window)

    def decompress(self, data: bytes, most: int) -> bytes:
        found = self.reader.decompress(data, most)
        Counted.bytes_in += len(data)
        Counted.bytes_out += len(found)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.reader, name)

    bytes_in = bytes_out = 0


@pytest.mark.parametrize("max_bytes", [64 * 1024, MAX_BYTES])
@pytest.mark.parametrize(
    "body",
    [
        gzip.compress(gzip.compress(b"") * 200_000),
        gzip.compress(b"") * 2_000,
        gzip.compress(gzip.compress(b"[]") * 2_000),
        gzip.compress(b"[" + b"[]," * 7_000_000),
        gzip.compress(gzip.compress(b'{"":0}' * 3_000_000)),
        base64.b64encode(gzip.compress(b"x" * 20_000_000)),
    ],
    ids=["nested members", "members", "members with content", "wide", "twice", "in base64"],
)
def test_inflating_is_bounded_by_the_limit_and_not_by_what_would_come(body, max_bytes, monkeypatch):
    counted = SimpleNamespace(decompressobj=Counted, error=zlib.error)
    monkeypatch.setattr(decoding, "zlib", counted)
    Counted.bytes_in = Counted.bytes_out = 0
    with pytest.raises(CaptureRefused) as refused:
        decoded(EncodedBody(body=body, max_bytes=max_bytes))
    assert refused.value.status == 413
    assert Counted.bytes_out <= 2 * (max_bytes + 1)
    assert Counted.bytes_in <= MAX_MEMBERS * (max_bytes + 1) + len(body) * MAX_MEMBERS


def test_a_form_of_too_many_escapes_is_refused_before_it_is_read():
    for body in (b"data=" + b"%41" * 500_000, gzip.compress(b"data=" + b"%41" * 500_000)):
        with pytest.raises(CaptureRefused) as refused:
            decoded(EncodedBody(body=body))
        assert refused.value.status == 413
