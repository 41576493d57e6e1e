"""The words by which questions and answers find each other.

A word is folded and cut to its first letters, which finds `returned` by `returns` in most languages of Europe without a
dictionary for each. Text without spaces between words (Chinese, Japanese, Thai) is divided into pairs of letters. The index
has a short digest of the project and the word, so that no search can meet another project's words.
"""

import re
from base64 import b32hexencode
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

from parley.kernel.text.forms import folded

STEM_LENGTH = 6
TOKEN_BYTES = 5
LONGEST_TEXT = 4_000
"""So much of a text is looked at."""
WORD = re.compile(r"[^\W_]+")
UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_FREQUENT = """
a about again all also am an and any are as at be been but by can cant could did do does dont for from get got had has have
hello hey hi how i if in is it its just me my no not of on or our please so some still that the their them then there these
they this to too us was we were what when where which who why will with would you your id im ive thank thanks der die das
und ist ich sie wir ein eine einen nicht mit für von zu den dem auf hallo bitte danke wie wo wann kann mein meine el la los
las un una de que y en por para con mi su es hola gracias le les des du et est je vous nous pour dans sur bonjour merci
"""
FREQUENT = frozenset(_FREQUENT.split())
"""Words that say nothing about what somebody wants."""


@lru_cache(maxsize=1_500)
def stems_of(text: str) -> tuple[str, ...]:
    """Return the words of a text, each once, in their order."""
    plain = folded(text[:LONGEST_TEXT]).replace("'", "").replace("\u2019", "")
    return tuple(dict.fromkeys(stem for word in WORD.findall(plain) for stem in _stems(word)))


def _stems(word: str) -> Iterable[str]:
    if UNSPACED.search(word):
        return [word[at : at + 2] for at in range(max(len(word) - 1, 1))]
    if word in FREQUENT or (len(word) == 1 and not word.isdigit()):
        return ()
    return (word[:STEM_LENGTH],)


@lru_cache(maxsize=20_000)
def token_of(project_id: int, stem: str) -> str:
    """Return what stands for a word of a project in the index: eight letters and digits."""
    digest = blake2b(f"{project_id}\0{stem}".encode("utf-8", "surrogatepass"), digest_size=TOKEN_BYTES)
    return b32hexencode(digest.digest()).decode().lower()


def tokens_of(project_id: int, stems: Iterable[str], most: int) -> list[str]:
    """Return the tokens of the first words."""
    return [token_of(project_id, stem) for stem, _ in zip(stems, range(most), strict=False)]


def place_of(project_id: int, id: UUID) -> int:
    """Return the rowid of a source in the index of SQLite: 62 bits of a digest."""
    return int.from_bytes(blake2b(b"%d:%s" % (project_id, id.bytes), digest_size=8).digest()) >> 2
