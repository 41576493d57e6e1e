"""Which of several levels holds."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.accounts.access_levels.rules import (
    LEVELS,
    StoredLevel,
    check_authorized,
    deciding_level,
    is_at_least,
)
from parley.kernel.errors import NotFound, PermissionDenied

ME, SHE, MINE, TOO, HERS = (UUID(int=number) for number in range(1, 6))
ROLES = (MINE, TOO)
HOLDERS: list[dict[str, UUID]] = [{}, *({"membership_id": id} for id in (ME, SHE))]
HOLDERS += [{"role_id": id} for id in (MINE, TOO, HERS)]
ROWS = st.lists(
    st.builds(
        lambda level, holder: StoredLevel(level, **holder), st.sampled_from(LEVELS), st.sampled_from(HOLDERS)
    ),
    unique_by=lambda row: (row.membership_id, row.role_id),
)


@pytest.mark.parametrize(
    ("rows", "level"),
    [
        ([], None),
        ([StoredLevel("viewer")], "viewer"),
        ([StoredLevel("none")], "none"),
        ([StoredLevel("manager"), StoredLevel("viewer", role_id=MINE)], "viewer"),
        (
            [StoredLevel("none"), StoredLevel("viewer", role_id=MINE), StoredLevel("editor", role_id=TOO)],
            "editor",
        ),
        ([StoredLevel("manager", role_id=MINE), StoredLevel("none", membership_id=ME)], "none"),
        ([StoredLevel("none", role_id=MINE), StoredLevel("none", role_id=TOO)], "none"),
        ([StoredLevel("editor", membership_id=SHE)], None),
        ([StoredLevel("editor", role_id=HERS)], None),
        (
            [
                StoredLevel("viewer"),
                StoredLevel("manager", role_id=HERS),
                StoredLevel("manager", membership_id=SHE),
            ],
            "viewer",
        ),
    ],
)
def test_the_nearest_row_decides_and_among_roles_the_highest(rows, level):
    assert deciding_level(rows, ME, ROLES) == level
    assert deciding_level(reversed(rows), ME, ROLES) == level


@given(ROWS)
def test_the_rule_is_what_the_sentence_says(rows):
    own = [row.level for row in rows if row.membership_id == ME]
    of_roles = sorted((row.level for row in rows if row.role_id in ROLES), key=LEVELS.index)
    everybodys = [row.level for row in rows if row.membership_id is None and row.role_id is None]
    said = (own or of_roles[-1:] or everybodys or [None])[0]
    assert deciding_level(rows, ME, ROLES) == said


@given(ROWS, st.sampled_from(LEVELS))
def test_rows_of_others_change_nothing(rows, level):
    more = [*rows, StoredLevel(level, membership_id=UUID(int=90)), StoredLevel(level, role_id=UUID(int=91))]
    assert deciding_level(more, ME, ROLES) == deciding_level(rows, ME, ROLES)


@given(st.sampled_from(LEVELS), st.sampled_from(LEVELS))
def test_a_level_holds_what_lower_ones_do(level, wanted):
    assert is_at_least(level, wanted) == (LEVELS.index(level) >= LEVELS.index(wanted))


def test_what_is_hidden_is_missing_and_what_is_too_little_is_said():
    check_authorized("editor", "editor")
    check_authorized("manager", "viewer")
    with pytest.raises(NotFound):
        check_authorized("none", "editor")
    with pytest.raises(PermissionDenied, match=r"You do not have editor access to this resource\."):
        check_authorized("viewer", "editor")
    with pytest.raises(PermissionDenied, match=r"You do not have manager access to this resource\."):
        check_authorized("editor", "manager")
