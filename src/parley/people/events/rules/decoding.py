"""From the bytes that an SDK sends to JSON text: gzip, base64, lz-string and forms, alone or inside each other.

What the body says about itself counts more than what the headers say: posthog-js sends gzip without any header.
"""

import base64
import binascii
import zlib
from urllib.parse import parse_qs

import msgspec

from parley.kernel.errors import AppError, TooLarge
from parley.kernel.http.body import parse
from parley.people.events.errors import CaptureTooLarge, UndecodableBody
from parley.people.events.rules.lz_string import LzError, LzTooLong, decompress_base64

MAX_BYTES = 2 * 1024 * 1024
"""A batch of events may hold so much, as sent and at every step of decompression."""
MAX_LZ_BYTES = 64 * 1024
"""lz-string is read by Python code, letter by letter; the SDKs that used it sent single events."""
MAX_FORM_PARTS, MAX_FORM_ESCAPES = 100, 100_000
"""Forms are read by Python code, which makes a piece of each `%41`."""
MAX_LAYERS = 5
MAX_MEMBERS = 16
"""Several gzip files may follow each other; each of them costs a look at all that follows."""
GZIP_MAGIC = b"\x1f\x8b"
GZIP_WINDOW = 31
GZIP_NAMES = frozenset(("gzip", "gzip-js"))
LZ_NAMES = frozenset(("lz64", "lz-string"))
KNOWN_COMPRESSIONS = GZIP_NAMES | LZ_NAMES | {"base64", ""}
FORM = "application/x-www-form-urlencoded"


class EncodedBody(msgspec.Struct, frozen=True, kw_only=True):
    """A body as it was received, with what the request says of its encoding, and how much it may hold."""

    body: bytes
    content_type: str = ""
    content_encoding: str = ""
    compression: str = ""
    max_bytes: int = MAX_BYTES


def decoded(sent: EncodedBody) -> bytes:
    """Return the JSON text of a body; empty when there is none. Raises NotDecoded and TooMuch."""
    _check_names(sent)
    data, compression = _out_of_form(_inflated(sent.body, sent.max_bytes), sent)
    for _ in range(MAX_LAYERS):
        if is_json(data) or not data.strip():
            return data
        if data.startswith(GZIP_MAGIC):
            data = _inflated(data, sent.max_bytes)
        elif compression in LZ_NAMES:
            data, compression = _lz(data, sent.max_bytes), ""
        else:
            data = _base64(data, compression)
    raise UndecodableBody("it is packed too often")


def _check_names(sent: EncodedBody) -> None:
    if sent.content_encoding.lower() not in ("", "gzip", "x-gzip", "identity"):
        raise UndecodableBody("unsupported content encoding")
    if sent.compression.lower() not in KNOWN_COMPRESSIONS:
        raise UndecodableBody("unsupported compression")


def is_json(data: bytes) -> bool:
    """Say whether this is JSON already, so that nothing has to be unpacked."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def _out_of_form(data: bytes, sent: EncodedBody) -> tuple[bytes, str]:
    """Return the field `data` where the body is a form, and the compression that goes with it."""
    compression = sent.compression.lower()
    kind = sent.content_type.split(";", 1)[0].strip().lower()
    if kind == "multipart/form-data":
        fields = _multipart(data, sent.content_type)
    elif data.startswith((b"data=", b"compression=")) or (kind == FORM and not is_json(data)):
        fields = _form(data)
    else:
        return data, compression
    if "data" not in fields:
        return b"", compression
    given = fields.get("compression", "").lower()
    if given not in KNOWN_COMPRESSIONS:
        raise UndecodableBody("unsupported compression")
    return with_plus_signs(fields["data"]).encode(), given or compression


def with_plus_signs(text: str) -> str:
    """Return the value of a form or a query: base64 that nobody escaped has lost its plus signs there; JSON stays."""
    return text if text.lstrip()[:1] in ("{", "[") else text.replace(" ", "+")


def _form(data: bytes) -> dict[str, str]:
    if data.count(b"%") > MAX_FORM_ESCAPES:
        raise CaptureTooLarge
    try:
        found = parse_qs(
            data.decode("utf-8"), keep_blank_values=True, errors="replace", max_num_fields=MAX_FORM_PARTS
        )
    except ValueError as error:
        raise UndecodableBody("the form is not readable") from error
    return {name: values[0] for name, values in found.items()}


def _multipart(data: bytes, content_type: str) -> dict[str, str]:
    try:
        return {name: str(value) for name, value in parse(data, content_type, repairs=True).items()}
    except TooLarge as error:
        raise CaptureTooLarge from error
    except AppError as error:
        raise UndecodableBody("the form is not readable") from error


def _inflated(data: bytes, max_bytes: int) -> bytes:
    """Return what gzip holds, or `data` itself when it is none; stops at the limit, however much would follow."""
    pieces: list[bytes] = []
    left = max_bytes
    while data.startswith(GZIP_MAGIC):
        if len(pieces) == MAX_MEMBERS:
            raise CaptureTooLarge
        reader = zlib.decompressobj(GZIP_WINDOW)
        try:
            # One byte more than is allowed shows that there is more.
            piece = reader.decompress(data, left + 1)
        except zlib.error as error:
            raise UndecodableBody("invalid GZIP data") from error
        left -= len(piece)
        if left < 0:
            raise CaptureTooLarge
        if not reader.eof:
            raise UndecodableBody("invalid GZIP data")
        pieces.append(piece)
        data = reader.unused_data
    return b"".join(pieces) if pieces else data


def _base64(data: bytes, compression: str) -> bytes:
    letters = data.translate(None, b" \r\n\t").translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    try:
        return base64.b64decode(letters + b"=" * (-len(letters) % 4), validate=True)
    except binascii.Error as error:
        if compression in GZIP_NAMES:
            raise UndecodableBody("invalid GZIP data") from error
        raise UndecodableBody("it is neither JSON nor base64") from error


def _lz(data: bytes, max_bytes: int) -> bytes:
    if len(data) > MAX_LZ_BYTES:
        raise CaptureTooLarge
    try:
        units = decompress_base64(data, max_bytes // 2)
    except LzTooLong as error:
        raise CaptureTooLarge from error
    except LzError as error:
        raise UndecodableBody("invalid lz64 data") from error
    # lz-string works on the units of UTF-16, in which an emoji is two.
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
