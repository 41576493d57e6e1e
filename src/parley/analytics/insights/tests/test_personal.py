"""Counting by what says who somebody is takes `person:read`, whichever way it is asked."""

from parley.analytics.insights.tests.test_event_tables import QUERIES
from parley.analytics.insights.tests.test_insights import INSIGHTS, one, save

DASHBOARDS = "/api/projects/@current/dashboards/"
SCOPES = ["query:read", "insight:write", "dashboard:write"]


def by(property: str):
    asked = {"breakdown": property, "breakdown_type": "person"}
    return {"kind": "TrendsQuery", "series": [{"kind": "EventsNode", "event": "a"}], "breakdownFilter": asked}


async def test_counting_by_what_says_who_somebody_is_takes_its_scope(cast, alice, project):
    asked = {"query": by("email"), "refresh": "blocking"}
    filters = {"properties": [{"key": "email", "value": "a@example.com", "type": "person"}]}
    made = await save(alice, query=by("email"))
    plain = await save(alice, query=by("plan"))
    shown = [(one(made), {"refresh": "blocking"}), (one(plain), {"refresh": "blocking"})]
    assert [(await alice.client.get(url, params=query)).status_code for url, query in shown] == [200, 200]
    narrow = await cast.make_key(alice, SCOPES)
    refused = [
        await narrow.post(QUERIES, json=asked),
        await narrow.get(one(made)),
        await narrow.post(INSIGHTS, json={"query": by("$email")}),
        await narrow.patch(one(plain), json={"query": by("name")}),
        await narrow.post(DASHBOARDS, json={"name": "D", "filters": filters}),
    ]
    assert [answer.status_code for answer in refused] == [403] * 5
    assert "'person:read': the property email says" in refused[0].json()["detail"]
    assert (await narrow.post(QUERIES, json={"query": by("plan")})).status_code == 200
    listed = (await narrow.get(INSIGHTS)).json()["results"]
    assert {found["id"]: found["result"] is None for found in listed} == {
        made["id"]: True,
        plain["id"]: False,
    }
    wide = await cast.make_key(alice, [*SCOPES, "person:read"])
    assert (await wide.post(QUERIES, json=asked)).status_code == 200
