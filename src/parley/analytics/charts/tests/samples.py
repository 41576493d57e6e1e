"""Results of every kind in PostHog's shape, as the kinds of queries give them."""

from datetime import date, datetime, timedelta
from typing import Any

FIRST = date(2026, 11, 22)


def days(n: int) -> list[str]:
    return [(FIRST + timedelta(days=k)).isoformat() for k in range(n)]


def hours(n: int) -> list[str]:
    return [f"{datetime(2026, 11, 22) + timedelta(hours=k):%Y-%m-%d %H:%M:%S}" for k in range(n)]


def line(name: str, data: list[float], *, order: int = 0, math: str = "total", **more: Any) -> dict[str, Any]:
    labels = more.pop("days", None) or days(len(data))
    return {
        "action": {
            "id": name,
            "name": name,
            "type": "events",
            "order": order,
            "math": math,
            "custom_name": None,
        },
        "label": name,
        "count": sum(data),
        "aggregated_value": 0,
        "data": data,
        "labels": labels,
        "days": labels,
        **more,
    }


def wave(n: int, size: float, seed: int = 1) -> list[float]:
    return [
        float(round(size * (1 + 0.5 * ((k * 7 + seed * 13) % 11) / 11 - 0.2 * ((k + seed) % 7 > 4))))
        for k in range(n)
    ]


def trends(display: str = "ActionsLineGraph", **more: Any) -> dict[str, Any]:
    interval = more.pop("interval", "day")
    source = {
        "kind": "TrendsQuery",
        "series": [],
        "trendsFilter": {"display": display, **more},
        "interval": interval,
    }
    return {"kind": "InsightVizNode", "source": source}


def of_kind(kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": "InsightVizNode", "source": {"kind": kind, "dateRange": {"date_from": "-7d"}, **more}}


def totals(names: list[str]) -> list[dict[str, Any]]:
    return [
        {
            **line("Visited", [], breakdown_value=name),
            "label": name,
            "aggregated_value": 5200 // (n + 1),
            "count": 0,
        }
        for n, name in enumerate(names)
    ]


def steps(*pairs: tuple[str, int], **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "action_id": name,
            "name": name,
            "custom_name": None,
            "order": n,
            "people": [],
            "count": count,
            "type": "events",
            "average_conversion_time": 4000 * n or None,
            "median_conversion_time": 3700 * n or None,
            **more,
        }
        for n, (name, count) in enumerate(pairs)
    ]


def cohorts(n: int, size: int = 400) -> list[dict[str, Any]]:
    return [
        {
            "label": f"Day {k}",
            "date": f"{FIRST + timedelta(days=k)}T00:00:00Z",
            "values": [{"count": (size - k * 7) // (1 + j * (2 + k % 2) // 2)} for j in range(n - k)],
        }
        for k in range(n)
    ]


def lifecycle(n: int) -> list[dict[str, Any]]:
    sizes = {"new": 40, "returning": 90, "resurrecting": 20, "dormant": -35}
    return [
        {
            "status": status,
            "label": status,
            "data": [round(size * (1 + (k % 4) / 5)) for k in range(n)],
            "days": days(n),
            "labels": days(n),
        }
        for status, size in sizes.items()
    ]


COUNTRIES = [
    "Germany",
    "United States",
    "France",
    "Österreich",
    "Japan",
    "Brasil",
    "India",
    "Polska",
    "Kenya",
    "Chile",
]
HOSTILE = [
    "<script>alert(1)</script>",
    "datum.y + 1; fetch('https://example.org/x')",
    "\u202eevil\u202c.exe",
    "x" * 300,
    "https://example.org/a/very/long/path?with=query&and=more#fragment-that-goes-on",
    "Z\u0335\u0337\u0338\u0321\u0322\u0327\u0328\u0316\u0317\u0318algo",
    '{"signal": "width"}',
    "العربية ١٢٣",
]
SAMPLES: dict[str, tuple[dict[str, Any], Any]] = {
    "line": (trends(), [line("Signed up", wave(7, 120))]),
    "lines": (
        trends(),
        [
            line("Visited", wave(30, 900, 1)),
            line("Signed up", wave(30, 260, 2), order=1),
            line("Paid", wave(30, 90, 3), order=2),
        ],
    ),
    "breakdown of 10": (
        trends(),
        [line("Visited", wave(14, 900 / (n + 1), n), breakdown_value=c) for n, c in enumerate(COUNTRIES)],
    ),
    "compared": (
        trends(),
        [
            line("Visited", wave(7, 900, 1), compare_label="current"),
            line("Visited", wave(7, 700, 2), compare_label="previous"),
        ],
    ),
    "hours": (trends(interval="hour"), [line("Visited", wave(48, 90, 1), days=hours(48))]),
    "area": (
        trends("ActionsAreaGraph"),
        [line("Visited", wave(14, 90, n), breakdown_value=c) for n, c in enumerate(COUNTRIES[:4])],
    ),
    "bars": (
        trends("ActionsBar"),
        [line("Visited", wave(14, 900 / (n + 1), n), breakdown_value=c) for n, c in enumerate(COUNTRIES)],
    ),
    "bars side by side": (
        trends("ActionsUnstackedBar"),
        [line("Visited", wave(7, 90, n), breakdown_value=c) for n, c in enumerate(COUNTRIES[:3])],
    ),
    "value bars": (trends("ActionsBarValue"), totals(COUNTRIES)),
    "hostile values": (trends("ActionsBarValue"), totals(HOSTILE)),
    "hostile lines": (
        trends(),
        [line("Visited", wave(7, 90, n), breakdown_value=c) for n, c in enumerate(HOSTILE)],
    ),
    "ring": (trends("ActionsPie"), totals(COUNTRIES)),
    "number": (trends("BoldNumber"), [line("Signed up", [], aggregated_value=12894)]),
    "durations": (
        trends("ActionsLineGraph", aggregationAxisFormat="duration"),
        [line("First response", [float(v * 60) for v in wave(7, 130)], math="avg")],
    ),
    "funnel": (
        of_kind("FunnelsQuery"),
        steps(("Visited", 4000), ("Signed up", 1220), ("Made a project", 801), ("Paid", 64)),
    ),
    "funnel by value": (
        of_kind("FunnelsQuery"),
        [
            steps(("Visited", 4000 // n), ("Signed up", 1220 // n // n), ("Paid", 64), breakdown_value=[c])
            for n, c in enumerate(COUNTRIES[:3], 1)
        ],
    ),
    "times to convert": (
        of_kind("FunnelsQuery", funnelsFilter={"funnelVizType": "time_to_convert"}),
        {"bins": [[k * 3600, 90 // (k + 1)] for k in range(12)], "average_conversion_time": 9000},
    ),
    "retention": (of_kind("RetentionQuery", retentionFilter={"period": "Day"}), cohorts(8)),
    "retention of 12": (of_kind("RetentionQuery", retentionFilter={"period": "Week"}), cohorts(12)),
    "lifecycle": (of_kind("LifecycleQuery"), lifecycle(14)),
    "stickiness": (
        of_kind("StickinessQuery"),
        [
            {
                **line("Visited", [900.0, 420, 300, 180, 120, 90, 80]),
                "labels": [f"{n} day{'s'[: n - 1]}" for n in range(1, 8)],
                "days": list(range(1, 8)),
            }
        ],
    ),
    "empty": (trends(), [line("Signed up", [0.0] * 7)]),
    "nothing": (of_kind("FunnelsQuery"), []),
}
