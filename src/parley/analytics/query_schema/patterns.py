"""Regular expressions of RE2 as PostgreSQL reads them, which matches the same texts with them.

PostgreSQL's `\\w`, `.`, `$` and case mean other characters than RE2's, so each set is written out. It only counts whether
there is a match: groups needn't be kept, and lazy repetitions match where greedy ones do.
"""

import re
from typing import NamedTuple

from parley.analytics.query_schema.character_sets import (
    BY_LETTER,
    BY_NAME,
    NEWLINE,
    WORD,
    Ranges,
    as_bracket,
    in_any_case,
    inverted,
)

MOST_REPEATED, MAX_SIZE = 255, 1000
REPEAT = re.compile(r"\{([0-9]+)(,([0-9]*))?\}", re.ASCII)
GROUP = re.compile(r"\?(?:P?<[^>]*>|([a-zA-Z-]*)(:|\)))", re.ASCII)
NAMED_SET = re.compile(r"\[:(\^?)([a-z]+):\]", re.ASCII)
CODE = re.compile(r"x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{2})|([0-7]{1,3})", re.ASCII)
CONTROLS = {"a": 0x07, "f": 0x0C, "t": 0x09, "n": 0x0A, "r": 0x0D, "v": 0x0B}
_WORD, _NOT_NEWLINE = as_bracket(WORD), as_bracket(inverted(NEWLINE))
_BOUNDARY = f"(?:(?<={_WORD})(?!{_WORD})|(?<!{_WORD})(?={_WORD}))"


class NotTranslatable(ValueError):
    """Says what a pattern holds that PostgreSQL can't do."""


class PatternPart(NamedTuple):
    """A piece of a pattern as PostgreSQL writes it. `size` is how many characters it has with repetitions written out."""

    text: str
    size: int = 1
    is_place: bool = False  # it matches at a place and takes no character


def for_postgresql(pattern: str) -> str:
    """Return a pattern that RE2 compiles in PostgreSQL's syntax; raises NotTranslatable."""
    return _Reader(pattern).whole()


