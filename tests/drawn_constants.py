"""Hypothesis takes a twentieth of its values from the program's own constants, and chooses among those that fit.

It looks through all 13,000 for each new set of bounds, which took a fifth of the time of the tests of the OpenAPI document,
whose every field has bounds of its own. Here it takes one after the other until one fits, and looks through all when ten
didn't: what is drawn, and how often, stays as it was.
"""

from typing import Any

from hypothesis.internal.conjecture import providers
from hypothesis.internal.conjecture.choice import choice_permitted

TRIES = 10
_draw_from_all = providers.HypothesisProvider._maybe_draw_constant


def draw_few() -> None:
    """Have Hypothesis draw constants this way."""
    providers.HypothesisProvider._maybe_draw_constant = _draw_constant  # type: ignore[method-assign]


def _draw_constant(self: Any, choice_type: Any, constraints: Any, *, p: float = 0.05) -> Any:
    if self._random.random() > p:
        return None
    pool = self._random.choice([providers.GLOBAL_CONSTANTS, self._local_constants]).set_for_type(choice_type)
    for _ in range(TRIES if pool else 0):
        one = self._random.choice(pool)
        if choice_permitted(one, constraints):
            return one
    return _draw_from_all(self, choice_type, constraints, p=1)
