"""What a funnel breaks although each of its parts is well-formed: which of its steps are meant."""

from parley.analytics.query_schema.kinds import FunnelsFilter, FunnelsQuery
from parley.analytics.query_schema.schemas import EventsNode
from parley.kernel.errors import Invalid


def check_funnel(query: FunnelsQuery, attr: str) -> None:
    """Raise Invalid for the first part that names steps which aren't there, or in the wrong order."""
    wanted, last = query.funnels_filter, len(query.series) - 1
    _check_between(wanted, last, attr)
    step = wanted.breakdown_attribution_value
    if wanted.breakdown_attribution_type == "step" and step is not None and step > last:
        raise Invalid(f"The last step is {last}.", attr=f"{attr}__breakdownAttributionValue")
    if wanted.exclusions and wanted.funnel_order_type == "strict":
        raise Invalid(
            "In a strict funnel, everything between two steps ends the way. Leave this out.",
            attr=f"{attr}__exclusions",
        )
    for n, one in enumerate(wanted.exclusions):
        place = f"{attr}__exclusions__{n}"
        _check_between(one, last, place)
        if wanted.funnel_order_type == "unordered" and (
            (one.funnel_from_step or 0) > 0 or (one.funnel_to_step or last) < last
        ):
            raise Invalid(
                "In any order, an exclusion counts from the first step to the last.",
                attr=f"{place}__funnelFromStep",
            )


def _check_between(part: FunnelsFilter | EventsNode, last: int, attr: str) -> None:
    first = part.funnel_from_step or 0
    until = last if part.funnel_to_step is None else part.funnel_to_step
    if until > last or first >= last:
        name = "funnelToStep" if until > last else "funnelFromStep"
        raise Invalid(f"Steps count from 0 to {last}.", attr=f"{attr}__{name}")
    if first >= until:
        raise Invalid("The first of the steps must come before the last.", attr=f"{attr}__funnelToStep")
