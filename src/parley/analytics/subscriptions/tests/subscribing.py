"""Subscriptions made through the API, for tests."""

from typing import Any

INSIGHTS, DASHBOARDS = "/api/projects/@current/insights/", "/api/projects/@current/dashboards/"
SUBSCRIPTIONS = "/api/projects/@current/subscriptions/"
NINE = "2022-01-01T09:00:00Z"
QUERY = {
    "kind": "InsightVizNode",
    "source": {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "$pageview"}]},
}


async def make_insight(member, **body) -> int:
    answer = await member.client.post(INSIGHTS, json={"name": "Visits", "query": QUERY, **body})
    assert answer.status_code == 201, answer.text
    found: int = answer.json()["id"]
    return found


async def make_dashboard(member, **body) -> int:
    answer = await member.client.post(DASHBOARDS, json={"name": "Support", **body})
    assert answer.status_code == 201, answer.text
    found: int = answer.json()["id"]
    return found


def fields(**changes: Any) -> dict[str, Any]:
    """Return what a daily subscription to be mailed needs beside what it is about."""
    given = {
        "target_type": "email",
        "target_value": "ada@example.com",
        "frequency": "daily",
        "start_date": NINE,
    }
    return {name: value for name, value in {**given, **changes}.items() if value is not ...}


async def subscribe(member, **changes: Any) -> dict[str, Any]:
    """Subscribe somebody to an insight that is made for it, or to what the changes name; return the answer."""
    if not {"insight", "dashboard"} & set(changes):
        changes["insight"] = await make_insight(member)
    answer = await member.client.post(SUBSCRIPTIONS, json=fields(**changes))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def path_of(made: dict[str, Any]) -> str:
    return f"{SUBSCRIPTIONS}{made['id']}/"


async def change(member, made: dict[str, Any], **changes: Any) -> dict[str, Any]:
    answer = await member.client.patch(path_of(made), json=changes)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
