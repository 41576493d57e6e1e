"""`python -m benchmarks.trials.suggestions`: how often the right past answer is found for a question in other words.

The labelled set is `suggestion_questions.json`. With a folder that has all-MiniLM-L6-v2 (`model.onnx`,
`tokenizer.json`) as an argument, and onnxruntime and tokenizers installed, its embeddings are measured beside words.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

from parley.knowledge.suggested_replies.rules.ranking import Candidate, ranked, weights_of
from parley.knowledge.suggested_replies.rules.words import stems_of, token_of, tokens_of

QUESTIONS = json.loads((Path(__file__).parent / "suggestion_questions.json").read_text())
PAST, ASKED = QUESTIONS["past"], QUESTIONS["asked"]
PROJECT = 1


def _candidate(number: int, past: dict[str, str]) -> Candidate:
    asked = stems_of(past["question"])
    further = [stem for stem in stems_of(past["answer"]) if stem not in asked]
    tokens, answer_tokens = (
        frozenset(token_of(PROJECT, stem) for stem in stems) for stems in (asked, further)
    )
    return Candidate(kind="ticket", id=UUID(int=number), tokens=tokens, answer_tokens=answer_tokens)


def by_words() -> list[list[str]]:
    """Return for each question the ids of what is found, the best first."""
    candidates = [_candidate(number, past) for number, past in enumerate(PAST)]
    counts = Counter(token for one in candidates for token in one.tokens | one.answer_tokens)
    found = []
    for asked in ASKED:
        tokens = tokens_of(PROJECT, stems_of(asked["question"]), 24)
        order = ranked(weights_of(tokens, counts, len(candidates)), counts, candidates)
        found.append([PAST[one.candidate.id.int]["id"] for one in order])
    return found


def by_meaning(folder: Path) -> list[list[str]]:
    """The same with embeddings."""
    numpy, onnxruntime, tokenizers = map(import_module, ("numpy", "onnxruntime", "tokenizers"))
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))

    def embedded(text: str) -> Any:
        words = tokenizer.encode(text)
        ids, mask = numpy.array([words.ids]), numpy.array([words.attention_mask])
        [states] = session.run(
            None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
        )
        mean = (states * mask[..., None]).sum(1)[0]
        return mean / numpy.linalg.norm(mean)

    known = numpy.array([embedded(f"{past['question']} {past['answer']}") for past in PAST])
    orders = (numpy.argsort(-(known @ embedded(asked["question"]))) for asked in ASKED)
    return [[PAST[place]["id"] for place in order] for order in orders]


def report(name: str, found: Sequence[Sequence[str]], seconds: float) -> None:
    """Print recall, and how many questions that nothing answers got an answer."""
    wanted = [(one["wanted"], ids) for one, ids in zip(ASKED, found, strict=True) if one["wanted"]]
    nothing = [ids for one, ids in zip(ASKED, found, strict=True) if not one["wanted"]]
    first, third = (sum(id in ids[:n] for id, ids in wanted) / len(wanted) for n in (1, 3))
    false = sum(bool(ids) for ids in nothing)
    each_ms = 1000 * seconds / len(ASKED)
    print(
        f"{name}: recall@1 {first:.3f}, recall@3 {third:.3f}, {false} of {len(nothing)} wrongly answered, {each_ms:.2f} ms"
    )


def main(arguments: list[str]) -> None:
    """Measure words, and embeddings where a model is given."""
    trials: dict[str, Callable[[], list[list[str]]]] = {"words": by_words}
    trials |= {f"meaning ({folder})": partial(by_meaning, Path(folder)) for folder in arguments}
    for name, find in trials.items():
        before = perf_counter()
        found = find()
        report(name, found, perf_counter() - before)


if __name__ == "__main__":
    main(sys.argv[1:])
