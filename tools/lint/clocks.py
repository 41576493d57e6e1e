"""Time is asked from the injected clock, so that a test can say what time it is."""

from collections.abc import Iterator

from tools.lint.source import Finding, Module, dotted

NAME = "clocks"
HOME = "src/parley/kernel/clock.py"
WALL_CLOCKS = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today")


def check(module: Module) -> Iterator[Finding]:
    """Yield each look at the wall clock outside the kernel's clock."""
    if not module.is_source or module.path == HOME:
        return
    for call in module.calls:
        name = dotted(call.func)
        if name.endswith(WALL_CLOCKS) or name == "time.time":
            yield module.find(call, NAME, f"`{name}()` hides the time from tests; take it from the clock.")
