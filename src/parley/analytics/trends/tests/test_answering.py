"""Trends as clients ask for them."""

from parley.analytics.insights.tests.test_event_tables import QUERIES, capture, open_ticket
from parley.analytics.trends.queries import answers


async def asked(member, **query):
    series = [{"kind": "EventsNode", **query.pop("node")}]
    query = {"kind": "InsightVizNode", "source": {"kind": "TrendsQuery", "series": series, **query}}
    return await member.client.post(QUERIES, json={"query": query, "refresh": "force_blocking"})


async def test_events_are_counted_for_their_project_alone(cast, alice, mallory, project):
    await capture(cast, project, "visit", "visit", plan="free")
    node = {"event": "visit", "math": "dau"}
    answer = (await asked(alice, node=node, breakdownFilter={"breakdown": "plan"})).json()
    assert [(row["breakdown_value"], sum(row["data"]), len(row["days"])) for row in answer["results"]] == [
        ("free", 1, 8)
    ]
    theirs = (await asked(mallory, node=node, trendsFilter={"display": "BoldNumber"})).json()
    assert [row["aggregated_value"] for row in theirs["results"]] == [0]


async def test_events_of_tickets_are_divided_by_what_may_be_charted_only(alice):
    await open_ticket(alice)
    node = {"event": "$conversation_ticket_created"}
    answer = await asked(alice, node=node, breakdownFilter={"breakdown": "channel_source"})
    assert [row["count"] for row in answer.json()["results"]] == [1]
    refused = await asked(alice, node=node, breakdownFilter={"breakdown": "customer_email"})
    assert refused.status_code == 400
    assert refused.json()["attr"] == "query__source__breakdownFilter__breakdown"


async def test_an_answer_that_would_be_too_large_is_refused_before_it_is_written(alice, monkeypatch):
    monkeypatch.setattr(answers, "result_rows", None)  # whoever called it would fail
    monkeypatch.setattr(answers, "MOST_NUMBERS", 8 * 2 * 3 - 1)
    filters = {"compareFilter": {"compare": True}, "trendsFilter": {"formulas": ["A", "A + 1", "A + 2"]}}
    answer = await asked(alice, node={"event": "seen"}, **filters)
    assert (answer.status_code, answer.json()["code"]) == (400, "answer_too_large")
    monkeypatch.setattr(answers, "MOST_COUNTED", 7)
    answer = await asked(alice, node={"event": "seen"})
    assert (answer.status_code, answer.json()["code"]) == (400, "answer_too_large")
