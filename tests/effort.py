"""How many random examples a test tries: few in each run, many with `make test ARGS=--hypothesis-profile=thorough`."""

import hypothesis

from tests.drawn_constants import draw_few

USUAL, THOROUGH = "usual", "thorough"
TIMES = 5


def register_profiles() -> None:
    """Make both profiles known and load the usual one; pytest's option `--hypothesis-profile` loads the other."""
    draw_few()
    # How fast the machine is must not decide whether a test passes.
    slow = [hypothesis.HealthCheck.too_slow]
    usual = hypothesis.settings(deadline=None, max_examples=40, suppress_health_check=slow)
    hypothesis.settings.register_profile(USUAL, usual)
    hypothesis.settings.register_profile(THOROUGH, usual, max_examples=40 * TIMES)
    hypothesis.settings.load_profile(USUAL)


def is_thorough() -> bool:
    """Say whether this run is to try everything that a test knows."""
    return hypothesis.settings.get_current_profile_name() == THOROUGH


def examples(usual: int) -> int:
    """Return how many examples this run tries where a usual one tries so many."""
    return usual * TIMES if is_thorough() else usual
