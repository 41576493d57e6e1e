"""What a table of events can show."""

from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from parley.analytics.query_schema.kinds import EventsQuery
from parley.analytics.query_schema.period import period_of
from parley.analytics.query_schema.schemas import DateRange
from parley.kernel.errors import Invalid

PLAIN = ("*", "event", "uuid", "id", "distinct_id", "timestamp", "properties", "person")
OF_EVENT, OF_PERSON = "properties.", "person.properties."
ORDERS = {"timestamp": False, "timestamp ASC": False, "timestamp DESC": True, "-timestamp": True}
BEGINNING = "1970-01-02"


class TableColumn(msgspec.Struct, frozen=True):
    """A column: one of the plain ones, or a property of the event or of its person."""

    source: Literal["plain", "event", "person"]
    name: str

    @property
    def needs_person(self) -> bool:
        """Does it show something of the person."""
        return self.source == "person" or self.name == "person"

    @property
    def type(self) -> str:
        """Its type in PostHog's words."""
        if self.source == "plain" and self.name in ("*", "person", "properties"):
            return "Tuple"
        return "DateTime" if self.name == "timestamp" and self.source == "plain" else "String"


def columns_of(query: EventsQuery, attr: str = "query") -> list[TableColumn]:
    """Return the columns that a query selects; raises Invalid for others. A title behind `--` counts for nothing."""
    return [_column(text, f"{attr}__select__{n}") for n, text in enumerate(query.select)]


def _column(text: str, attr: str) -> TableColumn:
    name = text.split("--", 1)[0].strip()
    if name in PLAIN:
        return TableColumn("plain", name)
    for prefix, source in ((OF_PERSON, "person"), (OF_EVENT, "event")):
        if name.startswith(prefix) and len(name) > len(prefix):
            return TableColumn(source, name.removeprefix(prefix).strip('`"'))  # type: ignore[arg-type]
    possible = ", ".join((*PLAIN, f"{OF_EVENT}...", f"{OF_PERSON}..."))
    raise Invalid(f"Possible are {possible}.", code="invalid_choice", attr=attr)


def is_newest_first(query: EventsQuery, attr: str = "query") -> bool:
    """Say in which order rows are; raises Invalid for orders other than by time."""
    for n, text in enumerate(query.order_by):
        if text not in ORDERS or n:
            detail = f"Possible is one of {', '.join(ORDERS)}."
            raise Invalid(detail, code="invalid_choice", attr=f"{attr}__orderBy__{n}")
    return ORDERS[query.order_by[0]] if query.order_by else True


def bounds_of(
    query: EventsQuery, zone: ZoneInfo, now: datetime, attr: str = "query"
) -> tuple[datetime | None, datetime | None]:
    """Return from when and until when rows are shown, None where there is no bound; raises Invalid."""
    start = _period("after", DateRange(query.after), zone, now, attr).start if query.after else None
    end = _period("before", DateRange(BEGINNING, query.before), zone, now, attr).end if query.before else None
    return start, end


def _period(name: str, dates: DateRange, zone: ZoneInfo, now: datetime, attr: str) -> Any:
    try:
        return period_of(dates, "month", zone, now, attr=attr)
    except Invalid as error:
        error.attr = f"{attr}__{name}"
        raise


def check_table(query: EventsQuery, zone: ZoneInfo, now: datetime, attr: str = "query") -> None:
    """Raise Invalid for what no table of events can show."""
    columns_of(query, attr)
    is_newest_first(query, attr)
    bounds_of(query, zone, now, attr)
    if query.properties.values:
        detail = "Tables of events can't be narrowed by properties. Narrow them by `event`."
        raise Invalid(detail, attr=f"{attr}__properties")
