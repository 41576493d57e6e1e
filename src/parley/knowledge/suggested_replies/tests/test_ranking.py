"""Which of several sources is the first one."""

from collections import Counter
from uuid import UUID

import pytest

from parley.knowledge.suggested_replies.rules.ranking import Candidate, SourceKind, ranked, weights_of
from parley.knowledge.suggested_replies.rules.words import stems_of

EXPORT = """Open the board and choose Share, then Export. Choose CSV for spreadsheets, or JSON for programs. The file is made
in the background. A link to it comes by mail. Tasks in the archive are left out unless you tick With the archive. Boards
with more than 500 tasks take up to a minute."""
STOPS = "Thank you for the exact numbers. I can reproduce it. I have passed it on to the developers."
SOURCES: dict[str, tuple[SourceKind, str, str]] = {
    "export": ("article", "Exporting a board export", EXPORT),
    "boards": ("article", "Boards", "A board has columns, and a column has tasks."),
    "invoices": ("article", "Invoices and company details billing", "All invoices are under Billing."),
    "stops": (
        "ticket",
        "The CSV export stops after 500 rows. We have about 2,000 tasks on that board.",
        STOPS,
    ),
    "print": (
        "ticket",
        "How do I print a board so that it fits on one page?",
        "Choose Print, then Fit to page.",
    ),
    "VAT": ("ticket", "Where do I enter our VAT number? I can't find the field.", "It is below the address."),
    "fault": ("quick_action", "Ask for details of a fault", "Which browser do you use?"),
}
"""A kind, what it is about, and what it says."""


def first_for(question: str) -> str:
    """Return the best source."""
    candidates = []
    for place, (kind, about, says) in enumerate(SOURCES.values()):
        tokens = frozenset(stems_of(about))
        further = frozenset(stems_of(says)) - tokens
        candidates.append(Candidate(kind=kind, id=UUID(int=place), tokens=tokens, answer_tokens=further))
    counts = Counter(token for one in candidates for token in one.tokens | one.answer_tokens)
    order = ranked(weights_of(stems_of(question), counts, len(candidates)), counts, candidates)
    return list(SOURCES)[order[0].candidate.id.int]


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("How can I export a board as CSV?", "export"),
        ("Hello, how do I export a board as CSV?", "export"),
        ("My CSV export stops after 500 rows.", "stops"),
        ("Can I print a board on one page?", "print"),
        ("Where do I enter the VAT number of our company?", "VAT"),
        ("How do I print boards on one page?", "print"),
        ("Where are the invoices of my company?", "invoices"),
    ],
)
def test_the_source_that_is_about_the_question_is_the_first_one(question: str, best: str):
    assert first_for(question) == best
