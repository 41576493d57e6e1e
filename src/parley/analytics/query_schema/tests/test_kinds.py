"""What each kind of query may say, beside what is tested for all of them."""

import pytest

from parley.analytics.query_schema.kinds import FunnelsQuery, LifecycleQuery, RetentionQuery, StickinessQuery
from parley.analytics.query_schema.reading import normal, read_query
from parley.kernel.errors import Invalid

VISIT = {"kind": "EventsNode", "event": "visit"}
TICKET = {"kind": "EventsNode", "event": "$conversation_ticket_created"}
SECRET = {"key": "customer_email", "operator": "is_set"}
SECRETS = {"type": "AND", "values": [{"type": "OR", "values": [SECRET]}]}


def query(kind, **parts):
    series = {} if kind == "RetentionQuery" else {"series": [VISIT] * (2 if kind == "FunnelsQuery" else 1)}
    return {"kind": kind, **series, **parts}


@pytest.mark.parametrize(
    ("raw", "struct"),
    [
        (query("FunnelsQuery", funnelsFilter={"exclusions": [VISIT | {"funnelFromStep": 0}]}), FunnelsQuery),
        (query("FunnelsQuery", funnelsFilter={"funnelVizType": "trends"}, interval="week"), FunnelsQuery),
        (query("FunnelsQuery", breakdownFilter={"breakdown": "plan"}, filterTestAccounts=True), FunnelsQuery),
        (query("RetentionQuery"), RetentionQuery),
        (query("RetentionQuery", retentionFilter={"period": "Week", "totalIntervals": 8}), RetentionQuery),
        (
            query("RetentionQuery", retentionFilter={"minimumOccurrences": 1, "cumulative": False}),
            RetentionQuery,
        ),
        (query("LifecycleQuery", lifecycleFilter={"toggledLifecycles": ["new", "dormant"]}), LifecycleQuery),
        (query("LifecycleQuery", breakdownFilter={"breakdown_type": "event"}), LifecycleQuery),
        (query("StickinessQuery", series=[VISIT | {"math": "dau"}], intervalCount=1), StickinessQuery),
        (query("StickinessQuery", compareFilter={"compare": True, "compare_to": "-1m"}), StickinessQuery),
    ],
)
def test_a_kind_is_read(raw, struct):
    found = read_query({"kind": "InsightVizNode", "source": raw})
    assert isinstance(found, struct)
    assert normal(found) == normal(read_query(raw))


