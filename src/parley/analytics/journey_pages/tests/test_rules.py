"""What a journey asks of its funnel, and how many people are stuck where."""

from parley.analytics.journey_pages.rules import in_steps, steps_of

FUNNEL = {"kind": "FunnelsQuery", "series": [], "breakdownFilter": {"breakdown": "plan"}}


def test_a_funnel_is_asked_for_by_its_steps():
    shown = in_steps(
        {"kind": "InsightVizNode", "source": {**FUNNEL, "funnelsFilter": {"funnelVizType": "trends"}}}
    )
    assert shown["source"] == {
        "kind": "FunnelsQuery",
        "series": [],
        "funnelsFilter": {"funnelVizType": "steps"},
    }
    assert in_steps(FUNNEL)["funnelsFilter"] == {"funnelVizType": "steps"}
    assert in_steps(None) is None


def test_who_took_a_step_and_not_the_next_one_is_stuck():
    steps = steps_of(["a", "b", "c"], [{"count": 5}, {"count": 2}, {"count": 2}])
    assert [(one.reached, one.stuck, one.is_last) for one in steps] == [
        (5, 3, False),
        (2, 0, False),
        (2, None, True),
    ]
    unclear: list[object] = [None, [], {}, [[{"count": 5}]], [{"count": "x"}, {"count": True}]]
    for unknown in unclear:
        assert {(one.reached, one.stuck) for one in steps_of(["a", "b"], unknown)} == {(None, None)}