class _Reader:
    """Reads a pattern from left to right; `flags` hold in the group that is being read."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.flags: frozenset[str] = frozenset()

    def whole(self) -> str:
        found = self._alternatives()
        if self.at < len(self.pattern):
            raise NotTranslatable("a bracket that closes nothing")
        return found.text

    def _alternatives(self) -> PatternPart:
        branches = [self._branch()]
        while self._skips("|"):
            branches.append(self._branch())
        size = sum(one.size for one in branches)
        return PatternPart("|".join(one.text for one in branches), size)

    def _branch(self) -> PatternPart:
        texts, size = [], 0
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            part = self._repeated(self._one())
            texts.append(part.text)
            size += part.size
        if size > MAX_SIZE:
            raise NotTranslatable("repetitions that make it too long")
        return PatternPart("".join(texts), size)

    def _repeated(self, part: PatternPart) -> PatternPart:
        least, most, written = self._repetition()
        if not written:
            return part
        self._skips("?")
        if part.is_place:
            return part if least else PatternPart("", 0)
        if not part.text:  # RE2 repeats what stands before it
            raise NotTranslatable("a repetition behind what matches nothing, such as flags")
        if max(least, most or 0) > MOST_REPEATED:
            raise NotTranslatable(f"more than {MOST_REPEATED} repetitions")
        return PatternPart(f"{part.text}{written}", part.size * max(least + (most is None), most or 0, 1))

    def _repetition(self) -> tuple[int, int | None, str]:
        """Return how often the part before is repeated, and how that is written; "" where it isn't."""
        for sign, least, most in (("*", 0, None), ("+", 1, None), ("?", 0, 1)):
            if self._skips(sign):
                return least, most, sign
        found = REPEAT.match(self.pattern, self.at)
        if not found:
            return 1, 1, ""
        self.at = found.end()
        least = int(found[1])
        most = int(found[3]) if found[3] else (None if found[2] else least)
        return least, most, found[0]

    def _one(self) -> PatternPart:
        character = self._next()
        match character:
            case "(":
                return self._group()
            case "[":
                return PatternPart(as_bracket(self._set()))
            case ".":
                return PatternPart("." if "s" in self.flags else _NOT_NEWLINE)
            case "^":
                return PatternPart(f"(?<!{_NOT_NEWLINE})" if "m" in self.flags else "\\A", is_place=True)
            case "$":
                return PatternPart(f"(?!{_NOT_NEWLINE})" if "m" in self.flags else "\\Z", is_place=True)
            case "\\":
                return self._escaped()
        return self._literal(ord(character))

    def _group(self) -> PatternPart:
        found, outside = GROUP.match(self.pattern, self.at), self.flags
        if found:
            self.at = found.end()
            if found[1] is not None:
                self.flags = _changed(self.flags, found[1])
                if found[2] == ")":
                    return PatternPart("", 0)  # what follows in the group around has the flags
        inner = self._alternatives()
        if not self._skips(")"):
            raise NotTranslatable("a bracket that isn't closed")
        self.flags = outside
        return PatternPart(f"(?:{inner.text})", inner.size)

    def _escaped(self) -> PatternPart:
        letter = self._next()
        match letter:
            case "A":
                return PatternPart("\\A", is_place=True)
            case "z":
                return PatternPart("\\Z", is_place=True)
            case "b":
                return PatternPart(_BOUNDARY, 4, is_place=True)
            case "Q":
                return self._quoted()
        return PatternPart(as_bracket(self._cased(self._escaped_set(letter))))

    def _quoted(self) -> PatternPart:
        text, end, _ = self.pattern[self.at :].partition("\\E")
        self.at += len(text) + len(end)
        # A repetition behind it is of the last character only.
        parts = [self._literal(ord(one)).text for one in text]
        if parts:
            parts[-1] = self._repeated(PatternPart(parts[-1])).text
        return PatternPart("".join(parts), len(parts))

    def _set(self) -> Ranges:
        """Read what stands in brackets, whose first one is read."""
        ranges: list[tuple[int, int]] = []
        is_inverted, is_first = self._skips("^"), True
        while is_first or not self._skips("]"):
            is_first = False
            ranges += self._member()
        return inverted(ranges) if is_inverted else tuple(ranges)

    def _member(self) -> Ranges:
        named = NAMED_SET.match(self.pattern, self.at)
        if named:
            self.at = named.end()
            ranges = self._cased(BY_NAME[named[2]])
            return inverted(ranges) if named[1] else ranges
        low = self._set_character()
        is_one = len(low) == 1 and low[0][0] == low[0][1]
        is_range = (
            is_one and self.pattern.startswith("-", self.at) and not self.pattern.startswith("-]", self.at)
        )
        if not is_range:
            return self._cased(low)
        self.at += 1
        return self._cased(((low[0][0], self._set_character()[0][1]),))

    def _set_character(self) -> Ranges:
        character = self._next()
        return self._escaped_set(self._next()) if character == "\\" else ((ord(character), ord(character)),)

    def _escaped_set(self, letter: str) -> Ranges:
        """Return the characters that an escape means, whose letter is read."""
        if letter.lower() in BY_LETTER:
            ranges = self._cased(BY_LETTER[letter.lower()])
            return inverted(ranges) if letter.isupper() else ranges
        code = CODE.match(self.pattern, self.at - 1)
        if code:
            self.at = code.end()
            number = int(code[1] or code[2] or code[3], 8 if code[3] else 16)
        elif letter in CONTROLS:
            number = CONTROLS[letter]
        elif letter.isascii() and not letter.isalnum():
            number = ord(letter)
        else:
            raise NotTranslatable(f"\\{letter}")
        return ((number, number),)

    def _literal(self, code: int) -> PatternPart:
        return PatternPart(as_bracket(self._cased(((code, code),))))

    def _cased(self, ranges: Ranges) -> Ranges:
        return in_any_case(ranges) if "i" in self.flags else ranges

    def _next(self) -> str:
        if self.at >= len(self.pattern):
            raise NotTranslatable("an end where more is needed")
        self.at += 1
        return self.pattern[self.at - 1]

    def _skips(self, sign: str) -> bool:
        if self.pattern.startswith(sign, self.at):
            self.at += len(sign)
            return True
        return False


def _changed(flags: frozenset[str], written: str) -> frozenset[str]:
    added, _, removed = written.partition("-")
    return (flags | frozenset(added)) - frozenset(removed)
