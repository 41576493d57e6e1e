"""Which source answers a question best.

The score is that of BM25 without the number of repetitions: rare words count for more, long texts for less. A word that
only the answer has counts half. An article or a quick action counts for more, the more of its title is asked for. Measured
in docs/decisions (suggested replies), but for the last.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import log
from typing import Literal
from uuid import UUID

import msgspec

SourceKind = Literal["ticket", "article", "quick_action"]

ANSWER_WEIGHT = 0.5
LENGTH_WEIGHT = 0.02
UNKNOWN_WEIGHT = 0.35
"""What a word of the question counts that no source has: it may be a name, or the whole point."""
PREFERENCE: Mapping[SourceKind, float] = {"quick_action": 1.15, "article": 1.1, "ticket": 1.0}
"""What the team has written for everybody comes before what it told one customer."""
TITLE_WEIGHT = 0.6
"""How much more it counts when the whole title is in the question: the title says what the text is about, while what a
customer once wrote has words of anything, such as of a fault."""
LITTLE = 0.2
"""A source is usable with so much of the question, its words weighted."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A source with the tokens of its words; `answer_tokens` has those that the question lacks."""

    kind: SourceKind
    id: UUID
    tokens: frozenset[str]
    answer_tokens: frozenset[str]


class Ranked(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate with its score."""

    candidate: Candidate
    score: float


def weights_of(tokens: Iterable[str], counts: Mapping[str, int], n_sources: int) -> dict[str, float]:
    """Return how much each token of a question counts, by how many sources have it."""
    return {token: log(1 + (n_sources + 1) / (counts.get(token, 0) + 0.5)) for token in tokens}


def ranked(
    weights: Mapping[str, float], counts: Mapping[str, int], candidates: Iterable[Candidate]
) -> list[Ranked]:
    """Return the usable candidates, the best one first."""
    whole = sum(weight * (1 if counts.get(token) else UNKNOWN_WEIGHT) for token, weight in weights.items())
    found = [one for one in (_ranked(weights, whole, candidate) for candidate in candidates) if one]
    return sorted(found, key=lambda one: (-one.score, one.candidate.id.bytes))


def _ranked(weights: Mapping[str, float], whole: float, candidate: Candidate) -> Ranked | None:
    asked = [token for token in candidate.tokens if token in weights]
    answered = [token for token in candidate.answer_tokens if token in weights]
    score = sum(weights[token] for token in asked) + ANSWER_WEIGHT * sum(weights[token] for token in answered)
    if not score or score < LITTLE * whole:
        return None
    length = len(candidate.tokens) + ANSWER_WEIGHT * len(candidate.answer_tokens)
    preference = PREFERENCE[candidate.kind]
    if candidate.kind != "ticket" and candidate.tokens:
        preference *= 1 + TITLE_WEIGHT * len(asked) / len(candidate.tokens)
    return Ranked(candidate=candidate, score=preference * score / (1 + LENGTH_WEIGHT * length))


def looked_up(tokens: Sequence[str], counts: Mapping[str, int], most: int) -> list[str]:
    """Return the rarest tokens that the index has, which together find at most about `most` sources."""
    known = sorted((counts[token], token) for token in tokens if counts.get(token))
    chosen: list[str] = []
    total = 0
    for count, token in known:
        if chosen and total + count > most:
            break
        chosen.append(token)
        total += count
    return chosen
