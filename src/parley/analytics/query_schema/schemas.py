"""The parts that several kinds of queries have, by PostHog's names. What is null on the wire counts as missing."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from parley.web.event_names import event_words

Interval = Literal["hour", "day", "week", "month"]
Operator = Literal[
    "exact",
    "is_not",
    "icontains",
    "not_icontains",
    "regex",
    "not_regex",
    "gt",
    "gte",
    "lt",
    "lte",
    "is_set",
    "is_not_set",
    "is_date_exact",
    "is_date_before",
    "is_date_after",
]
Math = Literal[
    "total",
    "dau",
    "weekly_active",
    "monthly_active",
    "unique_session",
    "sum",
    "avg",
    "min",
    "max",
    "median",
    "p75",
    "p90",
    "p95",
    "p99",
]
PROPERTY_MATH = frozenset(("sum", "avg", "min", "max", "median", "p75", "p90", "p95", "p99"))
"""The ways to count that need `math_property`."""

Display = Literal[
    "ActionsLineGraph",
    "ActionsLineGraphCumulative",
    "ActionsAreaGraph",
    "ActionsBar",
    "ActionsUnstackedBar",
    "ActionsStackedBar",
    "ActionsBarValue",
    "ActionsTable",
    "ActionsPie",
    "BoldNumber",
]

MAX_SERIES = 20
Key = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=400,
        pattern=r'^[^"\\\x00]+$',
        extra={"expected": "A key can't hold quotation marks or backslashes."},
    ),
]
Name = Annotated[str, Meta(max_length=400)]


class PropertyFilter(msgspec.Struct, frozen=True):
    """A condition on one property of an event or of its person."""

    key: Key
    value: Any = None
    operator: Operator = "exact"
    type: Literal["event", "person"] = "event"

    @property
    def values(self) -> list[Any]:
        """The values that are compared with: none for `is_set`, one or several for others."""
        if self.value is None:
            return []
        return list(self.value) if isinstance(self.value, list) else [self.value]


class PropertyGroup(msgspec.Struct, frozen=True):
    """Conditions of which all or any must hold: `values` holds `PropertyFilter`s and groups."""

    type: Literal["AND", "OR"] = "AND"
    values: tuple[Any, ...] = ()


class EventsNode(msgspec.Struct, frozen=True, tag_field="kind"):
    """The events of one name (None: of all names) that satisfy the filters, and how they are counted.

    `funnel_from_step` and `funnel_to_step` are for the exclusions of funnels.
    """

    event: Annotated[str, Meta(max_length=200)] | None = None
    name: Name | None = None
    custom_name: Name | None = None
    math: Math = "total"
    math_property: Key | None = None
    properties: PropertyGroup = PropertyGroup()
    funnel_from_step: Annotated[int, Meta(ge=0, le=MAX_SERIES)] | None = msgspec.field(
        default=None, name="funnelFromStep"
    )
    funnel_to_step: Annotated[int, Meta(ge=0, le=MAX_SERIES)] | None = msgspec.field(
        default=None, name="funnelToStep"
    )

    @property
    def label(self) -> str:
        """What people call the series."""
        return self.custom_name or event_words(self.name or self.event or "All events")


Series = Annotated[tuple[EventsNode, ...], Meta(min_length=1, max_length=MAX_SERIES)]
OneSeries = Annotated[tuple[EventsNode, ...], Meta(min_length=1, max_length=1)]


class DateRange(msgspec.Struct, frozen=True):
    """From when to when: `-7d`, `-1mStart`, `all` or ISO 8601 (see `period`)."""

    date_from: str | None = None
    date_to: str | None = None


class Breakdown(msgspec.Struct, frozen=True):
    """A property by whose values the results are divided."""

    property: Key
    type: Literal["event", "person"] = "event"


class BreakdownFilter(msgspec.Struct, frozen=True):
    """How the results are divided: by one property in `breakdown`, or by up to three in `breakdowns`."""

    breakdown: Key | None = None
    breakdown_type: Literal["event", "person"] = "event"
    breakdowns: Annotated[tuple[Breakdown, ...], Meta(max_length=3)] = ()
    breakdown_limit: Annotated[int, Meta(ge=1, le=100)] = 25
    breakdown_hide_other_aggregation: bool = False

    @property
    def parts(self) -> tuple[Breakdown, ...]:
        """The properties to divide by; none where nothing is divided."""
        if self.breakdowns:
            return self.breakdowns
        return (Breakdown(self.breakdown, self.breakdown_type),) if self.breakdown else ()

    @property
    def is_multiple(self) -> bool:
        """Do results carry a list of values instead of one."""
        return bool(self.breakdowns)


class CompareFilter(msgspec.Struct, frozen=True):
    """Is the period compared with the one before, or with the one at `compare_to` (`-1y`) before it."""

    compare: bool = False
    compare_to: Annotated[str, Meta(max_length=20)] | None = None


class FormulaNode(msgspec.Struct, frozen=True):
    """A formula over the series A, B, C, ..."""

    formula: Annotated[str, Meta(min_length=1, max_length=200)]
    custom_name: Name | None = None


class TrendsFilter(msgspec.Struct, frozen=True, rename="camel"):
    """How trends are shown, as far as it changes what is computed."""

    display: Display = "ActionsLineGraph"
    formula: Annotated[str, Meta(max_length=200)] | None = None
    formulas: Annotated[tuple[Annotated[str, Meta(max_length=200)], ...], Meta(max_length=10)] = ()
    formula_nodes: Annotated[tuple[FormulaNode, ...], Meta(max_length=10)] = ()

    @property
    def every_formula(self) -> tuple[FormulaNode, ...]:
        """The formulas, in whichever of the three places they stand."""
        if self.formula_nodes:
            return self.formula_nodes
        texts = self.formulas or ((self.formula,) if self.formula else ())
        return tuple(FormulaNode(text) for text in texts if text.strip())

    @property
    def is_total(self) -> bool:
        """Is one number shown for the whole period, instead of one for each interval."""
        return self.display in ("BoldNumber", "ActionsPie", "ActionsBarValue", "ActionsTable")
