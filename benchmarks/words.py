"""What customers and agents write: a fixed vocabulary in which words are as unequal as in any language (Zipf's law).

The word of rank r is written 1/r times as often as the first. Some words, each in a few tickets only, stand in none of
these sentences; `rows.py` plants them, so that it is known how many tickets hold them whatever the size.
"""

import functools
import random
from itertools import accumulate

import msgspec

SEED = 20_260
N_WORDS = 30_000
N_SENTENCES = 100_000
N_RARE = 40
RARE_TICKETS = (10, 50)
# By rank; those from the 30th on are in 10 to 20 % of the tickets.
FREQUENT_WORDS = """
the to I is a my of and in it for you we on not this that with can have be was are but your from at as please an
invoice payment account export report error browser update order login dashboard button team customer refund price
password problem message screen address question support number
"""
FREQUENT = FREQUENT_WORDS.split()
# The ranks from which searches for a common word take theirs.
COMMON = FREQUENT[30:50]
SYLLABLE_TEXTS = """
ba be bi bo bu ca ce ci co cu da de di do du fa fe fi fo ga ge go gu ha he hi ho ja jo ka ke ki la le li lo lu ma me
mi mo mu na ne ni no nu pa pe pi po pu ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo wa we wi yo za ze zi
"""
SYLLABLES = SYLLABLE_TEXTS.split()
ENDINGS = ("", "n", "r", "s", "l", "t", "ng", "st", "x", "m")


class Language(msgspec.Struct, frozen=True):
    """Sentences to write messages from, and words that none of them holds."""

    sentences: list[str]
    rare: list[str]


@functools.cache
def language() -> Language:
    """Make the same sentences and rare words every time; takes about two seconds."""
    source = random.Random(SEED)
    words = list(FREQUENT)
    known = set(words)
    while len(words) < N_WORDS:
        word = _word(source, 2 + (len(words) > 2000) + (len(words) > 12_000))
        if word not in known:
            known.add(word)
            words.append(word)
    weights = list(accumulate(1 / rank for rank in range(1, N_WORDS + 1)))
    lengths = source.choices(range(4, 10), k=N_SENTENCES)
    drawn = iter(source.choices(words, cum_weights=weights, k=sum(lengths)))
    sentences = [" ".join(next(drawn) for _ in range(length)).capitalize() + "." for length in lengths]
    whole = "\n".join(sentences).lower()
    rare: list[str] = []
    while len(rare) < N_RARE:
        word = _word(source, 4)
        # As long and made of the same syllables as others, so that an index finds no short way.
        if word not in whole and word not in rare:
            rare.append(word)
    return Language(sentences, rare)


def _word(source: random.Random, n_syllables: int) -> str:
    return "".join(source.choices(SYLLABLES, k=n_syllables)) + source.choice(ENDINGS)
