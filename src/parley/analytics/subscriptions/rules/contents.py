"""What a subscription is about: one insight, or one dashboard with some of its insights."""

from collections.abc import Sequence
from typing import Any, Literal

from parley.analytics.subscriptions.rules.limits import MOST_SELECTED
from parley.kernel.errors import Invalid

ContentType = Literal["insight", "dashboard"]
SELECTION = "dashboard_export_insights"
BEYOND_NUMBERS = 2**31
NOT_THERE = 'Invalid pk "{}" - object does not exist.'
NOT_OURS = "This {} does not belong to your team."
NEITHER = "Either dashboard or insight is required for an export."


def content_type_of(given: ContentType | None, insight: int | None, dashboard: int | None) -> ContentType:
    """Return what a subscription is about, said or concluded; raises Invalid where the ids don't fit to it."""
    if given is None and insight is None and dashboard is None:
        raise Invalid(NEITHER)
    kind: ContentType = given or ("dashboard" if dashboard is not None else "insight")
    own, other = (insight, dashboard) if kind == "insight" else (dashboard, insight)
    if own is None:
        raise Invalid(f"{kind.title()} is required for {kind} subscriptions.", attr=kind)
    if other is not None:
        unwanted = "dashboard" if kind == "insight" else "insight"
        text = f"{kind.title()} subscriptions cannot also set {unwanted} or prompt."
        raise Invalid(text, attr=unwanted)
    return kind


def checked_selection(given: Any, kind: ContentType) -> list[int] | None:
    """Return the insights that were chosen of a dashboard, each once; None: its first ones. Raises Invalid."""
    if given is None:
        return None
    if not isinstance(given, list):
        raise Invalid("Expected a list of insight IDs.", attr=SELECTION)
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in given):
        raise Invalid("All items must be integers.", attr=SELECTION)
    if kind != "dashboard":
        if not given:
            return None
        raise Invalid("Cannot set insights selection without a dashboard.", attr=SELECTION)
    if not given:
        raise Invalid("Select at least one insight for this subscription.", attr=SELECTION)
    chosen = list(dict.fromkeys(given))
    if len(chosen) > MOST_SELECTED:
        raise Invalid(f"Cannot select more than {MOST_SELECTED} insights.", attr=SELECTION)
    return chosen


def check_chosen(chosen: Sequence[int], of_project: Sequence[int], on_dashboard: Sequence[int]) -> None:
    """Raise Invalid when one of the chosen insights is not the project's, or not on the dashboard."""
    if not set(chosen) <= set(of_project):
        text = "Some insights do not belong to your team or do no longer exist."
        raise Invalid(text, attr=SELECTION)
    n_wrong = len(set(chosen) - set(on_dashboard))
    if n_wrong:
        raise Invalid(f"{n_wrong} invalid insight(s) selected.", attr=SELECTION)
