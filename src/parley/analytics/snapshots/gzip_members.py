"""Blocks as gzip, made so that several of them can be sent as one without packing them anew.

A gzip file may have several members (RFC 1952, section 2.2), but Chromium and httpx read only the first one. So blocks are
joined inside of one member: the deflate data of each ends at a byte, with an empty stored block (RFC 1951, section
3.2.4), and all that has to be made is the end.
"""

import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache

HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
FLUSHED = b"\x00\x00\xff\xff"
LAST = b"\x03\x00"
"""The last deflate block, which is empty."""
TRAILER_BYTES = 8
GZIP_WINDOW, RAW_WINDOW = 31, -15
STEP_BYTES = 32 * 1024
FED_BYTES = 16 * 1024
LEVEL = 6
_POLYNOMIAL = 0xEDB88320


def packed(content: bytes, level: int = LEVEL) -> bytes:
    """Return the content as a gzip file whose deflate data can be joined with that of others."""
    return b"".join((HEADER, _deflated(content, level), LAST, struct.pack("<LL", *_sums(content))))


def _deflated(content: bytes, level: int) -> bytes:
    compressor = zlib.compressobj(level, zlib.DEFLATED, RAW_WINDOW)
    return compressor.compress(content) + compressor.flush(zlib.Z_SYNC_FLUSH)


def _sums(content: bytes) -> tuple[int, int]:
    return zlib.crc32(content), len(content) & 0xFFFFFFFF


def inflated(member: bytes) -> Iterator[bytes]:
    """Yield what a gzip file of one member holds, at most STEP_BYTES at once; raises zlib.error where it is broken."""
    inflater = zlib.decompressobj(GZIP_WINDOW)
    for start in range(0, len(member), FED_BYTES):
        if inflater.eof:
            raise zlib.error("more than one member")
        data = member[start : start + FED_BYTES]
        while data and not inflater.eof:  # what follows the end would stay unconsumed for good
            if piece := inflater.decompress(data, STEP_BYTES):
                yield piece
            data = inflater.unconsumed_tail
    while not inflater.eof:
        piece = inflater.decompress(b"", STEP_BYTES)
        if not (piece or inflater.eof):
            raise zlib.error("cut")
        if piece:
            yield piece
    if inflater.unused_data:
        raise zlib.error("more than one member")


def unpacked_size(member: bytes, most: int) -> int | None:
    """Return how much a gzip file of one member holds; None where it is broken, or holds more than `most`."""
    size = 0
    try:
        for piece in inflated(member):
            size += len(piece)
            if size > most:
                return None
    except zlib.error:
        return None
    return size


class JoinedGzip:
    """One gzip file that is made of several; each is given whole, and what comes back is sent in this order."""

    def __init__(self) -> None:
        self._crc, self._size, self._is_begun = 0, 0, False

    def add(self, member: bytes) -> bytes:
        """Return what a sound gzip file adds; one that `packed` hasn't made is packed anew."""
        end = len(member) - TRAILER_BYTES - len(LAST)
        if member[3] == 0 and member[end - len(FLUSHED) : end + len(LAST)] == FLUSHED + LAST:
            crc, size = struct.unpack("<LL", member[-TRAILER_BYTES:])
            return self._added(member[len(HEADER) : end], crc, size)
        return self.add_content(zlib.decompress(member, GZIP_WINDOW))

    def add_content(self, content: bytes) -> bytes:
        """Return what content adds that is not packed yet."""
        return self._added(_deflated(content, 1), *_sums(content))

    def _added(self, deflated: bytes, crc: int, size: int) -> bytes:
        head = b"" if self._is_begun else HEADER
        self._is_begun = True
        self._crc, self._size = crc32_combined(self._crc, crc, size), (self._size + size) & 0xFFFFFFFF
        return head + deflated

    def end(self) -> bytes:
        """Return the end of the file."""
        return (b"" if self._is_begun else HEADER) + LAST + struct.pack("<LL", self._crc, self._size)


def crc32_combined(first: int, second: int, second_size: int) -> int:
    """Return the CRC-32 of two texts after each other, by those of each and the size of the second one."""
    return _product(_power(second_size), first) ^ second


def _product(a: int, b: int) -> int:
    """Multiply two polynomials modulo that of the CRC-32; the highest bit is the constant term."""
    product, bit = 0, 1 << 31
    while a:
        if a & bit:
            product ^= b
            a ^= bit
        bit >>= 1
        b = (b >> 1) ^ _POLYNOMIAL if b & 1 else b >> 1
    return product


def _power(n_bytes: int) -> int:
    """Return x to the power of so many bits, modulo the polynomial."""
    power, place = 1 << 31, 3
    while n_bytes:
        if n_bytes & 1:
            power = _product(_squares()[place & 31], power)
        n_bytes >>= 1
        place += 1
    return power


@lru_cache(maxsize=1)
def _squares() -> list[int]:
    squares = [1 << 30]
    for _ in range(31):
        squares.append(_product(squares[-1], squares[-1]))
    return squares
