"""Which of several levels holds."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.accounts.access_levels.rules import (
    LEVELS,
    Row,
    check_may,
    deciding_level,
    reaches,
)
from parley.kernel.errors import NotFound, PermissionDenied

ME, SHE, MINE, TOO, HERS = (UUID(int=number) for number in range(1, 6))
ROLES = (MINE, TOO)
HOLDERS: list[dict[str, UUID]] = [{}, *({"membership_id": id} for id in (ME, SHE))]
HOLDERS += [{"role_id": id} for id in (MINE, TOO, HERS)]
ROWS = st.lists(
    st.builds(lambda level, holder: Row(level, **holder), st.sampled_from(LEVELS), st.sampled_from(HOLDERS)),
    unique_by=lambda row: (row.membership_id, row.role_id),
)


@pytest.mark.parametrize(
    ("rows", "level"),
    [
        ([], None),
        ([Row("viewer")], "viewer"),
        ([Row("none")], "none"),
        ([Row("manager"), Row("viewer", role_id=MINE)], "viewer"),
        ([Row("none"), Row("viewer", role_id=MINE), Row("editor", role_id=TOO)], "editor"),
        ([Row("manager", role_id=MINE), Row("none", membership_id=ME)], "none"),
        ([Row("none", role_id=MINE), Row("none", role_id=TOO)], "none"),
        ([Row("editor", membership_id=SHE)], None),
        ([Row("editor", role_id=HERS)], None),
        ([Row("viewer"), Row("manager", role_id=HERS), Row("manager", membership_id=SHE)], "viewer"),
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
    more = [*rows, Row(level, membership_id=UUID(int=90)), Row(level, role_id=UUID(int=91))]
    assert deciding_level(more, ME, ROLES) == deciding_level(rows, ME, ROLES)


@given(st.sampled_from(LEVELS), st.sampled_from(LEVELS))
def test_a_level_holds_what_lower_ones_do(level, wanted):
    assert reaches(level, wanted) == (LEVELS.index(level) >= LEVELS.index(wanted))


def test_what_is_hidden_is_missing_and_what_is_too_little_is_said():
    check_may("editor", "editor")
    check_may("manager", "viewer")
    with pytest.raises(NotFound):
        check_may("none", "editor")
    with pytest.raises(PermissionDenied, match=r"You do not have editor access to this resource\."):
        check_may("viewer", "editor")
    with pytest.raises(PermissionDenied, match=r"You do not have manager access to this resource\."):
        check_may("editor", "manager")
