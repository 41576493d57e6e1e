"""What a key may do and reach."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from parley.accounts.api_keys.rules import check_scopes, covered_organizations
from parley.kernel.errors import Invalid


def test_a_key_covers_what_is_stored_or_else_what_its_owner_had_joined_before():
    early, late, left = uuid4(), uuid4(), uuid4()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    joined = {early: now - timedelta(days=1), late: now + timedelta(seconds=1)}
    assert covered_organizations(None, now, joined) == {early}
    assert covered_organizations([], now, joined) == frozenset()
    assert covered_organizations([str(late), str(left)], now, joined) == {late}


def test_scopes_are_known_and_without_repeats():
    assert check_scopes(["ticket:read", "*", "ticket:read"]) == ["ticket:read", "*"]
    for bad in ([], ["ticket:*"], ["TICKET:read"], ["ticket:read "], ["nothing:read"], ["*"] * 201):
        with pytest.raises(Invalid):
            check_scopes(bad)