@pytest.mark.parametrize(
    ("raw", "attr"),
    [
        (query("FunnelsQuery", series=[VISIT]), "series"),
        (query("FunnelsQuery", series=[VISIT, VISIT | {"math": "sum"}]), "series__1__math"),
        (
            query("FunnelsQuery", series=[VISIT, VISIT | {"optionalInFunnel": True}]),
            "series__1__optionalInFunnel",
        ),
        (query("FunnelsQuery", funnelsFilter={"funnelOrderType": "any"}), "funnelsFilter__funnelOrderType"),
        (query("FunnelsQuery", funnelsFilter={"funnelToStep": 2}), "funnelsFilter__funnelToStep"),
        (query("FunnelsQuery", funnelsFilter={"funnelFromStep": 1}), "funnelsFilter__funnelFromStep"),
        (query("FunnelsQuery", funnelsFilter={"funnelToStep": 0}), "funnelsFilter__funnelToStep"),
        (
            query(
                "FunnelsQuery",
                funnelsFilter={"breakdownAttributionType": "step", "breakdownAttributionValue": 2},
            ),
            "funnelsFilter__breakdownAttributionValue",
        ),
        (
            query("FunnelsQuery", funnelsFilter={"funnelOrderType": "strict", "exclusions": [VISIT]}),
            "funnelsFilter__exclusions",
        ),
        (
            query(
                "FunnelsQuery",
                series=[VISIT] * 3,
                funnelsFilter={"funnelOrderType": "unordered", "exclusions": [VISIT | {"funnelFromStep": 1}]},
            ),
            "funnelsFilter__exclusions__0__funnelFromStep",
        ),
        (
            query("FunnelsQuery", funnelsFilter={"exclusions": [VISIT | {"funnelToStep": 2}]}),
            "funnelsFilter__exclusions__0__funnelToStep",
        ),
        (
            query("FunnelsQuery", funnelsFilter={"exclusions": [TICKET | {"properties": [SECRET]}]}),
            "funnelsFilter__exclusions__0__properties__0__key",
        ),
        (
            query("FunnelsQuery", funnelsFilter={"funnelWindowInterval": 0}),
            "funnelsFilter__funnelWindowInterval",
        ),
        (
            query("FunnelsQuery", funnelsFilter={"exclusions": [{"kind": "ActionsNode", "id": 1}]}),
            "funnelsFilter__exclusions__0__kind",
        ),
        (query("FunnelsQuery", aggregation_group_type_index=0), "aggregation_group_type_index"),
        (query("FunnelsQuery", compareFilter={"compare": True}), "compareFilter__compare"),
        (query("RetentionQuery", retentionFilter={"period": "Year"}), "retentionFilter__period"),
        (query("RetentionQuery", retentionFilter={"totalIntervals": 63}), "retentionFilter__totalIntervals"),
        (query("RetentionQuery", retentionFilter={"cumulative": True}), "retentionFilter__cumulative"),
        (
            query("RetentionQuery", retentionFilter={"timeWindowMode": "24_hour_windows"}),
            "retentionFilter__timeWindowMode",
        ),
        (
            query("RetentionQuery", retentionFilter={"targetEntity": {"type": "actions", "id": "1"}}),
            "retentionFilter__targetEntity__type",
        ),
        (query("RetentionQuery", breakdownFilter={"breakdown": "plan"}), "breakdownFilter__breakdown"),
        (
            query(
                "RetentionQuery",
                retentionFilter={"returningEntity": {"id": TICKET["event"], "properties": [SECRET]}},
            ),
            "retentionFilter__returningEntity__properties__0__key",
        ),
        (query("LifecycleQuery", series=[VISIT, VISIT]), "series"),
        (query("LifecycleQuery", series=[VISIT | {"math": "unique_session"}]), "series__0__math"),
        (query("LifecycleQuery", lifecycleFilter={"toggledLifecycles": ["old"]}), None),
        (
            query("LifecycleQuery", breakdownFilter={"breakdowns": [{"property": "a"}]}),
            "breakdownFilter__breakdowns",
        ),
        (
            query("LifecycleQuery", series=[TICKET], properties=SECRETS),
            "properties__values__0__values__0__key",
        ),
        (
            query(
                "StickinessQuery", stickinessFilter={"stickinessCriteria": {"operator": "gte", "value": 2}}
            ),
            "stickinessFilter__stickinessCriteria",
        ),
        (query("StickinessQuery", intervalCount=2), "intervalCount"),
        (query("StickinessQuery", series=[VISIT | {"limit": 10}]), "series__0__limit"),
        (query("StickinessQuery", compareFilter={"compare_to": "-1mStart"}), "compareFilter__compare_to"),
        (query("StickinessQuery", compareFilter={"compare_to": "2026-01-01"}), "compareFilter__compare_to"),
        (query("TrendsQuery", compareFilter={"compare_to": "-0d"}), "compareFilter__compare_to"),
        (query("TrendsQuery", dateRange={"date_from": "soon"}), "dateRange__date_from"),
        (query("TrendsQuery", dateRange={"date_to": "all"}), "dateRange__date_to"),
        (query("TrendsQuery", dateRange={"explicitDate": True}), "dateRange__explicitDate"),
        (query("TrendsQuery", trendsFilter={"smoothingIntervals": 7}), "trendsFilter__smoothingIntervals"),
        (query("TrendsQuery", trendsFilter={"smoothingIntervals": True}), "trendsFilter__smoothingIntervals"),
        (query("TrendsQuery", trendsFilter={"formula": "A + C"}), "trendsFilter__formula"),
        (query("TrendsQuery", trendsFilter={"formulas": ["A", "A %"]}), "trendsFilter__formulas__1"),
        (
            query("TrendsQuery", trendsFilter={"formulaNodes": [{"formula": "A("}]}),
            "trendsFilter__formulaNodes__0__formula",
        ),
        (
            query("TrendsQuery", series=[VISIT | {"math_group_type_index": 0}]),
            "series__0__math_group_type_index",
        ),
        (query("TrendsQuery", series=[VISIT | {"math_multiplier": 2}]), "series__0__math_multiplier"),
        (
            query(
                "TrendsQuery", breakdownFilter={"breakdowns": [{"property": "a", "histogram_bin_count": 3}]}
            ),
            "breakdownFilter__breakdowns__0__histogram_bin_count",
        ),
        (
            query("TrendsQuery", series=[TICKET | {"properties": SECRETS}]),
            "series__0__properties__values__0__values__0__key",
        ),
        ({"kind": "EventsQuery", "after": "2026-02-31"}, "after"),
        ({"kind": "EventsQuery", "where": ["1 = 1"]}, "where"),
    ],
)
def test_what_would_change_the_answer_is_refused_at_its_place(raw, attr):
    with pytest.raises(Invalid) as refused:
        read_query(raw)
    assert attr is None or refused.value.attr == f"query__{attr}"
