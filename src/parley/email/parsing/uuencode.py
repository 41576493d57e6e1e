"""Files that stand in the text of a mail, as programs sent them before MIME (POSIX uuencode)."""

import binascii
import re

BEGIN = re.compile(rb"^begin (?:-base64 )?[0-7]{3,4} ([^\r\n]{1,255}?)[ \t]*\r?\n", re.MULTILINE)
MAX_FILES = 100


def taken_out(content: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Return the text without its files, and the files with their names. A file without an end stays text."""
    files: list[tuple[str, bytes]] = []
    kept, position = list[bytes](), 0
    while len(files) < MAX_FILES and (found := BEGIN.search(content, position)):
        decoded, end = _decoded(content, found.end())
        if end is None:
            kept.append(content[position : found.end()])
        else:
            kept.append(content[position : found.start()])
            files.append((found[1].decode("utf-8", "replace"), decoded))
        position = end or found.end()
    return b"".join(kept) + content[position:], files


def first_file(content: bytes) -> bytes:
    """Return the first file of a body that is declared to be one; the body itself where there is none."""
    _, files = taken_out(content)
    return files[0][1] if files else content


def _decoded(content: bytes, position: int) -> tuple[bytes, int | None]:
    """Decode lines up to `end`; the position after it is None where they are no such file."""
    decoded = bytearray()
    while True:
        stop = content.find(b"\n", position)
        line = content[position : stop if stop >= 0 else len(content)].rstrip(b"\r")
        if line.strip() == b"end":
            return bytes(decoded), stop + 1 if stop >= 0 else len(content)
        if stop < 0 or len(line) > 90:
            return b"", None
        try:
            decoded += binascii.a2b_uu(line) if line.strip() else b""
        except binascii.Error:
            return b"", None
        position = stop + 1
