"""Which answers on a target could only have been meant for the customers of one merged ticket."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from parley.conversations.merging.rules.returned_messages import PublicMessage, messages_since_merge

START = datetime(2026, 5, 1, tzinfo=UTC)
MERGED, OTHER = UUID(int=100), UUID(int=200)
# Who writes (c is a customer, t the team), to the target or through a merged ticket. `|` is the merge; what stands
# before it was written on the ticket itself.
ORIGINS = {"m": MERGED, "o": OTHER, "s": None}


def messages(script: str) -> tuple[list[PublicMessage], datetime]:
    """Read a script such as `cs tm | cm ts`: customer or team, and merged ticket, other merged one or target."""
    found, merged_at, is_before = [], START, True
    for n, word in enumerate(script.split()):
        at = START + timedelta(minutes=n)
        if word == "|":
            merged_at, is_before = at, False
            continue
        origin = ORIGINS[word[1]]
        author = "customer" if word[0] == "c" else "support"
        found.append(PublicMessage(UUID(int=n), at, author, origin, origin if is_before else None))
    return found, merged_at


@pytest.mark.parametrize(
    ("script", "answers", "counts"),
    [
        ("cs cm | ts", [], (0, 0)),  # nobody has asked since
        ("cs ts cm | cm ts", [5], (1, 0)),
        ("cs ts cm | cm ts ts", [5, 6], (1, 0)),
        ("cs cm | cm ts", [], (1, 0)),  # the target's question waits, too
        ("cs ts cm tm | cm cs ts", [], (1, 0)),
        ("cs ts cm tm | cs ts cm ts", [8], (1, 0)),
        ("cs ts cm tm | cm ts cs ts", [6], (1, 0)),
        ("cs ts cm tm | cm tm ts", [], (1, 1)),  # it was answered through its own number
        ("cs ts cm tm co | cm ts", [], (1, 0)),
        ("cs ts co to cm tm | co ts", [], (0, 0)),
        ("cs ts cm tm | ts", [], (0, 0)),
        ("cm | tm", [], (0, 1)),
    ],
)
def test_an_answer_belongs_to_who_alone_has_asked(script, answers, counts):
    read, merged_at = messages(script)
    found = messages_since_merge(read, [MERGED], merged_at)
    assert [id.int for id in found.answer_ids] == answers
    assert (found.customer_count, found.team_count) == counts
