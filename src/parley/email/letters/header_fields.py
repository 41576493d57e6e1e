"""The header fields of our mails. The library's are exact and slow, so plain ones are written without reading them first."""

import re
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from email.policy import Policy

MAX_LINE_BYTES = 160
_WORD = re.compile(r"[!-~]+")
_ADDRESS = re.compile(r"([A-Za-z0-9][A-Za-z0-9 ]* <)?[A-Za-z0-9.!#$%&'*+/?^_`{|}~-]+@[A-Za-z0-9.-]+(?(1)>)")
_OF_IDS = ("in-reply-to", "references", "list-unsubscribe")
_OF_WORDS = (*_OF_IDS, "subject", "message-id", "date", "x-loop", "auto-submitted", "list-unsubscribe-post")
_OF_ADDRESSES = ("from", "to", "cc", "reply-to")
_OF_PARTS = ("content-type", "content-transfer-encoding", "mime-version")


class WordsHeader(UnstructuredHeader, BaseHeader):
    """Ids or addresses in angle brackets. They are folded between them and never encoded, however long (RFC 2047, 5 (3))."""

    def fold(self, *, policy: "Policy[Any]") -> str:
        """Return the header on as many lines as it needs."""
        if not self.isascii():
            return super().fold(policy=policy)  # such an id stands in no mail that follows the rules
        lines = [f"{self.name}:"]
        for word in self.split():
            if len(lines[-1]) + len(word) < MAX_LINE_BYTES or lines[-1] == f"{self.name}:":
                lines[-1] += f" {word}"
            else:
                lines.append(f" {word}")
        return policy.linesep.join(lines) + policy.linesep


class PlainHeader(WordsHeader):
    """A field whose words mean only themselves, so that nothing in it has to be read or encoded."""

    max_count: ClassVar[None] = None

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """Take the value as it is."""
        kwds["parse_tree"], kwds["decoded"] = None, value


class FieldRegistry(HeaderRegistry):
    """Makes the fields of a mail: plain ones as such, the others by the library, with one class for each name."""

    def __init__(self) -> None:
        super().__init__()
        for name in _OF_IDS:
            self.map_to_type(name, WordsHeader)
        self._classes: dict[str, Any] = {}
        self._of_part = lru_cache(maxsize=100)(super().__call__)

    def __getitem__(self, name: str) -> Any:
        """Return the class of a field. The library would make a new one each time."""
        key = name.lower()
        if key not in self.registry:
            return super().__getitem__(key)
        if key not in self._classes:
            self._classes[key] = super().__getitem__(key)
        return self._classes[key]

    def __call__(self, name: str, value: Any) -> Any:
        """Make a field."""
        key, text = name.lower(), str(value)
        if _is_plain(key, text):
            return PlainHeader(name, text)
        if key in _OF_PARTS and "boundary" not in text:
            return self._of_part(name, text)
        return super().__call__(name, value)


def _is_plain(key: str, text: str) -> bool:
    """Say whether nothing in the text could be an encoded word (RFC 2047), a comment or a break of the line."""
    if key in _OF_WORDS:
        return "=?" not in text and all(map(_WORD.fullmatch, text.split(" ")))
    return key in _OF_ADDRESSES and "  " not in text and all(map(_ADDRESS.fullmatch, text.split(", ")))
