"""Names of time zones."""

import pytest

from parley.kernel.errors import Invalid
from parley.kernel.text.time_zones import check_time_zone


def test_time_zones_are_those_of_the_iana_database():
    assert [check_time_zone(name) for name in ("UTC", "Europe/Berlin")] == ["UTC", "Europe/Berlin"]
    for bad in ("", "utc ", "Europe", "+02:00", "Europe/berlin"):
        with pytest.raises(Invalid, match="such as Europe/Berlin"):
            check_time_zone(bad)
