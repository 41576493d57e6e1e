"""A count beside that of the time before, in words."""

import pytest

from parley.inbox.report_pages.rules import compared


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (200, 1, "200 now, 1 before"),
        (11, 1, "11 now, 1 before"),
        (10, 1, "1 before, 900% more now"),
        (15, 10, "10 before, 50% more now"),
        (1, 200, "200 before, 99.5% fewer now"),
        (0, 4, "4 before, 100% fewer now"),
        (7, 7, "7 before"),
        (3, 0, "nothing before to compare with"),
        (0, 0, "none before either"),
    ],
)
def test_a_change_is_a_share_only_where_a_share_tells_something(now, before, words):
    assert compared(now, before) == words
