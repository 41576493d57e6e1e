"""What an answer says as text messages."""

from collections.abc import Iterator, Sequence

MOST_LENGTH = 1500
"""Twilio takes 1600 characters, and sends them in parts of 153, or of 67 with letters that GSM 7-bit doesn't have."""
MOST_PARTS = 10


def text_of(content: str, links: Sequence[str]) -> str:
    """Return the whole text: what was written, and below it the links to its files."""
    return "\n".join(filter(None, (content.replace("\r\n", "\n").replace("\0", "").strip(), *links)))


def parts_of(text: str) -> list[str] | None:
    """Return a text in messages, numbered where they are several; None for one that is too long, [] for an empty one."""
    if _length(text) <= MOST_LENGTH:
        return [text] if text.strip() else []
    pieces = list(_pieces(text, MOST_LENGTH - len("(10/10) ")))
    if len(pieces) > MOST_PARTS:
        return None
    return [f"({place}/{len(pieces)}) {piece}" for place, piece in enumerate(pieces, 1)]


def _length(text: str) -> int:
    """Count as Twilio does: what lies beyond the Basic Multilingual Plane counts twice."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def _pieces(text: str, most: int) -> Iterator[str]:
    """Cut at ends of lines, else between words, else anywhere."""
    left = text
    while _length(left) > most:
        end = most if _length(left[:most]) <= most else most // 2
        head = left[:end]
        cut = max(head.rfind("\n"), 0) or max(head.rfind(" "), 0)
        cut = cut if cut > end // 2 else end
        yield left[:cut].strip()
        left = left[cut:].strip()
    if left:
        yield left
