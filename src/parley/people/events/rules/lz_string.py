"""Reading lz-string, the compression of old posthog-js versions, without ever holding more than is allowed.

The format is an LZ78 whose codes grow by a bit whenever the dictionary has doubled. A short text can stand for a
huge one, so the length is checked while it grows.
Source: lz-string 1.4; the tests compare with the package `lzstring`.
"""

ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
BITS_OF_LETTER = {letter: f"{value:06b}" for value, letter in enumerate(ALPHABET)}
CHARACTER_8, CHARACTER_16, END = 0, 1, 2
WIDTH_OF_CHARACTER = {CHARACTER_8: 8, CHARACTER_16: 16}


class LzError(ValueError):
    """The text is no lz-string, or stands for more than is allowed."""


class LzTooLong(LzError):
    """The text stands for more than is allowed."""


def decompress_base64(data: bytes, most_characters: int) -> str:
    """Return the text behind lz-string in base64; raises LzError, and LzTooLong beyond `most_characters`."""
    numbers = _Bits(data)
    phrases: list[str] = ["", "", ""]
    width = 2
    last = ""
    pieces: list[str] = []
    left = most_characters
    while True:
        code = numbers.take(width)
        if code == END:
            return "".join(pieces)
        if code in WIDTH_OF_CHARACTER:
            phrases.append(chr(numbers.take(WIDTH_OF_CHARACTER[code])))
            code = len(phrases) - 1
        if code < len(phrases):
            phrase = phrases[code]
        elif code == len(phrases) and last:
            phrase = last + last[0]
        else:
            raise LzError("one of its codes stands for nothing")
        left -= len(phrase)
        if left < 0:
            raise LzTooLong
        pieces.append(phrase)
        if last:
            phrases.append(last + phrase[0])
        last = phrase
        width = len(phrases).bit_length()


class _Bits:
    """Numbers of any width, lowest bit first, out of the bits that base64 stands for."""

    def __init__(self, data: bytes) -> None:
        try:
            # As text, since taking a part of a text costs the part, and taking one of a huge number the number.
            self._bits = "".join(map(BITS_OF_LETTER.__getitem__, data.strip().rstrip(b"=")))
        except KeyError as error:
            raise LzError("it is no base64") from error
        self._position = 0

    def take(self, width: int) -> int:
        ends = self._position + width
        if ends > len(self._bits):
            raise LzError("it ends early")
        found = int(self._bits[self._position : ends][::-1], 2)
        self._position = ends
        return found
