"""The table of docs/sla.md is true."""

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from parley.conversations.sla.rules import DAYS, business_hours_of, due_at

PAGE = (Path(__file__).parents[5] / "docs" / "sla.md").read_text()
MOMENT = r"([A-Z][a-z]{2} [-\d]+ [:\d]+)"
ROWS = re.findall(rf"^\| {MOMENT} \| ([.\d]+) (\w+) \| (.+?) \| {MOMENT} \|$", PAGE, re.MULTILINE)
BERLIN = ZoneInfo("Europe/Berlin")


def moment(shown: str) -> datetime:
    """Read a moment on the clock in Berlin, whose day of the week must be right."""
    found = datetime.strptime(shown[4:], "%Y-%m-%d %H:%M").replace(tzinfo=BERLIN)
    assert found.strftime("%a") == shown[:3]
    return found.astimezone(UTC)


@pytest.mark.parametrize(("start", "amount", "unit", "hours", "end"), ROWS)
def test_a_row_comes_out_as_shown(start, amount, unit, hours, end):
    window = hours.partition(",")[0]
    of = None
    if window != "none":
        time = window if window == "any" else window.split("-")
        of = business_hours_of({"days": list(DAYS[:5]), "time": time}, BERLIN.key)
    assert due_at(moment(start), float(amount), unit, of) == moment(end)


def test_every_row_of_the_table_is_read():
    assert len(ROWS) == len(re.findall(r"^\| \w{3} 20", PAGE, re.MULTILINE)) >= 12
