"""Who may change whose level."""

from uuid import uuid4

import pytest

from parley.accounts.memberships.rules import check_may_change, check_may_grant
from parley.kernel.errors import PermissionDenied
from parley.kernel.http.authorization import Principal

PLACE = uuid4()


def caller(level, scopes=None):
    """Somebody of this level; with scopes it is a key of theirs."""
    return Principal(
        user_id=1, user_uuid=uuid4(), email="a@example.com", name="A", levels={PLACE: level}, current_project_id=None,
        key_id=None if scopes is None else "key", scopes=None if scopes is None else frozenset(scopes),
    )  # fmt: skip


@pytest.mark.parametrize(("actor", "current", "wanted", "may"), [
    (15, 15, 1, True), (15, 1, 15, True), (8, 1, 8, True), (8, 8, 1, True), (8, 1, 15, False),
    (8, 15, 8, False), (1, 1, 1, False), (1, 1, 8, False),
])  # fmt: skip
def test_levels_are_given_up_to_ones_own(actor, current, wanted, may):
    if may:
        check_may_change(actor, current)
        check_may_grant(caller(actor), PLACE, wanted)
    else:
        with pytest.raises(PermissionDenied):
            check_may_change(actor, current)
            check_may_grant(caller(actor), PLACE, wanted)


@pytest.mark.parametrize("actor", [8, 15])
@pytest.mark.parametrize("scopes", [["organization_member:write"], ["organization:write", "user:write"], []])
def test_a_key_without_all_scopes_gives_the_lowest_level_only(actor, scopes):
    check_may_grant(caller(actor, scopes), PLACE, 1)
    check_may_grant(caller(actor, [*scopes, "*"]), PLACE, actor)
    for level in (8, 15):
        with pytest.raises(PermissionDenied):
            check_may_grant(caller(actor, scopes), PLACE, level)
